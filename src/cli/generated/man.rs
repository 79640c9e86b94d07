//! `vault man`: man pages from the command line's own description. On a terminal they are shown as man shows them; in a
//! pipe they are printed as roff.

use super::help::described;
use super::{Line, examples};
use crate::cli::process::pager;
use crate::cli::unlocking::context::Context;
use std::fmt::Write as _;
use std::process::ExitCode;
use vault::packed::{CI_PAGE, FORMAT_PAGE, Packed, TEAM_PAGE};
use vault::{Error, Result};

/// The pages that describe no command, by name.
const OTHER_PAGES: [(&str, Packed); 3] = [("format", FORMAT_PAGE), ("team", TEAM_PAGE), ("ci", CI_PAGE)];

/// Shows the page with man on a terminal, or with $PAGER if there is no man. In a pipe it prints the page as man reads
/// it: vault man exec | man -l -
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault man exec" => "Read about a command",
    "vault man format" => "Read what every byte of the file means",
})]
pub struct ManArgs {
    /// A command; or format, team or ci for vault-format(5), vault-team(7), vault-ci(7); else vault(1)
    page: Vec<String>,
}

pub fn man(args: &ManArgs, context: &Context, line: Line) -> Result<ExitCode> {
    let page = find(&args.page, line)?;
    if !(context.ui.is_terminal() && pager::show(&page)) {
        context.ui.bytes(page.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the page with this name.
fn find(words: &[String], line: Line) -> Result<String> {
    let name = words.join("-");
    let name = name.strip_prefix("vault-").unwrap_or(&name);
    if let Some((_, page)) = OTHER_PAGES.iter().find(|(page_name, _)| *page_name == name) {
        return Ok(page.text());
    }
    let mut words = name.split('-').filter(|word| !word.is_empty() && *word != "vault");
    let none = || {
        Error::usage(format!("there is no man page {}", vault::name::quoted(name)))
            .hint("vault man, vault man COMMAND, or vault man format, team or ci")
    };
    let all = described(line);
    let (name, command) = words.try_fold(("vault".to_owned(), &all), |(name, command), word| {
        let found = command.find_subcommand(word).ok_or_else(none)?;
        Ok::<_, Error>((format!("{name}-{}", found.get_name()), found))
    })?;
    page(command, &name)
}

/// Returns the names of all pages except `vault` itself.
pub fn page_names(line: Line) -> Vec<String> {
    let mut names = Vec::new();
    add_names(&line(), "", &mut names);
    names.extend(OTHER_PAGES.iter().map(|(name, _)| (*name).to_owned()));
    names
}

fn add_names(command: &clap::Command, before: &str, names: &mut Vec<String>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let name = format!("{before}{}", sub.get_name());
        names.push(name.clone());
        add_names(sub, &format!("{name}-"), names);
    }
}

/// Returns all pages of section 1 by file name, with `vault.1` first.
#[cfg(test)]
pub fn pages(line: Line) -> Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    add_pages(&described(line), "vault", &mut pages)?;
    Ok(pages)
}

#[cfg(test)]
fn add_pages(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> Result<()> {
    pages.push((format!("{name}.1"), page(command, name)?));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        add_pages(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}

fn page(command: &clap::Command, name: &str) -> Result<String> {
    let cannot = || Error::failed("the man page can't be written");
    let mut page = Vec::new();
    // clap needs names that live as long as the program. There are a few dozen of them, leaked once.
    let named = command
        .clone()
        .after_long_help(None::<&str>)
        .name(String::leak(name.to_owned()) as &'static str)
        .version(env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(named).date("").manual("vault").render(&mut page).map_err(|_| cannot())?;
    let mut page = String::from_utf8(page).map_err(|_| cannot())?;
    let examples = examples::from_help(command);
    if !examples.is_empty() {
        let end = page.find(".SH VERSION").unwrap_or(page.len());
        page.insert_str(end, &section(&examples));
    }
    Ok(page)
}

fn section(examples: &[(String, String)]) -> String {
    let mut section = String::from(".SH EXAMPLES\n");
    for (line, what) in examples {
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
        let _ = writeln!(section, ".TP\n\\fB{line}\\fR\n{what}");
    }
    section
}

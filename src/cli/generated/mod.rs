//! What is generated from the command line's own description: completions, man pages, the JSON Schema.

pub mod candidates;
pub mod completion;
mod install;
mod names;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod schema;

use super::unlocking::context::Context;
use std::process::ExitCode;
use vault::{Error, Result};

/// Gives the whole command line: all commands with their options.
pub type Line = fn() -> clap::Command;

/// vault-format(5): the file, the rights, the log.
const FORMAT_PAGE: &str = include_str!("../../../man/vault-format.5");
/// vault-team(7): several people and machines, from docs/team.md.
const TEAM_PAGE: &str = include_str!("../../../man/vault-team.7");
/// vault-ci(7): CI, containers and services, from docs/ci.md.
const CI_PAGE: &str = include_str!("../../../man/vault-ci.7");
/// The objects of `--json`.
const SCHEMA: &str = include_str!("../../../schema/vault.schema.json");

/// Print the completion script of a shell, or put it where the shell looks
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell; with --install, the one that you use
    #[arg(value_enum, required_unless_present = "install")]
    shell: Option<Shell>,
    /// Install the script for bash, zsh or fish, and say where
    #[arg(long)]
    install: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

/// Print a man page: vault man exec | man -l -
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// A command; or format, team or ci for vault-format(5), vault-team(7), vault-ci(7); else vault(1)
    page: Vec<String>,
}

/// The same as COMMAND --help
#[derive(Debug, clap::Args)]
pub struct HelpArgs {
    /// The command; else all are listed
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

pub fn completions(args: &CompletionsArgs, context: &Context) -> Result<ExitCode> {
    let shell = args.shell.map_or_else(install::shell_in_use, Ok)?;
    let script = completion_script(shell)?;
    match args.install {
        true => install::install(shell, &script, context.ui)?,
        false => context.ui.bytes(&script)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The script calls the program to complete, so it completes environment names, too, and never lags behind.
fn completion_script(shell: Shell) -> Result<Vec<u8>> {
    let name = match shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
        Shell::Powershell => "powershell",
        Shell::Elvish => "elvish",
    };
    let cannot = || Error::failed("the completion script can't be written");
    let adapter = completion::ALL.iter().find(|adapter| adapter.is(name)).ok_or_else(cannot)?;
    let mut script = Vec::new();
    let written = adapter.write_registration(completion::VARIABLE, "vault", "vault", "vault", &mut script);
    written.map_err(|_| cannot())?;
    Ok(script)
}

/// The pages that are no command's, by their names.
const OTHER_PAGES: [(&str, &str); 3] = [("format", FORMAT_PAGE), ("team", TEAM_PAGE), ("ci", CI_PAGE)];

pub fn man(args: &ManArgs, context: &Context, line: Line) -> Result<ExitCode> {
    let name = args.page.join("-");
    let name = name.strip_prefix("vault-").unwrap_or(&name);
    if let Some((_, page)) = OTHER_PAGES.iter().find(|(of, _)| *of == name) {
        context.ui.bytes(page.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut words = name.split('-').filter(|word| !word.is_empty() && *word != "vault");
    let none = || {
        Error::usage("there is no such man page").hint("vault man, vault man COMMAND, or vault man format, team or ci")
    };
    let all = described(line);
    let (name, command) = words.try_fold(("vault".to_owned(), &all), |(name, command), word| {
        let found = command.find_subcommand(word).ok_or_else(none)?;
        Ok::<_, Error>((format!("{name}-{}", found.get_name()), found))
    })?;
    context.ui.bytes(&page(command, &name)?)?;
    Ok(ExitCode::SUCCESS)
}

/// What `vault man` knows, `vault` itself left out.
pub fn page_names(line: Line) -> Vec<String> {
    let names = man_pages(line).unwrap_or_default().into_iter().skip(1);
    let names = names.filter_map(|(file, _)| Some(file.strip_prefix("vault-")?.strip_suffix(".1")?.to_owned()));
    names.chain(OTHER_PAGES.iter().map(|(name, _)| (*name).to_owned())).collect()
}

pub fn help(args: &HelpArgs, context: &Context, line: Line) -> Result<ExitCode> {
    let mut all = described(line);
    let mut command = &mut all;
    for word in &args.words {
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            Error::usage(format!("there is no command {}", vault::name::quoted(word))).hint("vault help lists them")
        })?;
    }
    context.ui.bytes(command.render_long_help().to_string().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The whole command line, each command with the line that lists it and, behind that, what its own help says.
pub fn described(line: Line) -> clap::Command {
    let listed = line();
    let mut all = line();
    all.build();
    for (name, line) in listed.get_subcommands().filter_map(|sub| Some((sub.get_name(), sub.get_about()?))) {
        all = all.mut_subcommand(name, |command| {
            let text = command.get_long_about().or(command.get_about()).map(ToString::to_string);
            let text = text.filter(|text| *text != line.to_string());
            match text {
                Some(text) => command.about(line.clone()).long_about(format!("{line}\n\n{text}")),
                None => command,
            }
        });
    }
    all
}

/// All pages of section 1 by file name, `vault.1` first.
fn man_pages(line: Line) -> Result<Vec<(String, Vec<u8>)>> {
    let mut pages = Vec::new();
    add_pages(&described(line), "vault", &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    pages.push((format!("{name}.1"), page(command, name)?));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        add_pages(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}

fn page(command: &clap::Command, name: &str) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    // clap wants names that live as long as the program; there are some dozens of them, once.
    let named = command.clone().name(String::leak(name.to_owned()) as &'static str).version(env!("CARGO_PKG_VERSION"));
    let rendered = clap_mangen::Man::new(named).date("").manual("vault").render(&mut page);
    rendered.map_err(|_| Error::failed("the man page can't be written"))?;
    Ok(page)
}

pub fn schema(context: &Context) -> Result<ExitCode> {
    context.ui.bytes(SCHEMA.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;
    use std::path::Path;

    /// Compares a committed file with what the code generates now; with VAULT_BLESS set it is written instead.
    #[allow(clippy::disallowed_methods, reason = "a test's own variable")]
    fn compare(path: &str, generated: &[u8]) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("VAULT_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, generated).unwrap();
        }
        let committed = std::fs::read(&path).unwrap_or_default();
        assert!(
            committed == generated,
            "{} is out of date: VAULT_BLESS=1 cargo test --bin vault generated",
            path.display()
        );
    }

    #[test]
    fn committed_completions_are_what_the_code_generates() {
        let names = [
            (Shell::Bash, "vault.bash"),
            (Shell::Zsh, "_vault"),
            (Shell::Fish, "vault.fish"),
            (Shell::Powershell, "vault.ps1"),
            (Shell::Elvish, "vault.elv"),
        ];
        for (shell, name) in names {
            compare(&format!("completions/{name}"), &completion_script(shell).unwrap());
        }
    }

    #[test]
    fn committed_man_pages_are_what_the_code_generates() {
        for (name, page) in man_pages(args::command).unwrap() {
            compare(&format!("man/{name}"), &page);
        }
    }

    #[test]
    fn a_man_page_has_every_paragraph_of_the_help() {
        let all = described(args::command);
        let list = all.find_subcommand("list").unwrap().get_long_about().unwrap().to_string();
        let paragraphs: Vec<&str> = list.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 3, "{list}");
        assert!(paragraphs[2].starts_with("Words, --kind"), "{list}");
    }

    #[test]
    fn committed_pages_are_those_of_the_docs() {
        let pages = [
            ("vault-team", "several people and machines with one vault", include_str!("../../../docs/team.md")),
            ("vault-ci", "a vault in CI, containers and services", include_str!("../../../docs/ci.md")),
        ];
        for (name, summary, markdown) in pages {
            compare(&format!("man/{name}.7"), pages::man_page(name, summary, markdown).as_bytes());
        }
    }

    #[test]
    fn the_committed_schema_is_what_the_code_generates() {
        let mut text = serde_json::to_string_pretty(&schema::whole()).unwrap();
        text.push('\n');
        compare("schema/vault.schema.json", text.as_bytes());
    }

    /// Every other one has a page, and by that a row in the test of what is logged.
    #[test]
    fn hidden_commands_are_in_the_test_of_what_is_logged() {
        fn add_hidden(command: &clap::Command, words: &str, names: &mut Vec<String>) {
            for sub in command.get_subcommands() {
                let name = format!("{words}{}", sub.get_name());
                add_hidden(sub, &format!("{name}-"), names);
                names.extend(sub.is_hide_set().then_some(name));
            }
        }
        let mut names = Vec::new();
        add_hidden(&described(args::command), "", &mut names);
        let list = format!("const HIDDEN: [&str; {}] = {names:?};", names.len());
        let test = include_str!("../../../tests/commands/logged.rs");
        assert!(test.contains(&list), "tests/commands/logged.rs has to have this line, and a row for each:\n{list}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        args::command().debug_assert();
    }
}

//! Everything that is generated from the command line's own description: completions, man pages, and the JSON Schema.

pub mod candidates;
pub mod completion;
mod examples;
mod help;
pub mod install;
mod line;
mod man;
mod names;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod reference;
mod shell;
mod typed;

pub(crate) use examples::examples;
pub use help::{HelpArgs, described, help};
pub use line::Line;
pub use man::{ManArgs, man};

use super::unlocking::context::Context;
use shell::Shell;
use std::process::ExitCode;
use vault::packed::SCHEMA;
use vault::{Error, Result};

/// Print the completion script of a shell, or put it where the shell looks
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault completions --install" => "Put the script where your shell looks",
    "vault completions zsh" => "Print the script for zsh",
})]
pub struct CompletionsArgs {
    /// The shell; with --install, the one that you use
    #[arg(value_enum, required_unless_present = "install")]
    shell: Option<Shell>,
    /// Install the script for bash, zsh or fish, and say where
    #[arg(long)]
    install: bool,
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

/// Returns the script for a shell. It calls the program to complete, so it knows environments and is never out of date.
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

pub fn schema(context: &Context) -> Result<ExitCode> {
    context.ui.bytes(SCHEMA.text().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;
    use std::path::Path;

    /// Compares a committed file with what the code generates now. With VAULT_BLESS set, writes the file instead.
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
    fn the_committed_completions_are_up_to_date() {
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
    fn the_committed_man_pages_are_up_to_date() {
        for (name, page) in man::pages(args::command).unwrap() {
            compare(&format!("man/{name}"), page.as_bytes());
        }
    }

    #[test]
    fn the_table_of_commands_in_the_docs_is_up_to_date() {
        let page = include_str!("../../../docs/commands.md");
        let (before, rest) = page.split_once(reference::HEAD).unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        let rows = reference::rows(&described(args::command));
        compare("docs/commands.md", format!("{before}{}{rows}\n{after}", reference::HEAD).as_bytes());
    }

    #[test]
    fn a_man_page_has_every_paragraph_of_the_help() {
        let all = described(args::command);
        let list = all.find_subcommand("list").unwrap().get_long_about().unwrap().to_string();
        let paragraphs: Vec<&str> = list.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 3, "{list}");
        assert!(paragraphs[2].starts_with("With a pattern, --kind"), "{list}");
    }

    #[test]
    fn the_committed_man_pages_include_those_of_the_docs() {
        let pages = [
            ("vault-team", "several people and machines with one vault", include_str!("../../../docs/team.md")),
            ("vault-ci", "a vault in CI, containers and services", include_str!("../../../docs/ci.md")),
        ];
        for (name, summary, markdown) in pages {
            compare(&format!("man/{name}.7"), pages::man_page(name, summary, markdown).as_bytes());
        }
    }

    /// Every other command has a page, and therefore a row in the test of what is logged.
    #[test]
    fn hidden_commands_are_listed_in_the_test_of_logging() {
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
        let test = include_str!("../../../tests/commands/logged/rows.rs");
        assert!(test.contains(&list), "tests/commands/logged/rows.rs must have this line, and a row for each:\n{list}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        args::command().debug_assert();
    }
}

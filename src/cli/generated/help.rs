//! The help of a command: its line in the list, its description, and examples.

use super::{Line, examples};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::{Error, Result};

/// The same as COMMAND --help
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault help" => "List all commands",
    "vault help env add" => "Print the help of a command",
})]
pub struct HelpArgs {
    /// The command (default: list all commands)
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

pub fn help(args: &HelpArgs, context: &Context, line: Line) -> Result<ExitCode> {
    let mut all = described(line);
    let mut command = &mut all;
    for word in &args.words {
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            Error::usage(format!("there is no command {}", vault::name::quoted(word))).hint("vault help lists them")
        })?;
    }
    let text = command.render_long_help();
    let text = if context.ui.colors_output() { text.ansi().to_string() } else { text.to_string() };
    context.ui.bytes(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the whole command line. The help of each command begins with its line in the list, and its description
/// follows.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;
    use std::ffi::OsString;
    use vault::agent::Limits;
    use vault::generate::Material;
    use vault::item::ANNOUNCED;
    use vault::name::EnvironmentName;
    use vault::vault::{CONFIRMATION_HOLDS, WorkFactor};
    use vault::words::{exactly, typed, within};
    use vault_quick::search::{IN_FILES, IN_OUTPUT};

    /// Calls `look` for each command with its words, except for hidden commands.
    fn walk(command: &clap::Command, words: &str, look: &mut dyn FnMut(&str, &clap::Command)) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let words = format!("{words} {}", sub.get_name());
            look(words.trim_start(), sub);
            walk(sub, &words, look);
        }
    }

    /// Splits a line into words as a shell does, without redirections.
    fn words_of(line: &str) -> Vec<OsString> {
        let mut words = vec![String::new()];
        let mut is_quoted = false;
        for c in line.chars() {
            match c {
                '\'' => is_quoted = !is_quoted,
                ' ' if !is_quoted => words.push(String::new()),
                _ => words.last_mut().unwrap().push(c),
            }
        }
        let end = words.iter().position(|word| word.contains(['<', '>'])).unwrap_or(words.len());
        words[..end].iter().map(OsString::from).collect()
    }

    #[test]
    fn help_starts_with_one_line_and_ends_with_two_examples() {
        let mut count = 0;
        walk(&described(args::command), "", &mut |words, command| {
            count += 1;
            let line = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(
                !line.is_empty() && !line.contains('\n') && line.len() <= 100 && !line.ends_with('.'),
                "{words}: {line}"
            );
            assert!(line.starts_with(|c: char| c.is_uppercase()), "{words}: {line}");
            let long = command.clone().render_long_help().to_string();
            assert!(long.starts_with(&line) || long.replace('\n', " ").starts_with(&line), "{words}: {long}");
            assert!(long.contains("Global options:\n  -e, --env <NAME>"), "{words}: {long}");
            let (_, examples) = long.rsplit_once("Examples:\n").unwrap_or_else(|| panic!("{words} has no examples"));
            assert_eq!(
                examples.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count(),
                2,
                "{words}"
            );
            let short = command.clone().render_help().to_string();
            assert!(!short.contains("Examples:"), "{words}: {short}");
        });
        assert!(count > 60, "{count}");
    }

    /// Help is fixed text, so the limits in it are compared with those that hold.
    #[test]
    fn the_help_has_the_limits_that_hold() {
        let (total, idle) = (exactly(Limits::USUAL.total), exactly(Limits::USUAL.idle));
        let ahead = format!("such as 14d (default {})", typed(ANNOUNCED));
        let lengths = [(Material::default(), 32), (Material::Words, 8), (Material::Hex, 32), (Material::Base64, 32)];
        for (material, length) in lengths {
            assert_eq!(material.recipe(None).unwrap(), material.recipe(Some(length)).unwrap());
        }
        let [(_, characters), (_, words), (_, bytes), _] = lengths;
        let lengths = format!("(default {characters} characters, {words} words or {bytes} bytes)");
        let mut said = vec![
            ("init", format!("named with -e, or {}", EnvironmentName::usual())),
            ("list", format!("else {})", EnvironmentName::usual())),
            ("init", format!("{} to {}; each step", WorkFactor::LOWEST, WorkFactor::HIGHEST)),
            ("unlock", format!("for {total} or until it is unused for {idle},")),
            ("unlock", format!("for an hour, or until it is unused for {idle} ")),
            ("unlock", format!("(default {total})")),
            ("unlock", format!("(default {idle}, unless")),
            ("env protect", format!("once every {} on", exactly(CONFIRMATION_HOLDS))),
            ("list", format!("now or {}", within(ANNOUNCED))),
            ("status", ahead.clone()),
            ("check", ahead.clone()),
            ("exec", ahead),
            ("exec", format!("values under {} bytes", IN_OUTPUT.value)),
            ("scan", format!("values of fewer than {} bytes", IN_FILES.value)),
        ];
        said.extend(["generate", "set", "rotate"].map(|command| (command, lengths.clone())));
        walk(&described(args::command), "", &mut |words, command| {
            let help = command.clone().render_long_help().to_string();
            let help = help.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            said.retain(|(command, said)| *command != words || !help.contains(said.as_str()));
        });
        assert!(said.is_empty(), "the help does not say: {said:?}");
    }

    #[test]
    fn the_command_line_accepts_every_example() {
        walk(&described(args::command), "", &mut |words, command| {
            let mut is_own = false;
            for (line, what) in examples::from_help(command) {
                assert!(!what.is_empty() && !what.ends_with('.') && line.len() <= 80, "{line}: {what}");
                for part in line.split(" | ").filter(|part| part.starts_with("vault ")) {
                    let arguments = words_of(part);
                    if let Err(refusal) = args::parse(&arguments) {
                        match *refusal {
                            args::Refusal::Wrong(error) => panic!("{part}: {error}"),
                            args::Refusal::Shown(_) => panic!("{part} shows help"),
                        }
                    }
                    is_own |= part.starts_with(&format!("vault {words}"));
                }
            }
            assert!(is_own, "{words} is in none of its examples");
        });
    }
}

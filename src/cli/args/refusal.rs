//! Explains why a command line was not understood.

use super::habits;
use crate::cli::showing::remedies::hint_of;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use vault::Error;

/// Turns clap's error into one of vault's, in a single line. Only options are repeated, because other arguments may be
/// values.
pub fn explain(error: &clap::Error) -> Error {
    let context = |kind| error.get(kind).map(words);
    let flag = context(ContextKind::InvalidArg)
        .map(|argument| argument.split(['=', ' ', '[']).next().unwrap_or_default().to_owned());
    let suggestion = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(context)
        .and_then(|words| {
            let typed = flag.clone().or(context(ContextKind::InvalidSubcommand))?;
            vault::name::closest(&typed, words.split(", ")).map(str::to_owned)
        });
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            return unknown_command(&word, context(ContextKind::Usage).as_deref(), suggestion);
        }
        ErrorKind::UnknownArgument => match flag.filter(|flag| flag.starts_with('-')) {
            Some(flag) => return unknown_option(&flag, context(ContextKind::Usage).as_deref(), suggestion),
            None => "too many arguments".to_owned(),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => return invalid_value(error),
        ErrorKind::MissingRequiredArgument => {
            format!("{} is missing", bare(context(ContextKind::InvalidArg)))
        }
        ErrorKind::ArgumentConflict => return conflict(flag, context(ContextKind::PriorArg)),
        ErrorKind::TooManyValues => format!("{} takes no value", bare(context(ContextKind::InvalidArg))),
        kind => kind.as_str().unwrap_or("the command line is wrong").to_owned(),
    };
    let suggestion = suggestion.map(|word| format!("did you mean {word}?"));
    if context(ContextKind::SuggestedArg).is_some() {
        // clap's usage shows the option that it suggests, even if that is very different.
        return hinted(Error::usage(message), suggestion);
    }
    let usage = error.get(ContextKind::Usage).map(words).map(|usage| usage.trim().replace("Usage: ", "usage: "));
    hinted(Error::usage(message), suggestion.or(usage))
}

fn invalid_value(error: &clap::Error) -> Error {
    let context = |kind| error.get(kind).map(words);
    let source = std::error::Error::source(error);
    let argument = bare(context(ContextKind::InvalidArg));
    let message = match source {
        _ if context(ContextKind::InvalidValue).is_some_and(|value| value.is_empty()) => {
            format!("{argument} has no value")
        }
        None => format!("invalid value for {argument}"),
        Some(source) if source.is::<std::num::ParseIntError>() => {
            format!("invalid value for {argument}: expected a whole number")
        }
        Some(source) => format!("invalid value for {argument}: {source}"),
    };
    let valid = context(ContextKind::ValidValue).filter(|valid| !valid.is_empty());
    let own_hint = source.and_then(|source| source.downcast_ref::<Error>()).and_then(hint_of);
    hinted(Error::usage(message), valid.map(|valid| format!("use one of: {valid}")).or(own_hint))
}

fn conflict(flag: Option<String>, prior: Option<String>) -> Error {
    match (flag, prior) {
        (Some(flag), Some(prior)) if prior.split(['=', ' ', '[']).next() == Some(&*flag) => {
            Error::usage(format!("{flag} is given twice")).hint("give it once")
        }
        // clap's usage contains both of them.
        (Some(flag), Some(prior)) => {
            Error::usage(format!("{flag} can't be used with {}", bare(Some(prior)))).hint("leave out one of them")
        }
        _ => Error::usage("-e is given before and after the command")
            .hint("give it once: vault -e NAME COMMAND, or vault COMMAND -e NAME"),
    }
}

/// Returns an argument's plain name: `NAME` for `<NAME>...`.
fn bare(argument: Option<String>) -> String {
    argument.unwrap_or_default().replace(['<', '>', '[', ']'], "").replace("...", "")
}

fn hinted(error: Error, hint: Option<String>) -> Error {
    match hint.and_then(|hint| hint.lines().next().map(str::to_owned)) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Returns the error for an option that the command doesn't have. If an unknown option is spelled a little like a known
/// one, clap's usage shows the known one as if it were required. Such a usage is no hint.
fn unknown_option(flag: &str, usage: Option<&str>, suggestion: Option<String>) -> Error {
    let usage = usage.and_then(|usage| usage.trim().strip_prefix("Usage: ")).unwrap_or("vault");
    let words = || usage.split(' ');
    let hint = if let Some(word) = suggestion {
        format!("did you mean {word}?")
    } else if words().any(|word| word.starts_with("--")) {
        let command: Vec<_> = words().take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
        format!("{} --help lists the options", command.join(" "))
    } else {
        format!("usage: {usage}")
    };
    Error::usage(format!("unknown option {flag}")).hint(hint)
}

/// Returns the error for an unknown command. Words known from other tools come first, then commands that are spelled
/// alike. The beginning of a command's name counts as that command. `usage` shows which command the word follows.
fn unknown_command(word: &str, usage: Option<&str>, suggestion: Option<String>) -> Error {
    let group = usage.and_then(|usage| usage.trim().strip_prefix("Usage: vault ")?.split(' ').next());
    let group = group.filter(|word| !word.starts_with(['[', '<']));
    let (typed, help) = match group {
        Some(group) => (format!("{group} {word}"), format!("vault {group} --help lists them")),
        None => (word.to_owned(), "vault --help lists them".to_owned()),
    };
    let error = Error::usage(format!("there is no command {}", vault::name::quoted(&typed)));
    if let Some(hint) = habits::instead(group, word) {
        return error.hint(hint);
    }
    error.hint(suggestion.map_or(help, |word| format!("did you mean {word}?")))
}

#[cfg(test)]
mod tests {
    use crate::cli::args::{self, Cli, Refusal};
    use crate::cli::commands::Command;
    use std::ffi::OsString;

    fn read(line: &str) -> Result<Cli, Box<Refusal>> {
        let words: Vec<OsString> = std::iter::once("vault").chain(line.split(' ')).map(OsString::from).collect();
        args::parse(&words)
    }

    fn hint(line: &str) -> String {
        match read(line).err().map(|refusal| *refusal) {
            Some(Refusal::Wrong(error)) => super::hint_of(&error).unwrap_or_default(),
            _ => panic!("{line} is taken"),
        }
    }

    #[test]
    fn common_words_are_commands_or_lead_to_one() {
        for (line, command) in [
            ("create", "vault init"),
            ("rekey", "vault passwd"),
            ("cat NAME", "vault get NAME"),
            ("show NAME", "vault get NAME"),
            ("add NAME", "vault set NAME"),
            ("whoami", "vault status"),
            ("update NAME", "vault edit NAME"),
            ("gen 10", "vault generate"),
            ("open", "vault unlock"),
            ("copy NAME", "--clip"),
            ("push", "vault git setup"),
            ("version", "vault --version"),
            ("env use prod", "-e ENV"),
            ("env show prod", "vault list ENV"),
            ("user invite mia", "vault user add"),
            ("log tail", "vault log --follow"),
            ("git install", "vault git setup"),
        ] {
            assert!(hint(line).contains(command), "{line}: {}", hint(line));
        }
        let lines = "remove A|search A|secrets|ls|rotate A|logout|env create a|env new a|env remove a|env delete a|user create a|\
                     user remove a|user delete a|log ls|log list";
        for line in lines.split('|') {
            assert!(read(line).is_ok(), "{line}");
        }
        let command = |line| read(line).ok().and_then(|cli| cli.command);
        assert!(matches!(command("remove A"), Some(Command::Rm(_))));
        assert!(matches!(command("search A"), Some(Command::List(_))));
        assert!(matches!(command("logout"), Some(Command::Lock(_))));
        assert!(read("import -f json FILE").is_ok() && read("export -f zsh").is_ok() && read("export -f env").is_ok());
    }

    #[test]
    fn a_hint_says_what_to_type_and_does_not_contradict_the_error() {
        assert_eq!(hint("get A --clip 30s"), "write the value right after the option: --clip=TIME");
        assert_eq!(hint("get --clip 30s A"), "write the value right after the option: --clip=TIME");
        assert_eq!(hint("import --flatten __ x"), "write the value right after the option: --flatten=SEPARATOR");
        assert_eq!(hint("rotate --generate 32 A"), "write the value right after the option: --generate=LENGTH");
        assert_eq!(hint("get --clip=30 A"), "for example 30s or 30m");
        assert_eq!(hint("unlock --for 8"), "for example 8h, 8m or 8s");
        assert_eq!(hint("list --due --within 14"), "for example 14d, 14h or 14m");
        assert_eq!(hint("exec -c true -- a b"), "leave out one of them");
        assert_eq!(hint("get A --version x"), "vault get --help shows how to use it");
        assert_eq!(hint("user add mia --request"), "vault user add --help lists the options");
        assert_eq!(hint("env add a --private=x"), "usage: vault env add --private <NAME>");
    }

    #[test]
    fn only_similar_words_are_suggested() {
        assert_eq!(hint("exprot"), "did you mean export?");
        assert_eq!(hint("list --jsno"), "did you mean --json?");
        assert_eq!(hint("frobnicate"), "vault --help lists them");
        assert!(!hint("expel").contains("did you mean"), "{}", hint("expel"));
        // These resemble --env, --except and --no-extra, but the hint must not name those.
        assert_eq!(hint("import x --never"), "vault import --help lists the options");
        assert_eq!(hint("env copy dev --x"), "vault env copy --help lists the options");
        assert!(
            hint("grant mia --write prod").ends_with("<NAME> <ENV[:RIGHT]>..."),
            "{}",
            hint("grant mia --write prod")
        );
    }
}

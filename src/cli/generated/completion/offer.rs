//! Chooses the candidates for a word. The list is kept short: options are only offered after a `-`, if there is
//! anything else.

use super::quoting::unquoted;
use clap::{Arg, Command};
use clap_complete::CompletionCandidate;
use std::ffi::{OsStr, OsString};
use std::io::{Error, Write};
use std::path::Path;
use vault::ordered::InOrder as _;

/// Returns the candidates for the word at the cursor. If the word is an argument of the command that `exec` runs, this
/// first writes the index of that command, and all candidates are files.
pub fn offered(
    command: &mut Command,
    words: &[OsString],
    cursor: usize,
    directory: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Vec<CompletionCandidate>, Error> {
    let mut words: Vec<OsString> = words.iter().map(unquoted).collect();
    // zsh leaves out an empty last word.
    if words.len() == cursor {
        words.push(OsString::new());
    }
    command.build();
    if let Some(first) = command_at(command, &words, cursor) {
        writeln!(out, "\t{first}")?;
    }
    let (words, cursor) = with_values_joined(words, cursor);
    let is_begun = words.get(cursor).is_some_and(|word| !word.is_empty());
    let mut all = clap_complete::engine::complete(command, words, cursor, directory)?;
    if !is_begun {
        hide_options(&mut all);
    }
    // Shells keep this order: a command's own options come first.
    all.order_by_key(is_global);
    Ok(all)
}

/// Joins options with their values, because bash splits a word around `=`. The word at the cursor stays separate and is
/// completed by itself. Returns the words and the new index of the cursor.
fn with_values_joined(words: Vec<OsString>, cursor: usize) -> (Vec<OsString>, usize) {
    let mut joined: Vec<OsString> = Vec::new();
    let mut at = cursor;
    let mut is_value = false;
    for (index, word) in words.into_iter().enumerate() {
        let is_behind_option = joined.last().is_some_and(|last| last.as_encoded_bytes().starts_with(b"--"));
        if word == "=" && is_behind_option && index != cursor {
            is_value = true;
            continue;
        }
        match joined.last_mut() {
            Some(option) if is_value && index != cursor => {
                option.push("=");
                option.push(word);
            }
            _ => joined.push(word),
        }
        is_value = false;
        if index == cursor {
            at = joined.len() - 1;
        }
    }
    (joined, at)
}

/// Returns whether the candidate is an option that every command has.
fn is_global(candidate: &CompletionCandidate) -> bool {
    candidate.get_tag().is_some_and(|tag| tag.to_string() == "Global options")
}

/// Removes all options if there are other candidates. Otherwise it removes the options that every command has.
fn hide_options(all: &mut Vec<CompletionCandidate>) {
    let is_option = |candidate: &CompletionCandidate| candidate.get_id().is_some_and(|id| id.starts_with("arg::"));
    if all.iter().any(|candidate| !is_option(candidate)) {
        all.retain(|candidate| !is_option(candidate));
    } else {
        all.retain(|candidate| !is_global(candidate));
    }
}

/// Returns the index of the command whose argument is at the cursor.
fn command_at(all: &Command, words: &[OsString], cursor: usize) -> Option<usize> {
    let mut current = all;
    let mut at = 1;
    while at < cursor {
        let word = words.get(at)?.to_str()?;
        let takes_command = current.get_positionals().any(Arg::is_trailing_var_arg_set);
        if word == "--" && takes_command {
            return (at + 1 < cursor).then_some(at + 1);
        }
        if word.starts_with('-') && word.len() > 1 {
            at += 1 + following(current, word, words.get(at + 1).map(OsString::as_os_str));
            continue;
        }
        if takes_command {
            return Some(at);
        }
        current = current.find_subcommand(word)?;
        at += 1;
    }
    None
}

/// Returns how many of the words after an option are its value. bash passes `=` as a word.
fn following(command: &Command, option: &str, next: Option<&OsStr>) -> usize {
    if option.contains('=') {
        return 0;
    }
    if next.is_some_and(|next| next == "=") {
        return 2;
    }
    let takes_value = |arg: Option<&Arg>| {
        let counts = arg.and_then(Arg::get_num_args);
        counts.is_some_and(|counts| counts.min_values() > 0)
    };
    let find = |fits: &dyn Fn(&&Arg) -> bool| command.get_arguments().find(fits);
    if let Some(long) = option.strip_prefix("--") {
        return usize::from(takes_value(find(&|arg| arg.get_long() == Some(long))));
    }
    // The first letter that takes a value takes the rest of the word as the value.
    let mut letters = option.chars().skip(1).peekable();
    while let Some(letter) = letters.next() {
        if takes_value(find(&|arg| arg.get_short() == Some(letter))) {
            return usize::from(letters.peek().is_none());
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;

    fn at(line: &str) -> Option<usize> {
        let mut command = args::command();
        command.build();
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        command_at(&command, &words, words.len() - 1)
    }

    #[test]
    fn words_that_bash_splits_at_an_equals_sign_are_joined_again() {
        let joined = |line: &str, cursor| {
            let (words, at) = with_values_joined(line.split(' ').map(OsString::from).collect(), cursor);
            let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            format!("{} @{at}", words.join(" "))
        };
        assert_eq!(joined("vault get --env = prod T", 5), "vault get --env=prod T @3");
        assert_eq!(joined("vault get --env = pr", 4), "vault get --env pr @3");
        assert_eq!(joined("vault --env = a --user = b get T", 8), "vault --env=a --user=b get T @4");
        assert_eq!(joined("vault set A = b", 4), "vault set A = b @4");
        assert_eq!(joined("vault get --env =", 3), "vault get --env = @3");
    }

    #[test]
    fn the_command_of_exec_is_found_after_all_options() {
        for (line, first) in [
            ("vault exec -- git che", Some(3)),
            ("vault exec git che", Some(2)),
            ("vault exec git -C x che", Some(2)),
            ("vault -e dev exec -- git ", Some(5)),
            ("vault --vault f -q run -e dev --only A,B --mask git ", Some(10)),
            ("vault x -qe dev git ", Some(4)),
            ("vault x -edev git ", Some(3)),
            ("vault exec --only = A --watch = hup -- git ", Some(9)),
            ("vault exec --watch git ", Some(3)),
            ("vault exec --watch=hup git ", Some(3)),
            // Here, the cursor is at the command itself, at an option, or elsewhere.
            ("vault exec -- gi", None),
            ("vault exec gi", None),
            ("vault exec --only ", None),
            ("vault exec --only A", None),
            ("vault exec -", None),
            ("vault get A ", None),
            ("vault nothing -- git che", None),
            ("vault ", None),
        ] {
            assert_eq!(at(line), first, "{line}");
        }
    }
}

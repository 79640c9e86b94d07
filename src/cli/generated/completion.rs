//! Answers the shells' completion requests. The words come in as they were typed, and the answers can be inserted as
//! they are.
//!
//! Anybody may choose the name of a file. bash and PowerShell insert an answer verbatim, so it is quoted here. zsh,
//! fish and elvish quote it themselves. bash, zsh and fish pass on a word with the quotes that were typed.

mod offer;
mod scripts;

use super::{Line, candidates};
use clap_complete::CompletionCandidate;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use std::ffi::{OsStr, OsString};
use std::io::{Error, Write};
use std::path::Path;
use std::sync::OnceLock;
use vault::settings::Variable;

/// The variable with which a completion script calls vault.
pub const VARIABLE: &str = Variable::Complete.name();

/// The shells, with vault's own adapters around clap's.
pub const ALL: [&dyn EnvCompleter; 5] = [&BASH, &ZSH, &FISH, &QuotedPowershell, &Elvish];

/// Answers a completion script, if one has called this program. After the answer the program ends.
///
/// # Errors
/// If the variable names no known shell. The message doesn't repeat the variable's value, which may be anything.
pub fn answer(line: Line) -> vault::Result<()> {
    let Some(shell) = Variable::Complete.filled() else { return Ok(()) };
    let name = Path::new(&shell).file_stem().and_then(OsStr::to_str).unwrap_or_default();
    if !ALL.iter().any(|known| known.is(name)) {
        let names: Vec<_> = ALL.iter().map(|known| known.name()).collect();
        return Err(vault::Error::usage(format!("{VARIABLE} does not name a known shell")).hint(format!(
            "it is for completion scripts; use one of {}; vault completions SHELL prints a script",
            names.join(", ")
        )));
    }
    let raw = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let words = match shell.to_str() {
        Some("bash" | "zsh" | "fish") => raw.map(|word| unquoted(&word)).collect(),
        _ => raw.collect(),
    };
    let _ = LINE.set(words);
    clap_complete::CompleteEnv::with_factory(|| candidates::command(line))
        .var(VARIABLE)
        .shells(Shells(&ALL))
        .complete();
    Ok(())
}

static LINE: OnceLock<Vec<OsString>> = OnceLock::new();

/// Returns the words of the line to complete, without the quotes that were typed.
pub fn line() -> &'static [OsString] {
    LINE.get().map(Vec::as_slice).unwrap_or_default()
}

/// Returns the words of vault's own command line, without a command after `--`.
pub fn own_words() -> impl Iterator<Item = &'static OsString> {
    line().iter().take_while(|word| *word != "--")
}

/// Returns the values that the line gives to an option, in order. bash passes `=` as a word.
pub fn values_of(names: &[&str]) -> Vec<OsString> {
    let mut values = Vec::new();
    let mut words = own_words().filter(|word| *word != "=");
    while let Some(word) = words.next() {
        if names.iter().any(|name| *word == **name) {
            values.extend(words.next().cloned());
        } else if let Some((name, value)) = word.to_str().and_then(|word| word.split_once('='))
            && names.contains(&name)
        {
            values.push(value.into());
        }
    }
    values
}

/// Returns the word to complete, as far as it was typed.
pub fn current() -> String {
    let index = Variable::CompletedWord.text().and_then(|index| index.parse().ok());
    let index: usize = index.unwrap_or(line().len().saturating_sub(1));
    line().get(index).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A shell with vault's own script, which reads one candidate per line.
struct OwnScript {
    shell: &'static (dyn EnvCompleter + Sync),
    script: &'static str,
    /// Returns the index of the word to complete.
    at: fn(&[OsString]) -> usize,
    /// Returns a candidate as the shell reads it, given what was typed of the word.
    line: fn(&CompletionCandidate, &str) -> String,
}

/// bash inserts a candidate verbatim, so it is quoted like the typed word, or with backslashes.
const BASH: OwnScript = OwnScript {
    shell: &Bash,
    script: scripts::BASH,
    at: |_| cursor(),
    line: |candidate, typed| quoted(&candidate.get_value().to_string_lossy(), typed),
};

/// zsh quotes what it inserts. A colon ends the candidate.
const ZSH: OwnScript = OwnScript {
    shell: &Zsh,
    script: scripts::ZSH,
    at: |_| cursor(),
    line: |candidate, _| {
        let value = candidate.get_value().to_string_lossy().replace('\\', r"\\").replace(':', r"\:");
        with_help(value, ':', first_line(candidate).map(|help| help.replace('\\', r"\\")))
    },
};

/// fish quotes what it inserts.
const FISH: OwnScript = OwnScript {
    shell: &Fish,
    script: scripts::FISH,
    at: |words| words.len().saturating_sub(1),
    line: |candidate, _| with_help(candidate.get_value().to_string_lossy().into_owned(), '\t', first_line(candidate)),
};

impl EnvCompleter for OwnScript {
    fn name(&self) -> &'static str {
        self.shell.name()
    }

    fn is(&self, name: &str) -> bool {
        self.shell.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        scripts::write(self.script, [var, name, bin, completer], out)
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let index = (self.at)(&words);
        let typed = words.get(index).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        for candidate in offer::offered(command, &words, index, directory, out)? {
            writeln!(out, "{}", (self.line)(&candidate, &typed))?;
        }
        Ok(())
    }
}

fn with_help(value: String, between: char, help: Option<String>) -> String {
    match help {
        Some(help) => format!("{value}{between}{help}"),
        None => value,
    }
}

fn first_line(candidate: &CompletionCandidate) -> Option<String> {
    candidate.get_help().and_then(|help| help.to_string().lines().next().map(str::to_owned))
}

/// Returns the index of the word to complete, as bash and zsh pass it.
fn cursor() -> usize {
    Variable::CompletedWord.text().and_then(|index| index.parse().ok()).unwrap_or_default()
}

/// PowerShell, which inserts a candidate verbatim.
struct QuotedPowershell;

impl EnvCompleter for QuotedPowershell {
    fn name(&self) -> &'static str {
        Powershell.name()
    }

    fn is(&self, name: &str) -> bool {
        Powershell.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        Powershell.write_registration(var, name, bin, completer, out)
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let mut lines = Vec::new();
        Powershell.write_complete(command, words, directory, &mut lines)?;
        for line in String::from_utf8_lossy(&lines).lines() {
            let (candidate, help) = line.find('\t').map_or((line, ""), |tab| line.split_at(tab));
            writeln!(out, "{}{help}", verbatim(candidate))?;
        }
        Ok(())
    }
}

/// Returns a candidate as a word of PowerShell. If necessary, it is put in single quotes; a typographic quote counts as
/// one (about_Quoting_Rules).
fn verbatim(candidate: &str) -> String {
    if candidate.chars().all(|c| c.is_alphanumeric() || "_-./:=+\\".contains(c)) {
        return candidate.to_owned();
    }
    let double = |c: char| std::iter::repeat_n(c, if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { 2 } else { 1 });
    format!("'{}'", candidate.chars().flat_map(double).collect::<String>())
}

/// Returns a candidate that bash can insert in place of the typed word. bash itself closes open quotes.
fn quoted(candidate: &str, typed: &str) -> String {
    match typed.chars().next() {
        Some('\'') => candidate.replace('\'', r"'\''"),
        Some('"') => candidate.chars().flat_map(in_double_quotes).collect(),
        start => {
            // A typed tilde means the home directory. Any other tilde is a plain character.
            let (home, rest) = match candidate.split_once('/') {
                Some((home, rest)) if start == Some('~') && home.starts_with('~') => (format!("{home}/"), rest),
                _ => (String::new(), candidate),
            };
            home + &rest.chars().flat_map(with_backslash).collect::<String>()
        }
    }
}

fn in_double_quotes(c: char) -> Vec<char> {
    match c {
        '"' | '$' | '`' | '\\' => vec!['\\', c],
        // bash expands history in double quotes, and would keep a backslash before the `!`.
        '!' => "\"'!'\"".chars().collect(),
        _ => vec![c],
    }
}

fn with_backslash(c: char) -> Vec<char> {
    if c.is_alphanumeric() || "_-./,:@%+=".contains(c) { vec![c] } else { vec!['\\', c] }
}

/// Removes a word's quotes and backslashes, as a shell does. The last quotes may still be open.
fn unquoted(word: &OsString) -> OsString {
    let Some(text) = word.to_str().filter(|text| text.contains(['\'', '"', '\\'])) else { return word.clone() };
    let mut plain = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => plain.extend(chars.next()),
            (Some('"'), '\\') if chars.peek().is_some_and(|next| "\"$`\\".contains(*next)) => {
                plain.extend(chars.next());
            }
            _ => plain.push(c),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_one_word_again_without_quotes() {
        for name in ["a b", "$(touch x)", "a;b", "`x`", "it's", "say \"hi\"", "a\\b", "!x", "~", "*?[", "é", "a:b=c"] {
            let word = OsString::from(name);
            assert_eq!(unquoted(&quoted(name, "").into()), word);
            assert_eq!(unquoted(&format!("'{}", quoted(name, "'")).into()), word);
            assert_eq!(unquoted(&format!("\"{}\"", quoted(name, "\"")).into()), word);
        }
    }

    #[test]
    fn powershell_gets_a_word_that_it_takes_as_it_is() {
        assert_eq!(verbatim("./a-b.env"), "./a-b.env");
        assert_eq!(verbatim("$(x);it's\u{2019}"), "'$(x);it''s\u{2019}\u{2019}'");
    }

    #[test]
    fn a_tilde_is_the_home_directory_only_where_it_was_typed() {
        assert_eq!(quoted("~/a b", "~/a"), r"~/a\ b");
        assert_eq!(quoted("~/a", ""), r"\~/a");
    }

    #[test]
    fn a_word_is_read_while_it_is_typed() {
        for (typed, word) in [(r"my\ f", "my f"), ("'my f", "my f"), ("\"my \\$f", "my $f"), ("a\\", "a"), ("x", "x")] {
            assert_eq!(unquoted(&typed.into()), OsString::from(word), "{typed}");
        }
    }
}

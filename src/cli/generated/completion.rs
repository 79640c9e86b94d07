//! Completion as the shells ask for it: words as they were typed come in, and what goes back can be inserted as it is.
//!
//! Names of files are anybody's. bash and PowerShell insert what they are given, so it is quoted here; zsh, fish and elvish
//! quote by themselves. bash, zsh and fish hand over a word with the quotes that were typed.

use super::{Line, candidates};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use std::ffi::{OsStr, OsString};
use std::io::{Error, Write};
use std::path::Path;
use std::sync::OnceLock;
use vault::settings::Variable;

/// The variable by which a completion script calls us.
pub const VARIABLE: &str = Variable::Complete.name();

/// The shells, with adapters of our own in front of clap's.
pub const ALL: [&dyn EnvCompleter; 5] = [&QuotedBash, &Unquoted(&Zsh), &Unquoted(&Fish), &QuotedPowershell, &Elvish];

/// Answers a completion script's question, if this is one; the answer ends the program.
///
/// # Errors
/// If the variable names no shell. What stands there is not repeated: it may be anything.
pub fn answer(line: Line) -> vault::Result<()> {
    let Some(shell) = Variable::Complete.filled() else { return Ok(()) };
    let name = Path::new(&shell).file_stem().and_then(OsStr::to_str).unwrap_or_default();
    if !ALL.iter().any(|known| known.is(name)) {
        let names: Vec<_> = ALL.iter().map(|known| known.name()).collect();
        return Err(vault::Error::usage(format!("{VARIABLE} names no shell that is known here")).hint(format!(
            "it is for completion scripts, and one of {}; vault completions SHELL prints one",
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

/// The words to be completed, without the quotes that were typed.
pub fn line() -> &'static [OsString] {
    LINE.get().map(Vec::as_slice).unwrap_or_default()
}

/// One of clap's adapters that gets words without quotes.
struct Unquoted(&'static dyn EnvCompleter);

impl EnvCompleter for Unquoted {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn is(&self, name: &str) -> bool {
        self.0.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        self.0.write_registration(var, name, bin, completer, out)
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        self.0.write_complete(command, words.iter().map(unquoted).collect(), directory, out)
    }
}

/// bash, which inserts what it is given into the line: a word in the quotes that were begun, or with backslashes.
struct QuotedBash;

/// The words are those of COMP_WORDS, but for the one at the cursor, of which bash gives the part in front of the cursor
/// without the quote that it begins with. Candidates come a line each: no word of a shell's array is split or expanded.
const BASH: &str = r#"
_clap_complete_NAME() {
    local words=("${COMP_WORDS[@]}") quote="" line
    case ${COMP_WORDS[COMP_CWORD]} in
        \"*) quote=\" ;;
        \'*) quote=\' ;;
    esac
    words[COMP_CWORD]="$quote$2"
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VAR=bash COMPLETER -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o bashdefault -o nosort -F _clap_complete_NAME BIN
else
    complete -o bashdefault -F _clap_complete_NAME BIN
fi
"#;

impl EnvCompleter for QuotedBash {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let script = BASH.replace("COMPLETER", completer).replace("VAR", var).replace("BIN", bin).replace("NAME", name);
        out.write_all(script.trim_start().as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        directory: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let index: usize = Variable::CompletedWord.text().and_then(|index| index.parse().ok()).unwrap_or_default();
        let typed = words.get(index).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let words = words.iter().map(unquoted).collect();
        for candidate in clap_complete::engine::complete(command, words, index, directory)? {
            writeln!(out, "{}", quoted(&candidate.get_value().to_string_lossy(), &typed))?;
        }
        Ok(())
    }
}

/// PowerShell, which inserts what it is given.
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

/// A candidate as a word of PowerShell: between single quotes where it must be, a typographic quote counts as one
/// (about_Quoting_Rules).
fn verbatim(candidate: &str) -> String {
    if candidate.chars().all(|c| c.is_alphanumeric() || "_-./:=+\\".contains(c)) {
        return candidate.to_owned();
    }
    let double = |c: char| std::iter::repeat_n(c, if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { 2 } else { 1 });
    format!("'{}'", candidate.chars().flat_map(double).collect::<String>())
}

/// A candidate as bash may insert it in the place of what was typed. bash ends the quotes that were begun.
fn quoted(candidate: &str, typed: &str) -> String {
    match typed.chars().next() {
        Some('\'') => candidate.replace('\'', r"'\''"),
        Some('"') => candidate.chars().flat_map(in_double_quotes).collect(),
        start => {
            // A tilde that was typed is the home directory; any other is a character.
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
        // History is expanded between double quotes, and a backslash would stay.
        '!' => "\"'!'\"".chars().collect(),
        _ => vec![c],
    }
}

fn with_backslash(c: char) -> Vec<char> {
    if c.is_alphanumeric() || "_-./,:@%+=".contains(c) { vec![c] } else { vec!['\\', c] }
}

/// What a shell makes of a word's quotes and backslashes; quotes may still be open.
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

//! Answers the shells' completion requests. The words come in as they were typed, and the answers can be inserted as
//! they are.
//!
//! Anybody may choose the name of a file. bash and PowerShell insert an answer verbatim, so it is quoted here. zsh,
//! fish and elvish quote it themselves. bash, zsh and fish pass on a word with the quotes that were typed.

mod offer;
mod quoting;
mod scripts;

use super::{Line, candidates, typed};
use clap_complete::CompletionCandidate;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use quoting::{quoted, unquoted, verbatim};
use std::ffi::{OsStr, OsString};
use std::io::{Error, Write};
use std::path::Path;
use vault::settings::{self, Variable};

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
    typed::set_line(words);
    clap_complete::CompleteEnv::with_factory(|| candidates::command(line))
        .var(VARIABLE)
        .shells(Shells(&ALL))
        .complete();
    Ok(())
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
    settings::completed_word().unwrap_or_default()
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

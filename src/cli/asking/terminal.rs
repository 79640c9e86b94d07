//! Prompts on the controlling terminal. Standard input is never used, because it belongs to the command that is run.
//!
//! The terminal is restored however a prompt ends: by an answer, an error, a panic ([`restore`]) or a signal. Input is
//! kept in memory that is wiped. Input from before the prompt is dropped: it was shown on the screen, and a stray Enter
//! or `y` must not answer a question that nobody has read. Input after the answer's line is not left for the shell to
//! run, either.

mod modes;
mod prompt;
mod quiet;
mod raw;
mod signals;
#[cfg(test)]
mod tests;

pub(crate) use modes::restore;
use modes::{DEVICE, Echo};
use prompt::Prompt;
pub(crate) use quiet::Quiet;
pub(crate) use raw::{Raw, front, give_to};
use rustix::io::Errno;
pub(crate) use signals::{Deliveries, Held, act, ignored_by_command, is_orphaned, was_ignored};
use std::io::{IsTerminal as _, Write as _};
use vault::error::{Kind, reason};
use vault::passphrase::MAX_PASSPHRASE;
use vault::secret::SecretString;
use vault::{Error, Result};
use zeroize::Zeroizing;

/// What is asked for, as messages call it, and the kind of error if there is no answer.
struct Question {
    noun: &'static str,
    kind: Kind,
    /// The longest answer, in bytes.
    longest: usize,
    /// What to do if nobody can answer.
    otherwise: &'static str,
    /// What to do if the answer is too long, or has several lines.
    shorter: &'static str,
}

const fn passphrase(otherwise: &'static str) -> Question {
    Question {
        noun: "passphrase",
        kind: Kind::Unlock,
        longest: MAX_PASSPHRASE,
        otherwise,
        shorter: "run the command again, and type a passphrase of one line",
    }
}

/// What gives the current passphrase without a prompt, or replaces it.
pub(crate) const NO_PROMPT: &str = "set VAULT_KEY, VAULT_KEY_FILE or --passphrase-fd";

/// What to type instead of a value that doesn't fit a prompt.
const OTHER_INPUT: &str = "for long values or several lines: standard input, or --from-file";
const ON_COMMAND_LINE: &str = "give the answer on the command line";

const VALUE: Question = Question {
    noun: "value",
    kind: Kind::Failed,
    longest: prompt::LONGEST_LINE,
    otherwise: OTHER_INPUT,
    shorter: OTHER_INPUT,
};

const ANSWER: Question = Question {
    noun: "answer",
    kind: Kind::Failed,
    longest: prompt::LONGEST_LINE,
    otherwise: ON_COMMAND_LINE,
    shorter: ON_COMMAND_LINE,
};

impl Question {
    fn error(&self, message: String) -> Error {
        Error::new(self.kind, message)
    }

    fn failure(&self, error: Errno) -> Error {
        let reason = match error {
            Errno::PERM => "this process runs in the background".to_owned(),
            Errno::IO => "the terminal is gone or belongs to another job".to_owned(),
            other => reason(&other.into()),
        };
        self.error(format!("cannot ask for the {}: {reason}", self.noun)).hint(self.otherwise)
    }
}

/// Returns whether this process has a terminal, to prompt or to write on.
pub(crate) fn is_available() -> bool {
    modes::open().is_ok()
}

/// Returns whether a person typed this command. An interactive shell gives each command its own process group, while a
/// script runs its commands in the script's group.
pub(crate) fn is_typed() -> bool {
    std::io::stderr().is_terminal() && nix::unistd::getpgrp() == nix::unistd::getpid()
}

/// Prompts for the current passphrase, or a key, without echo. Returns exactly the bytes typed: UTF-8, at most
/// [`MAX_PASSPHRASE`] bytes, without control characters. The result is empty if the user only pressed Enter.
///
/// # Errors
/// An unlock error if there is no terminal or it goes away; or if the entry was canceled (Ctrl-D), is too long, has
/// several lines, or still holds a control character after several tries.
pub(crate) fn hidden(prompt: &str) -> Result<SecretString> {
    hidden_as(prompt, &passphrase(NO_PROMPT))
}

/// Does the same for a new passphrase. `otherwise` is the hint if nobody can answer.
///
/// # Errors
/// The same as for [`hidden`].
pub(crate) fn hidden_new(prompt: &str, otherwise: &'static str) -> Result<SecretString> {
    hidden_as(prompt, &passphrase(otherwise))
}

fn hidden_as(prompt: &str, question: &Question) -> Result<SecretString> {
    several_tries(|| {
        let typed = ask(prompt, Echo::Off, question)?;
        Ok(match typed.chars().any(char::is_control) {
            false => Answer::Right(SecretString::from(typed.as_str())),
            true => Answer::Wrong(
                Error::unlock("the passphrase contains a control character, such as an arrow key")
                    .hint("run the command again: arrow keys don't work at this prompt, but Ctrl-U clears the line"),
            ),
        })
    })
}

/// Prompts for a value without echo. Returns one line of UTF-8, which is empty if the user only pressed Enter.
///
/// # Errors
/// If there is no terminal or it goes away; or if the entry was canceled (Ctrl-D), has several lines, or is longer than
/// a terminal's line can be.
pub(crate) fn hidden_value(prompt: &str) -> Result<SecretString> {
    ask(prompt, Echo::Off, &VALUE).map(|typed| SecretString::from(typed.as_str()))
}

/// Prompts for a line with echo.
///
/// # Errors
/// The same as for [`hidden_value`].
pub(crate) fn visible_line(prompt: &str) -> Result<String> {
    ask(prompt, Echo::On, &ANSWER).map(|typed| typed.as_str().to_owned())
}

/// Asks until the answer is one of these, and returns what it stands for.
///
/// # Errors
/// The same as for [`hidden_value`].
pub(crate) fn one_of<T: Copy>(question: &str, answers: &[(&str, T)]) -> Result<T> {
    loop {
        let typed = visible_line(question)?;
        if let Some((_, meaning)) = answers.iter().find(|(answer, _)| *answer == typed.trim()) {
            return Ok(*meaning);
        }
        let known: Vec<_> = answers.iter().map(|(answer, _)| *answer).collect();
        if let Some((last, others)) = known.split_last() {
            show(&format!("answer {} or {last}\n", others.join(", ")))?;
        }
    }
}

/// Asks a yes-or-no question. Only `y` and `yes` mean yes. Enter and Ctrl-D mean no.
///
/// # Errors
/// The same as for [`hidden_value`], except for Ctrl-D.
pub(crate) fn confirm(question: &str) -> Result<bool> {
    let answer = entry(&format!("{question} [y/N] "), Echo::On, &ANSWER)?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")))
}

/// Shows text on the terminal itself, so that it can't be redirected into a file.
///
/// # Errors
/// If there is no terminal.
pub(crate) fn show(text: &str) -> Result<()> {
    let shown = std::fs::OpenOptions::new().write(true).open(DEVICE).and_then(|mut tty| tty.write_all(text.as_bytes()));
    shown.map_err(|error| Error::failed(format!("cannot write to the terminal: {}", reason(&error))))
}

/// How many tries a person has.
const TRIES: usize = 3;

/// An answer that was checked.
pub(crate) enum Answer<T> {
    Right(T),
    /// The error says what is wrong, and another try may help.
    Wrong(Error),
}

/// Repeats an attempt while the answer is wrong, and shows each error on the terminal. Any other error ends it at once.
///
/// # Errors
/// The error of the last wrong answer, or the other error.
pub(crate) fn several_tries<T>(mut attempt: impl FnMut() -> Result<Answer<T>>) -> Result<T> {
    for _ in 1..TRIES {
        match attempt()? {
            Answer::Right(right) => return Ok(right),
            Answer::Wrong(wrong) => show(&format!("{wrong}; try again.\n"))?,
        }
    }
    match attempt()? {
        Answer::Right(right) => Ok(right),
        Answer::Wrong(wrong) => Err(wrong),
    }
}

fn ask(prompt: &str, echo: Echo, question: &Question) -> Result<Zeroizing<String>> {
    entry(prompt, echo, question)?.ok_or_else(|| {
        let error = question.error(format!("no {} was given", question.noun));
        if question.kind == Kind::Unlock { error.hint(question.otherwise) } else { error }
    })
}

/// Returns the line that was typed. `None` if the user only pressed Ctrl-D.
fn entry(prompt: &str, echo: Echo, question: &Question) -> Result<Option<Zeroizing<String>>> {
    let tty = modes::open().map_err(|_| {
        question
            .error(format!("there is no terminal, so nobody can be asked for the {}", question.noun))
            .hint(question.otherwise)
    })?;
    let line = Prompt::start(tty, prompt, echo).and_then(Prompt::answer).map_err(|error| question.failure(error))?;
    if line.has_more {
        return Err(question
            .error(format!("more than one line was entered for the {}", question.noun))
            .hint(question.shorter));
    }
    let Some(bytes) = line.bytes else { return Ok(None) };
    if bytes.len() > question.longest {
        return Err(question
            .error(format!("the {} is longer than {} bytes", question.noun, question.longest))
            .hint(question.shorter));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(Zeroizing::new(text.to_owned()))),
        Err(_) => Err(question.error(format!("the {} is not UTF-8", question.noun)).hint("set the terminal to UTF-8")),
    }
}

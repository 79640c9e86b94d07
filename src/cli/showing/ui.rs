//! Prints data on standard output, and everything else on standard error. Prompts, the progress line and the message of a
//! panic are the only other output.

use super::progress;
use super::remedies;
use super::said_before;
use super::written;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use vault::secret::steers;
use vault::settings;
use vault::view::{ErrorDetail, ErrorObject};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On terminals, and not with NO_COLOR.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How this run prints.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// Whether data is printed as JSON.
    pub json: bool,
    quiet: bool,
    color: ColorChoice,
}

impl Ui {
    /// Takes the values of the global options.
    pub fn new(json: bool, quiet: bool, color: ColorChoice) -> Self {
        Self { json, quiet, color }
    }

    /// Returns whether standard output is a terminal.
    pub fn is_terminal(self) -> bool {
        io::stdout().is_terminal()
    }

    /// Refuses a standard output that nobody can keep, before something is shown only once.
    pub fn check_kept(self, what: &str) -> Result<()> {
        if !written::is_lost(io::stdout()) {
            return Ok(());
        }
        Err(Error::failed(format!("standard output is closed or /dev/null, and {what} would be lost"))
            .hint("nothing was changed; redirect standard output into a file: > FILE"))
    }

    /// Prints exactly these bytes on standard output.
    pub fn bytes(self, bytes: &[u8]) -> Result<()> {
        written::write(bytes).map_err(|error| written::error(&error))
    }

    /// Prints something that is shown only once. If the reader exits early, that is an error, too.
    pub fn once(self, bytes: &[u8]) -> Result<()> {
        written::write(bytes).map_err(|error| written::unwritten(&error))
    }

    /// Prints a line of data for people. Control characters are escaped and keys are redacted.
    pub fn line(self, line: &str) -> Result<()> {
        self.bytes(format!("{}\n", one_line(line)).as_bytes())
    }

    /// Prints a value exactly into a pipe or file. On a terminal, control characters are escaped, and a newline is
    /// added if there is none.
    pub fn value(self, value: &[u8]) -> Result<()> {
        if !self.is_terminal() {
            return self.bytes(value);
        }
        let shown = Zeroizing::new(escape(&String::from_utf8_lossy(value)));
        self.bytes(shown.as_bytes())?;
        if shown.is_empty() || shown.ends_with('\n') { Ok(()) } else { self.bytes(b"\n") }
    }

    /// Prints a JSON document on one line. Keys are redacted.
    pub fn json(self, value: &impl Serialize) -> Result<()> {
        let line = json_line(value)?;
        self.bytes(vault::secret::redacted(&line).as_bytes())
    }

    /// Prints a JSON document on one line. It holds values or keys on purpose.
    pub fn json_with_secrets(self, value: &impl Serialize) -> Result<()> {
        self.bytes(json_line(value)?.as_bytes())
    }

    /// Like [`Ui::json_with_secrets`], for something that is shown only once.
    pub fn json_once(self, value: &impl Serialize) -> Result<()> {
        self.once(json_line(value)?.as_bytes())
    }

    /// Returns the terminal's width in columns, if standard output is a terminal that reports one.
    pub fn width(self) -> Option<usize> {
        self.size().map(|(columns, _)| columns).filter(|columns| *columns < usize::MAX)
    }

    /// Returns the terminal's columns and lines. They are `usize::MAX` if the terminal reports 0.
    pub fn size(self) -> Option<(usize, usize)> {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        let known = |count: u16| if count == 0 { usize::MAX } else { count.into() };
        Some((known(size.ws_col), known(size.ws_row)))
    }

    /// Says what was done, in one line. Prints nothing with `--quiet`.
    pub fn done(self, message: &str) {
        if !self.quiet {
            self.message("", &one_line(message));
        }
    }

    /// Like [`Ui::done`]. If another program has begun a line, this starts a new one.
    pub fn done_below(self, message: &str, is_line_begun: bool) {
        if is_line_begun && !self.quiet {
            let _ = io::stderr().write_all(b"\n");
        }
        self.done(message);
    }

    /// Notes what was not done, below the line about what was done. With `--quiet` there is no such line, so this is a
    /// warning.
    pub fn not_done(self, note: &str) {
        if self.quiet { self.alarm(note) } else { self.message("", &one_line(&format!("  {note}"))) }
    }

    /// Shows a key that is shown only once, below a line that says what it is, even with `--quiet`.
    ///
    /// # Errors
    /// If nobody can see it: standard error is closed or /dev/null, or can't be written.
    pub fn shown_once(self, what: &str, key: &str) -> Result<()> {
        let lost = |why: &str| {
            Error::failed(format!("{why}, and the key would be lost"))
                .hint("nothing was changed; run it where you see its messages, or with --json > FILE")
        };
        if written::is_lost(io::stderr()) {
            return Err(lost("standard error is closed or /dev/null"));
        }
        let text = Zeroizing::new(escape(&format!("{what}\n  {key}\n")));
        let written = progress::beside(|| io::stderr().write_all(text.as_bytes()));
        written.map_err(|error| lost(&format!("cannot write to standard error: {}", vault::error::reason(&error))))
    }

    /// Shows a warning. Prints nothing with `--quiet`.
    pub fn warn(self, message: &str) {
        if !self.quiet {
            self.alarm(message);
        }
    }

    /// Shows a warning that must be seen even with `--quiet`: the vault may have been rolled back or changed by others,
    /// or a program gets something different from what was asked for.
    pub fn alarm(self, message: &str) {
        said_before::note(message);
        self.message("warning: ", &one_line(message));
    }

    /// Shows something that is good to know and needs no action now.
    pub fn note(self, message: &str) {
        if !self.quiet {
            self.message("note: ", &one_line(message));
        }
    }

    /// Says what to do.
    pub fn hint(self, message: &str) {
        if !self.quiet {
            said_before::note(message);
        }
        self.hint_lines(&[message]);
    }

    /// Shows a hint with commands on their own lines.
    pub fn hint_lines(self, lines: &[impl AsRef<str>]) {
        if !self.quiet {
            let lines: Vec<_> = lines.iter().map(|line| one_line(line.as_ref())).collect();
            self.message("hint: ", &lines.join("\n"));
        }
    }

    /// Returns whether progress is shown. A terminal that can't remove a line shows none.
    pub(super) fn shows_progress(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal() && settings::terminal_type().is_some()
    }

    /// Shows an error, for people or for programs.
    pub fn error(self, error: &Error, exit: u8) {
        let hint = remedies::hint_of(error).unwrap_or_else(|| remedies::general_hint(error.kind()).to_owned());
        let hint = match error.voids_key() {
            true => format!("the key that was shown opens nothing, because nothing was saved; {hint}"),
            false => hint,
        };
        if self.json {
            let detail = ErrorDetail { exit, ..ErrorDetail::new(error, hint) };
            let object = json_line(&ErrorObject { error: detail }).unwrap_or_default();
            let _ = io::stderr().write_all(vault::secret::redacted(&object).as_bytes());
            return;
        }
        match error.repeated().is_some_and(said_before::has) {
            true => self.message("error: ", "nothing is saved until you get it back"),
            false => self.message("error: ", &one_line(&error.to_string())),
        }
        if !said_before::has(&hint) {
            self.message("hint: ", &one_line(&hint));
        }
    }

    fn message(self, label: &str, message: &str) {
        let color = match label {
            "error: " => "\x1b[1;31m",
            "warning: " => "\x1b[1;33m",
            "hint: " | "note: " => "\x1b[1;36m",
            _ => "",
        };
        // If standard error is closed, nobody can be told.
        let _ = progress::beside(|| {
            if color.is_empty() || !self.colors(io::stderr().is_terminal()) {
                writeln!(io::stderr(), "{label}{message}")
            } else {
                writeln!(io::stderr(), "{color}{label}\x1b[0m{message}")
            }
        });
    }

    /// Returns whether text on the terminal itself has colors.
    pub fn colors_terminal(self) -> bool {
        self.colors(true)
    }

    /// Returns whether standard output has colors.
    pub fn colors_output(self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    fn colors(self, terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                terminal && settings::Variable::NoColor.filled().is_none() && settings::terminal_type().is_some()
            }
        }
    }
}

/// Escapes all control characters and bidirectional formatting characters, except newline and tab. A name or a note
/// must not control the reader's terminal.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) && c != '\n' && c != '\t' {
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Like [`escape`], but on one line and with keys redacted. If the text comes from somebody else, none of its lines can
/// look like a line of vault's own.
pub fn one_line(text: &str) -> String {
    escape(&vault::secret::redacted(text)).replace('\n', "\\n")
}

/// Returns JSON on a line. Characters that control a terminal are escaped; only strings hold them.
fn json_line(value: &impl Serialize) -> Result<Zeroizing<String>> {
    let text = serde_json::to_string(value).map_err(|_| Error::failed("cannot write JSON"))?;
    let mut text = Zeroizing::new(text);
    if text.chars().any(steers) {
        // Room for the longest result, because a buffer that grows leaves copies behind.
        let mut escaped = Zeroizing::new(String::with_capacity(text.len() * 6 + 1));
        for c in text.chars() {
            match steers(c) {
                true => _ = write!(escaped, "\\u{:04x}", u32::from(c)),
                false => escaped.push(c),
            }
        }
        text = escaped;
    }
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e7_no_control_character_reaches_a_terminal() {
        let hostile = "a\x1b]52;c;eA==\x07\u{9b}31m\u{202e}b\r\nc\t";
        assert_eq!(escape(hostile), "a\\u{1b}]52;c;eA==\\u{7}\\u{9b}31m\\u{202e}b\\u{d}\nc\t");
        assert_eq!(one_line("a\nhint: b"), "a\\nhint: b");
    }
}

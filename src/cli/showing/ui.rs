//! The one place that prints: data on standard output, all else on standard error.

use super::progress;
use super::remedies;
use super::told;
use super::written;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use vault::characters::steers;
use vault::view::{ErrorDetail, ErrorObject};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// When to colour.
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
    /// Data as JSON.
    pub json: bool,
    quiet: bool,
    color: ColorChoice,
}

impl Ui {
    /// By the global flags.
    pub fn new(json: bool, quiet: bool, color: ColorChoice) -> Self {
        Self { json, quiet, color }
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(self) -> bool {
        io::stdout().is_terminal()
    }

    /// Refuses to print what is shown once where nobody gets it: a closed standard output is /dev/null to a program.
    pub fn check_kept(self, what: &str) -> Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let output =
            io::stdout().as_fd().try_clone_to_owned().and_then(|output| std::fs::File::from(output).metadata());
        let device = |metadata: io::Result<std::fs::Metadata>| metadata.ok().map(|metadata| metadata.rdev());
        let output = device(output).filter(|device| *device != 0);
        if output.is_none() || output != device(std::fs::metadata("/dev/null")) {
            return Ok(());
        }
        Err(Error::failed(format!("standard output is closed or /dev/null, and {what} would be lost"))
            .hint("nothing was changed; send standard output to where it is kept"))
    }

    /// Exact bytes on standard output.
    pub fn bytes(self, bytes: &[u8]) -> Result<()> {
        written::write(bytes).map_err(|error| written::error(&error))
    }

    /// Prints what is shown once: it is an error, too, if its reader went away early.
    pub fn once(self, bytes: &[u8]) -> Result<()> {
        written::write(bytes).map_err(|error| written::unwritten(&error))
    }

    /// A line of data for people: control characters escaped, and no key in it.
    pub fn line(self, line: &str) -> Result<()> {
        self.bytes(format!("{}\n", one_line(line)).as_bytes())
    }

    /// Values: exact where they go into a pipe or file; on a terminal with control characters escaped and a newline at the
    /// end.
    pub fn value(self, value: &[u8]) -> Result<()> {
        if !self.is_terminal() {
            return self.bytes(value);
        }
        let shown = Zeroizing::new(escape(&String::from_utf8_lossy(value)));
        self.bytes(shown.as_bytes())?;
        if shown.is_empty() || shown.ends_with('\n') { Ok(()) } else { self.bytes(b"\n") }
    }

    /// One JSON document on a line, without keys.
    pub fn json(self, value: &impl Serialize) -> Result<()> {
        let line = json_line(value)?;
        self.bytes(vault::redact::keys(&line).as_bytes())
    }

    /// One JSON document on a line that holds values or keys on purpose.
    pub fn json_with_secrets(self, value: &impl Serialize) -> Result<()> {
        self.bytes(json_line(value)?.as_bytes())
    }

    /// As [`Ui::json_with_secrets`], of what is shown once.
    pub fn json_once(self, value: &impl Serialize) -> Result<()> {
        self.once(json_line(value)?.as_bytes())
    }

    /// How many columns the terminal has that standard output is, if it is one.
    pub fn width(self) -> Option<usize> {
        self.size().map(|(columns, _)| columns).filter(|columns| *columns < usize::MAX)
    }

    /// How many columns and lines it has; no end of them where it doesn't know, and says 0.
    pub fn size(self) -> Option<(usize, usize)> {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        let known = |count: u16| if count == 0 { usize::MAX } else { count.into() };
        Some((known(size.ws_col), known(size.ws_row)))
    }

    /// What was done, in one line; nothing with `--quiet`.
    pub fn done(self, message: &str) {
        if !self.quiet {
            self.message("", &one_line(message));
        }
    }

    /// The same, in a line of its own where another program has begun one.
    pub fn done_below(self, message: &str, is_line_begun: bool) {
        if is_line_begun && !self.quiet {
            let _ = io::stderr().write_all(b"\n");
        }
        self.done(message);
    }

    /// A line below what was done, about what was not: with `--quiet`, where nothing stands above it, a warning.
    pub fn noted(self, note: &str) {
        if self.quiet { self.alarm(note) } else { self.message("", &one_line(&format!("  {note}"))) }
    }

    /// A key that is shown once, also with `--quiet`.
    pub fn shown_once(self, message: &str) {
        self.message("", &escape(message));
    }

    /// A warning.
    pub fn warn(self, message: &str) {
        if !self.quiet {
            self.alarm(message);
        }
    }

    /// A warning that must be seen even with `--quiet`: that the vault may have been rolled back or changed by others, or that
    /// a program gets something else than was asked for.
    pub fn alarm(self, message: &str) {
        told::note(message);
        self.message("warning: ", &one_line(message));
    }

    /// What is good to know and needs nothing now.
    pub fn note(self, message: &str) {
        if !self.quiet {
            self.message("note: ", &one_line(message));
        }
    }

    /// What could be done.
    pub fn hint(self, message: &str) {
        if !self.quiet {
            told::note(message);
        }
        self.hint_lines(&[message]);
    }

    /// A hint with lines of its own for the commands.
    pub fn hint_lines(self, lines: &[impl AsRef<str>]) {
        if !self.quiet {
            let lines: Vec<_> = lines.iter().map(|line| one_line(line.as_ref())).collect();
            self.message("hint: ", &lines.join("\n"));
        }
    }

    /// Whether anybody sees progress: not where the terminal can take no line back.
    pub(super) fn shows_progress(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal() && !is_dumb()
    }

    /// An error, as people or programs read it.
    pub fn error(self, error: &Error, exit: u8) {
        let hint = remedies::hint_of(error).unwrap_or_else(|| remedies::usual(error.kind()).to_owned());
        if self.json {
            let detail = ErrorDetail {
                code: error.kind().code(),
                reason: error.reason().word(),
                exit,
                message: error.to_string(),
                hint,
            };
            let object = json_line(&ErrorObject { error: detail }).unwrap_or_default();
            let _ = io::stderr().write_all(vault::redact::keys(&object).as_bytes());
            return;
        }
        let text = error.to_string();
        if text.strip_prefix("nothing is saved: ").is_some_and(told::has) {
            self.message("error: ", "nothing is saved as long as that is missing");
        } else {
            self.message("error: ", &one_line(&text));
        }
        if !told::has(&hint) {
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
        // Where standard error is closed nobody is there to be told.
        let _ = progress::beside(|| {
            if color.is_empty() || !self.colors(io::stderr().is_terminal()) {
                writeln!(io::stderr(), "{label}{message}")
            } else {
                writeln!(io::stderr(), "{color}{label}\x1b[0m{message}")
            }
        });
    }

    /// Whether text on the terminal itself has colours.
    pub fn colors_terminal(self) -> bool {
        self.colors(true)
    }

    /// Whether what is printed on standard output has colours.
    pub fn colors_output(self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    pub(super) fn colors(self, terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && vault::settings::Variable::NoColor.filled().is_none() && !is_dumb(),
        }
    }
}

/// Whether the terminal knows no escape sequences, or nothing says which it is.
fn is_dumb() -> bool {
    vault::settings::Variable::Term.text().is_none_or(|terminal| terminal.is_empty() || terminal == "dumb")
}

/// `text` with every control and bidirectional formatting character escaped, but for newline and tab: a name or a note
/// must not drive the reader's terminal.
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

/// As [`escape`], on one line and without keys: where others have a word, a line of theirs must not look like one of ours.
pub fn one_line(text: &str) -> String {
    escape(&vault::redact::keys(text)).replace('\n', "\\n")
}

/// JSON in ASCII where a terminal would take more than a letter from it. Only strings hold such characters.
fn json_line(value: &impl Serialize) -> Result<Zeroizing<String>> {
    let text = serde_json::to_string(value).map_err(|_| Error::failed("cannot write JSON"))?;
    let mut text = Zeroizing::new(text);
    if text.chars().any(steers) {
        // Room for the longest: a buffer that grows leaves what it held where it was.
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

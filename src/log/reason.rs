//! The reason for an action and the name of the program that asks, as people and programs give them for the log.

use super::entry::VAULT;
use crate::error::{Error, Result};
use crate::redact::{is_visible, line, steers};

/// The longest reason or name, in bytes.
const LONGEST: usize = 1024;

/// Why somebody does something, in their words: one line of at most 1024 bytes that shows something and steers no
/// terminal. It counts as a confirmation in a protected environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenReason(String);

impl GivenReason {
    /// Checks and accepts a reason. Spaces at either end are left out.
    ///
    /// # Errors
    /// A usage error if it shows nothing, is too long, or has characters that control a terminal or reverse its text.
    pub fn new(text: &str) -> Result<Self> {
        checked(text, "the reason").map(Self)
    }

    /// Returns the reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a program, as the log has it: one line of at most 1024 bytes, as a [`GivenReason`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramName(String);

impl ProgramName {
    /// Checks and accepts the name that a program gives itself. Spaces at either end are left out.
    ///
    /// # Errors
    /// As [`GivenReason::new`].
    pub fn new(text: &str) -> Result<Self> {
        checked(text, "the program's name").map(Self)
    }

    /// Returns the name of a command that somebody runs. Files may have any name, and none is a reason not to run the
    /// command: characters that control a terminal become question marks, and what is too long is cut off.
    #[must_use]
    pub fn of_command(name: &str) -> Self {
        let fitting = line(name, LONGEST);
        if fitting.chars().any(is_visible) { Self(fitting) } else { Self("?".to_owned()) }
    }

    /// The name of this program, for what it does itself.
    pub(super) fn vault() -> Self {
        Self(VAULT.to_owned())
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(text: &str, what: &str) -> Result<String> {
    if !text.chars().any(is_visible) {
        let lack = if text.is_empty() { "is empty" } else { "has no visible text" };
        return Err(Error::usage(format!("{what} {lack}")).hint("give a few words"));
    }
    if text.len() > LONGEST || text.chars().any(steers) {
        let error = Error::usage(format!("{what} must be one line of at most {LONGEST} bytes"));
        return Err(error.hint("a few words without control characters are enough"));
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_and_a_name_are_one_line_that_says_something() {
        let longest = "x".repeat(LONGEST);
        for (text, accepted) in [(" ticket 42 ", "ticket 42"), ("für Zoë", "für Zoë"), (&longest, &*longest)] {
            assert_eq!(GivenReason::new(text).unwrap().as_str(), accepted);
            assert_eq!(ProgramName::new(text).unwrap().as_str(), accepted);
        }
        let line = "must be one line of at most 1024 bytes";
        let long = "x".repeat(LONGEST + 1);
        let invisible = [" \t", "\u{200b}", "\u{feff}", "\u{ad}", "\u{3164}", "\u{2800} \u{2060}", "\u{202e}"];
        let steering = ["a\nb", "a\u{1b}[2J", "a\u{2028}b", "a\u{2029}b", "a\u{202e}b", "a\u{2066}b", &long];
        let invisible = invisible.map(|text| (text, "has no visible text"));
        for (text, why) in [("", "is empty")].into_iter().chain(invisible).chain(steering.map(|text| (text, line))) {
            assert_eq!(GivenReason::new(text).unwrap_err().to_string(), format!("the reason {why}"));
            assert_eq!(ProgramName::new(text).unwrap_err().to_string(), format!("the program's name {why}"));
        }
    }

    #[test]
    fn every_name_of_a_command_becomes_one_that_a_program_may_give_itself() {
        let long = "ä".repeat(LONGEST);
        let names = [
            ("sh", "sh"),
            ("a\nb\u{1b}", "a?b?"),
            ("a\u{202e}b", "a?b"),
            ("", "?"),
            (" ", "?"),
            ("\u{200b}", "?"),
            (&long, &long[..LONGEST]),
        ];
        for (name, fitting) in names {
            let named = ProgramName::of_command(name);
            assert_eq!(named.as_str(), fitting);
            assert_eq!(ProgramName::new(named.as_str()).unwrap(), named);
        }
    }
}

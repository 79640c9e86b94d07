//! Decides which items can be variables in a program's environment, and why others can't.

use crate::dangerous::{Danger, danger};
use crate::name::is_variable_name;
use std::fmt;

/// The maximum length of one string in an environment on Linux, in bytes: NAME=VALUE and a NUL (`MAX_ARG_STRLEN`, 32
/// pages, in linux/binfmts.h).
pub const MAX_VARIABLE: usize = 128 * 1024;

/// Why an item can't be a variable, or becomes one only if the user allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableProblem {
    /// The name is not a valid variable name.
    Name,
    /// The name is dangerous.
    Dangerous(Danger),
    /// The value contains a NUL byte.
    Nul,
    /// Name and value together are longer than this, in bytes.
    Large(usize),
}

impl VariableProblem {
    /// Whether it says something about the value.
    #[must_use]
    pub fn is_about_the_value(self) -> bool {
        match self {
            Self::Name | Self::Dangerous(_) => false,
            Self::Nul | Self::Large(_) => true,
        }
    }
}

/// Whether this is the output of a command that printed nothing: empty, line breaks or a byte order mark. A person who
/// wants such a value has to say so.
#[must_use]
pub fn is_nothing(value: &[u8]) -> bool {
    let text = value.strip_prefix("\u{feff}".as_bytes()).unwrap_or(value);
    text.iter().all(|byte| b"\r\n".contains(byte))
}

/// Returns why a variable of this name can't have this value. `longest` is the system's limit for a string, in bytes.
#[must_use]
pub fn variable_problem(name: &str, value: &[u8], longest: Option<usize>) -> Option<VariableProblem> {
    if !is_variable_name(name) {
        return Some(VariableProblem::Name);
    }
    if let Some(danger) = danger(name) {
        return Some(VariableProblem::Dangerous(danger));
    }
    value_problem(name, value, longest)
}

/// Returns why a variable can't have this value, if its name is allowed.
#[must_use]
pub fn value_problem(name: &str, value: &[u8], longest: Option<usize>) -> Option<VariableProblem> {
    if memchr::memchr(0, value).is_some() {
        return Some(VariableProblem::Nul);
    }
    longest.filter(|longest| name.len() + value.len() + 2 > *longest).map(VariableProblem::Large)
}

impl fmt::Display for VariableProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("is not a variable name"),
            Self::Dangerous(danger) => f.write_str(danger.does()),
            Self::Nul => f.write_str("contains a NUL byte, which a variable can't have"),
            Self::Large(longest) => {
                write!(f, "is too large for a variable: the kernel takes {} KiB", longest >> 10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_e4_e6_an_item_that_cannot_be_a_variable_comes_with_the_reason() {
        let reason =
            |name: &str, value: &[u8]| variable_problem(name, value, Some(MAX_VARIABLE)).map(|why| why.to_string());
        assert_eq!(reason("TOKEN", b"any \xff value\n"), None);
        assert_eq!(reason("1A", b"x").unwrap(), "is not a variable name");
        assert!(reason("LD_PRELOAD", b"x").is_some());
        assert_eq!(value_problem("LD_PRELOAD", b"x", None), None);
        assert_eq!(reason("TOKEN", b"a\0b").unwrap(), "contains a NUL byte, which a variable can't have");
        // TOKEN, the equals sign and the NUL are 7 bytes.
        assert_eq!(reason("TOKEN", &vec![b'x'; MAX_VARIABLE - 7]), None);
        let large = vec![b'x'; MAX_VARIABLE - 6];
        assert_eq!(reason("TOKEN", &large).unwrap(), "is too large for a variable: the kernel takes 128 KiB");
        assert_eq!(variable_problem("TOKEN", &large, None), None, "other systems have no such limit");
    }
}

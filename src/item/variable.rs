//! Decides which items can be variables in a program's environment, and why others can't.

use crate::dangerous::{Danger, danger};
use crate::name::is_variable_name;
use std::fmt;

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

/// Whether this is the output of a command that printed nothing: empty, line breaks or a byte order mark. A person who
/// wants such a value has to say so.
#[must_use]
pub fn is_nothing(value: &[u8]) -> bool {
    let text = value.strip_prefix("\u{feff}".as_bytes()).unwrap_or(value);
    text.iter().all(|byte| b"\r\n".contains(byte))
}

/// Returns why a variable of this name can't have this value. `is_allowed` says whether the name may be dangerous, and is
/// asked only if it is.
#[must_use]
pub(crate) fn variable_problem(name: &str, value: &[u8], is_allowed: impl FnOnce() -> bool) -> Option<VariableProblem> {
    name_problem(name, is_allowed).or_else(|| value_problem(name, value))
}

/// Returns why no variable can have this name, whatever its value is.
#[must_use]
pub(crate) fn name_problem(name: &str, is_allowed: impl FnOnce() -> bool) -> Option<VariableProblem> {
    if !is_variable_name(name) {
        return Some(VariableProblem::Name);
    }
    danger(name).filter(|_| !is_allowed()).map(VariableProblem::Dangerous)
}

/// Returns why a variable can't have this value, whatever its name is.
#[must_use]
pub(crate) fn value_problem(name: &str, value: &[u8]) -> Option<VariableProblem> {
    problem_within(name, value, longest_variable())
}

fn problem_within(name: &str, value: &[u8], longest: Option<usize>) -> Option<VariableProblem> {
    if memchr::memchr(0, value).is_some() {
        return Some(VariableProblem::Nul);
    }
    longest.filter(|longest| variable_length(name, value.len()) > *longest).map(VariableProblem::Large)
}

/// Returns the length of a string in an environment, in bytes: NAME=VALUE and a NUL.
pub(super) fn variable_length(name: &str, value: usize) -> usize {
    name.len() + value + 2
}

/// Returns the longest string that the kernel takes in an environment, in bytes, if it has such a limit: on Linux, 32
/// pages (`MAX_ARG_STRLEN` in linux/binfmts.h).
pub(super) fn longest_variable() -> Option<usize> {
    cfg!(target_os = "linux").then(|| 32 * rustix::param::page_size())
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
        let reason = |name: &str, value: &[u8]| variable_problem(name, value, || false).map(|why| why.to_string());
        assert_eq!(reason("TOKEN", b"any \xff value\n"), None);
        assert_eq!(reason("1A", b"x").unwrap(), "is not a variable name");
        assert!(reason("LD_PRELOAD", b"x").is_some());
        assert_eq!(variable_problem("LD_PRELOAD", b"x", || true), None);
        assert_eq!(variable_problem("LD_PRELOAD", b"\0", || true), Some(VariableProblem::Nul));
        assert_eq!(variable_problem("1A", b"x", || true), Some(VariableProblem::Name));
        assert_eq!(reason("TOKEN", b"a\0b").unwrap(), "contains a NUL byte, which a variable can't have");
        // TOKEN, the equals sign and the NUL are 7 bytes.
        let (longest, within) = (128 * 1024, |value: &[u8]| problem_within("TOKEN", value, Some(128 * 1024)));
        assert_eq!(within(&vec![b'x'; longest - 7]), None);
        let large = vec![b'x'; longest - 6];
        assert_eq!(within(&large).unwrap().to_string(), "is too large for a variable: the kernel takes 128 KiB");
        assert_eq!(problem_within("TOKEN", &large, None), None, "other systems have no such limit");
    }
}

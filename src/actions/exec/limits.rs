//! Checks the kernel's limits in advance, to name the variables that are too large. The kernel only says "argument list
//! too long" (execve(2), "Limits on size of arguments and environment").

use super::environment::Environment;
use crate::error::{Error, Remedy, Result};
use crate::ordered::InOrder as _;
use std::ffi::OsString;

/// Every system accepts this many bytes, so smaller environments need no closer look.
const ALWAYS_FITS: usize = 128 * 1024;

/// Refuses arguments and variables that are too large together for execve. Single variables need no check: the injected
/// ones were checked before, and inherited ones came through execve themselves.
///
/// # Errors
/// A failure that names the largest variables.
pub fn check(words: &[OsString], environment: &Environment) -> Result<()> {
    check_within(words, environment, whole)
}

fn check_within(words: &[OsString], environment: &Environment, most: impl FnOnce() -> usize) -> Result<()> {
    let arguments: usize = words.iter().map(|word| word.len() + 1).sum();
    let (count, size) = environment.size();
    let pointers = (count + words.len() + 2) * size_of::<usize>();
    let total = arguments + pointers + size;
    if total < ALWAYS_FITS {
        return Ok(());
    }
    let most = most();
    if total <= most {
        return Ok(());
    }
    let mut largest: Vec<_> = environment.iter().map(|(name, value)| (name.len() + value.len() + 2, name)).collect();
    largest.order_by(|a, b| b.cmp(a));
    let names: Vec<_> = largest.iter().take(3).map(|(_, name)| name.to_string_lossy()).collect();
    let (total, most) = (total >> 10, most >> 10);
    Err(Error::failed(format!(
        "the environment is too large for the kernel: {total} KiB of {most} KiB; the largest: {}",
        names.join(", ")
    ))
    .hint(("leave items out: ", Remedy::LeaveOut("NAME".to_owned()), "; or inherit less: ", Remedy::InheritLess)))
}

/// Returns the limit for arguments and environment, in bytes: a quarter of the stack limit, at least 128 KiB and at
/// most 6 MiB (Linux, fs/exec.c), or 1 MiB on macOS.
fn whole() -> usize {
    const MOST: usize = 6 * 1024 * 1024;
    if cfg!(target_os = "macos") {
        return 1024 * 1024;
    }
    let stack = rustix::process::getrlimit(rustix::process::Resource::Stack).current;
    let quarter = stack.map_or(MOST, |stack| usize::try_from(stack / 4).unwrap_or(MOST));
    quarter.clamp(ALWAYS_FITS, MOST)
}

#[cfg(test)]
mod tests {
    use super::super::environment::{Given, Inherit, Items};
    use super::*;

    #[test]
    fn variables_that_are_too_large_together_are_refused_and_the_largest_are_named() {
        let value = "x".repeat(50 * 1024);
        let variables = ["A", "B", "C", "D"].map(|name| (name.into(), value.as_str().into()));
        let nothing = Given { items: Items::Listed(Vec::new()), handed: Vec::new(), paths: &[] };
        let environment = Environment::new(variables.into_iter(), &Inherit::All, false, nothing);
        let error = check_within(&["true".into()], &environment, || ALWAYS_FITS).unwrap_err();
        let expected = "the environment is too large for the kernel: 200 KiB of 128 KiB; the largest: D, C, B";
        assert_eq!(error.to_string(), expected);
        assert_eq!(check_within(&["true".into()], &environment, || 1024 * 1024), Ok(()));
    }
}

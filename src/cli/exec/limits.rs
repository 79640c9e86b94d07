//! What the kernel takes: told by name before it says "argument list too long" of everything (execve(2), "Limits on size
//! of arguments and environment").

use super::environment::Environment;
use std::ffi::OsString;
use vault::{Error, Result};

/// A limit below this is never in force, so smaller environments need no closer look.
const ALWAYS_FITS: usize = 128 * 1024;

/// Refuses what execve would.
pub fn check(command: &[OsString], environment: &Environment) -> Result<()> {
    let variable = |(name, value): (&OsString, &OsString)| name.len() + value.len() + 2;
    let variables = environment.variables();
    let strings: usize =
        variables.iter().map(variable).sum::<usize>() + command.iter().map(|arg| arg.len() + 1).sum::<usize>();
    let total = strings + (variables.len() + command.len() + 2) * size_of::<usize>();
    if total < ALWAYS_FITS {
        return Ok(());
    }
    if let Some(most) = longest_string()
        && let Some((name, _)) = variables.iter().find(|(name, value)| variable((name, value)) > most)
    {
        let name = name.to_string_lossy();
        return Err(Error::failed(format!("{name} is too large for a variable: the kernel takes {} KiB", most >> 10))
            .hint(format!("leave it out: --except {name}; to a file: vault get {name} -o FILE")));
    }
    let most = whole();
    if total > most {
        let mut largest: Vec<_> = variables.iter().map(|entry| (variable(entry), entry.0)).collect();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        let names: Vec<_> = largest.iter().take(3).map(|(_, name)| name.to_string_lossy()).collect();
        return Err(Error::failed(format!(
            "the environment is too large for the kernel: {} KiB of {} KiB; the largest: {}",
            total >> 10,
            most >> 10,
            names.join(", ")
        ))
        .hint("choose with --only, leave out with --except, or inherit less with --pristine"));
    }
    Ok(())
}

/// MAX_ARG_STRLEN: 32 pages, on Linux only.
fn longest_string() -> Option<usize> {
    cfg!(target_os = "linux").then(|| 32 * rustix::param::page_size())
}

/// A quarter of the stack's limit, at most 6 MiB and at least 128 KiB (Linux, fs/exec.c); 1 MiB on macOS.
fn whole() -> usize {
    const MOST: usize = 6 * 1024 * 1024;
    if cfg!(target_os = "macos") {
        return 1024 * 1024;
    }
    let stack = rustix::process::getrlimit(rustix::process::Resource::Stack).current;
    let quarter = stack.map_or(MOST, |stack| usize::try_from(stack / 4).unwrap_or(MOST));
    quarter.min(MOST).max(ALWAYS_FITS)
}

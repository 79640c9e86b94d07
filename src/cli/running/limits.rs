//! What the kernel takes: told by name before it says "argument list too long" of everything (execve(2), "Limits on size
//! of arguments and environment").

use super::environment::Environment;
use std::ffi::OsString;
use vault::ordered::InOrder as _;
use vault::{Error, Result};

/// A limit below this is never in force, so smaller environments need no closer look.
const ALWAYS_FITS: usize = 128 * 1024;

/// Refuses what execve would of all together: `fit` has looked at each variable, and an inherited one came through execve.
pub fn check(words: &[OsString], environment: &Environment) -> Result<()> {
    let arguments: usize = words.iter().map(|word| word.len() + 1).sum();
    let (count, size) = environment.size();
    let pointers = (count + words.len() + 2) * size_of::<usize>();
    let total = arguments + pointers + size;
    if total < ALWAYS_FITS {
        return Ok(());
    }
    let most = whole();
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
    .hint("choose with --only, leave out with --except, or inherit less with --pristine"))
}

/// MAX_ARG_STRLEN: 32 pages, on Linux only.
pub fn longest_string() -> Option<usize> {
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
    quarter.clamp(ALWAYS_FITS, MOST)
}

//! Writes to standard output, and explains failures.

use super::progress;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use vault::Error;

/// Whether this process was started without standard output.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Records that there is no standard output, so that a failed write says so.
#[cfg(all(target_os = "linux", target_env = "gnu", not(any(test, rust_start))))]
pub fn closed() {
    IS_CLOSED.store(true, Ordering::Relaxed);
}

/// Returns whether nobody can keep what is written to this output. For a program, a closed output is /dev/null.
pub(super) fn is_lost(output: impl AsFd) -> bool {
    let output = output.as_fd().try_clone_to_owned().and_then(|output| std::fs::File::from(output).metadata());
    let device = |metadata: io::Result<std::fs::Metadata>| metadata.ok().map(|metadata| metadata.rdev());
    let output = device(output).filter(|device| *device != 0);
    output.is_some() && output == device(std::fs::metadata("/dev/null"))
}

/// Writes and flushes everything.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    progress::beside(|| {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush())
    })
}

/// Standard output for a writer that writes piece by piece.
pub struct Output;

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Turns a failed write into an error. If the reader exited early, as `head` does, this ends the program quietly.
pub fn error(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    unwritten(error)
}

/// Like [`error`], but an early exit of the reader is also an error.
pub(super) fn unwritten(error: &io::Error) -> Error {
    if let Some(own) = Error::carried_by(error) {
        return own;
    }
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Error::failed("the program that reads the output exited before it was written")
            .hint("nothing was changed; redirect standard output into a file: > FILE");
    }
    if IS_CLOSED.load(Ordering::Relaxed) {
        return Error::failed("there is no standard output to print to: it is closed")
            .hint("leave out >&-, or redirect it into a file: > FILE");
    }
    Error::failed(format!("cannot write the output: {}", vault::error::reason(error)))
        .hint("check where standard output goes: the disk may be full")
}

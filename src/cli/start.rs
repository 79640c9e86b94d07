//! The program's entry point on Linux.
//!
//! The start of Rust's runtime reads the process's memory map to find the end of the stack, and installs handlers that
//! tell a stack overflow from other faults. That takes time at each start (BENCHMARKS.md), so it is left out. The rest is
//! done here. The bench sets `rust_start` to build a program that starts as Rust's runtime does it.
#![allow(unsafe_code, reason = "the C library finds `main` by its name")]

use super::showing::written;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::stdio::{stderr, stdin, stdout};
use std::ffi::{c_char, c_int};
use std::process::ExitCode;
use std::sync::Arc;

// SAFETY: no other function of this program has this name.
#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    open_standard();
    // A write to a pipe that nobody reads must fail instead of killing vault. Unlike an ignored signal, a handler is
    // gone after execve.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default());
    let code = super::main();
    // This also flushes standard output.
    std::process::exit((0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap_or(u8::MAX).into())
}

/// A file to which every write fails.
const FULL: &str = "/dev/full";

/// Opens standard descriptors that the caller has closed, so that a file that is opened later doesn't take their place.
/// A command still finds them closed. Output to a closed standard output fails instead of getting lost.
fn open_standard() {
    let [input, output, error] = [stdin(), stdout(), stderr()];
    let mut all = [&input, &output, &error].map(|file| PollFd::new(file, PollFlags::empty()));
    let _ = poll(&mut all, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    let open = |path| rustix::fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).map(std::mem::forget);
    for (file, path) in all.iter().zip(["/dev/null", FULL, "/dev/null"]) {
        if !file.revents().contains(PollFlags::NVAL) {
            continue;
        }
        if path == FULL {
            written::closed();
        }
        if open(path).is_err() {
            let _ = open("/dev/null");
        }
    }
}

//! Where the program begins on Linux.
//!
//! Rust's own beginning reads the process's memory map to find the end of the stack, and sets up handlers that tell an
//! overflow from other faults: a twentieth of a warm `exec`. The rest of what it does is done here.
#![allow(unsafe_code, reason = "the C library looks for the beginning by its name")]

use nix::libc::{M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD, mallopt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::stdio::{stderr, stdin, stdout};
use std::ffi::{c_char, c_int};
use std::process::ExitCode;
use std::sync::Arc;

// SAFETY: no other function of this program has the name.
#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    open_standard();
    // SAFETY: mallopt(3) is for a process of one thread, which this is.
    unsafe {
        mallopt(M_TOP_PAD, STEP);
        mallopt(M_MMAP_THRESHOLD, LARGEST);
        mallopt(M_TRIM_THRESHOLD, c_int::MAX);
    }
    // A write to a pipe that nobody reads is to fail, not to kill: a handler, unlike an ignored signal, ends at execve.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default());
    let code = super::main();
    // This flushes standard output, too.
    std::process::exit((0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap_or(u8::MAX).into())
}

/// Gives back what is freed from here on, as the C library does by default (mallopt(3)): this process stays. To be called while
/// it has one thread only.
pub fn give_memory_back() {
    const DEFAULT: c_int = 128 * 1024;
    // SAFETY: as in `main`.
    unsafe {
        mallopt(M_MMAP_THRESHOLD, DEFAULT);
        mallopt(M_TRIM_THRESHOLD, DEFAULT);
    }
}

/// By how many bytes more than it has to memory grows. New memory comes zero from the system, and what is not used of it is
/// never touched; what lies ready is zeroed here. To decrypt a few bytes a buffer of 64 KiB is asked for, twice.
const STEP: c_int = 16 * 1024;
/// Up to this size, the largest there is, what was freed is used again, and nothing is given back: the process ends soon, or
/// becomes another.
const LARGEST: c_int = 32 * 1024 * 1024;

/// A file that is opened later must not take the place of a standard descriptor that the caller has closed. A command
/// finds it closed as ever, and what is printed to it fails instead of getting lost.
fn open_standard() {
    let [input, output, error] = [stdin(), stdout(), stderr()];
    let mut all = [&input, &output, &error].map(|file| PollFd::new(file, PollFlags::empty()));
    let _ = poll(&mut all, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    let open = |path| rustix::fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).map(std::mem::forget);
    for (file, path) in all.iter().zip(["/dev/null", "/dev/full", "/dev/null"]) {
        if file.revents().contains(PollFlags::NVAL) && open(path).is_err() {
            let _ = open("/dev/null");
        }
    }
}

//! Keeps secrets inside a process: no core dump, no ptrace by the same user, and no panic message that says more than a
//! place in the source. A program that opens a vault calls [`start`] before anything else.
#![allow(unsafe_code, reason = "system calls on descriptors that Rust doesn't own")]

use crate::random;
use rustix::fd::BorrowedFd;
use std::io::Write as _;
use std::panic::Location;

/// Makes the process undumpable: no core dump and no ptrace (prctl(2), `PR_SET_DUMPABLE`; `execve` resets it for a program
/// that this process becomes). Also turns a panic into a one-line error without the panic's message, which could hold a
/// value, and ends the process then: no other thread may continue with state that a thread left half changed. `program` is
/// the name that the error says. `end` does what has to be done before the error is printed, and returns the exit code.
pub fn start(program: &'static str, end: fn() -> u8) {
    // Only kernels that don't know the call refuse it. Then the system's own rules for core dumps hold.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(move |panic| {
        let code = end();
        let _ = writeln!(std::io::stderr(), "{}", panic_message(program, panic.location()));
        std::process::exit(code.into());
    }));
}

/// Returns the error message of a panic. If the system gives no random bytes, age, rand and the standard library's maps
/// panic. That is no bug in the program.
fn panic_message(program: &str, place: Option<&Location<'_>>) -> String {
    let file = place.map_or("", |place| place.file());
    if ["/rand_core-", "/rand-", "/sys/random/"].iter().any(|part| file.contains(part)) {
        let error = random::unavailable();
        return format!("error: {error}\nhint: {}", error.advice().map(ToString::to_string).unwrap_or_default());
    }
    let place = place.map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
    format!("error: a bug in {program}{place}\nhint: the vault is unchanged, or saved as a whole; please report it")
}

/// Refuses all debuggers for the rest of this process's life (ptrace(2) of macOS, `PT_DENY_ATTACH`). Don't call it in a
/// process that becomes a command, because the command would be affected, too.
#[cfg(target_os = "macos")]
pub(crate) fn deny_debuggers() {
    // SAFETY: this request uses no address and concerns only this process.
    let _ = unsafe { nix::libc::ptrace(nix::libc::PT_DENY_ATTACH, 0, std::ptr::null_mut(), 0) };
}

/// Closes all descriptors above standard error. A process that outlives its starter must not keep the starter's pipes
/// open. Call it before this process opens any file.
pub fn close_inherited() {
    let directory = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let descriptors: Vec<i32> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
    for descriptor in descriptors.into_iter().filter(|descriptor| *descriptor > 2) {
        // SAFETY: nothing in this process owns any of these descriptors. The one that read the directory is closed
        // already and must not be closed again, so each descriptor is checked first.
        unsafe {
            if rustix::io::fcntl_getfd(BorrowedFd::borrow_raw(descriptor)).is_ok() {
                rustix::io::close(descriptor);
            }
        }
    }
}

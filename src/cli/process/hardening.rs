//! Keeps secrets inside this process, and starts programs with the signals that they expect.
#![allow(unsafe_code, reason = "system calls on descriptors that Rust doesn't own")]

use nix::sys::signal::SigSet;
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::FdFlags;
use rustix::process::{Pid, Signal};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use vault::settings::opens_a_vault;
use zeroize::Zeroize as _;

/// The exit code of a panic.
static PANIC_CODE: AtomicU8 = AtomicU8::new(1);

/// Makes a panic end this process with this code from now on. Under `exec` it must not look like the command's own
/// code.
pub fn panic_with(code: u8) {
    PANIC_CODE.store(code, Ordering::Relaxed);
}

/// Hardens the process as the library does.
pub fn start() {
    vault::hardening::start("vault", || {
        crate::cli::asking::terminal::restore();
        PANIC_CODE.load(Ordering::Relaxed)
    });
    // A write beyond RLIMIT_FSIZE must fail with EFBIG instead of killing vault. Unlike an ignored signal, a handler is
    // gone after execve.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    if limit.current.is_some() {
        let caught = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, caught);
    }
}

/// Overwrites the variables that hold vault's keys and passphrases, in the memory that the kernel shows as long as this
/// process lives (proc(5), `/proc/PID/environ`). Call it while the process has a single thread.
pub fn wipe_key_variables() {
    unsafe extern "C" {
        /// environ(7).
        static environ: *const *mut std::ffi::c_char;
    }
    // SAFETY: the list and its strings belong to the C library, and both end with a null. No other thread runs. Nothing
    // refers to a variable's bytes, since Rust's own functions copy them. A variable is shortened, never extended.
    unsafe {
        let mut place = environ;
        while !place.is_null() && !(*place).is_null() {
            let variable = std::ffi::CStr::from_ptr(*place).to_bytes();
            let name = variable.split(|byte| *byte == b'=').next().unwrap_or_default();
            if opens_a_vault(OsStr::from_bytes(name)) {
                let length = variable.len();
                std::slice::from_raw_parts_mut((*place).cast::<u8>(), length).zeroize();
            }
            place = place.add(1);
        }
    }
}

/// Duplicates a descriptor that the starter of this process left open. Neither is passed on to a child process, which
/// must not read the passphrase again.
pub fn duplicate(descriptor: i32) -> Option<OwnedFd> {
    if descriptor < 0 {
        return None;
    }
    // SAFETY: the descriptor is used for these two calls only. If the number is no descriptor, they fail with EBADF.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    rustix::io::fcntl_setfd(borrowed, FdFlags::CLOEXEC).ok()?;
    rustix::io::fcntl_dupfd_cloexec(borrowed, 3).ok()
}

/// Makes the command start with these signals blocked. With `in_front`, its process group is in the foreground of its
/// terminal before it runs, so that it never finds itself in the background. The command is killed when its starter
/// ends.
pub fn start_job(command: &mut Command, blocked: SigSet, in_front: bool) {
    let starter = rustix::process::getpid();
    let before = move || {
        if in_front {
            crate::cli::asking::terminal::give_to(rustix::process::getpgrp())?;
        }
        end_with(starter)?;
        Ok(blocked.thread_set_mask()?)
    };
    // SAFETY: between fork and exec, this only makes system calls that signal handlers may make.
    unsafe { command.pre_exec(before) };
}

/// Makes the program start with these signals ignored, as they were when this process was started. This process catches
/// them.
pub fn ignore_again(program: &mut Command, signals: Vec<i32>) {
    if signals.is_empty() {
        return;
    }
    let before = move || {
        for signal in &signals {
            // SAFETY: no handler is installed, and the call is one that signal handlers may make.
            unsafe { nix::libc::signal(*signal, nix::libc::SIG_IGN) };
        }
        Ok(())
    };
    // SAFETY: nothing else happens between fork and exec.
    unsafe { program.pre_exec(before) };
}

/// Makes the kernel kill this process when its parent ends (prctl(2), `PR_SET_PDEATHSIG`). This is the last resort, if
/// every process that would have ended this one more gently was killed.
#[cfg(target_os = "linux")]
fn end_with(parent: Pid) -> std::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before the call.
    let is_there = rustix::process::getppid() == Some(parent);
    if is_there { Ok(()) } else { Err(std::io::ErrorKind::NotFound.into()) }
}

#[cfg(not(target_os = "linux"))]
fn end_with(_: Pid) -> std::io::Result<()> {
    Ok(())
}

/// Returns the signal with this number, including real-time signals.
pub fn signal(number: i32) -> Option<Signal> {
    Signal::from_named_raw(number).or_else(|| real_time(number))
}

#[cfg(target_os = "linux")]
fn real_time(number: i32) -> Option<Signal> {
    use nix::libc::{SIGRTMAX, SIGRTMIN};
    // SAFETY: the C library keeps none of these signals for itself.
    (SIGRTMIN()..=SIGRTMAX()).contains(&number).then(|| unsafe { Signal::from_raw_unchecked(number) })
}

#[cfg(not(target_os = "linux"))]
fn real_time(_: i32) -> Option<Signal> {
    None
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    const PANICKING: &str = "VAULT_TEST_PANIC";
    const CODE: &str = "VAULT_TEST_PANIC_CODE";

    fn panicking() -> Command {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "cli::process::hardening::tests::panicking_program", "--ignored", "--nocapture"]);
        program.env("RUST_BACKTRACE", "full").env(PANICKING, "hunter2");
        program
    }

    #[test]
    #[ignore = "the program under test, not a test"]
    #[allow(clippy::disallowed_methods, reason = "a test's own variable")]
    fn panicking_program() {
        let Ok(secret) = std::env::var(PANICKING) else { return };
        super::start();
        if let Some(code) = std::env::var(CODE).ok().and_then(|code| code.parse().ok()) {
            super::panic_with(code);
        }
        panic!("{secret}");
    }

    #[test]
    fn j9_a_panic_shows_its_location_and_no_secret_even_with_a_full_backtrace() {
        let output = panicking().output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("error: a bug in vault at src/cli/process/hardening.rs:"), "{text}");
        // The panic may have come before or after the file was replaced.
        assert!(text.contains("hint: the vault is unchanged, or saved as a whole; please report it"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("stack backtrace"), "{text}");
    }
    #[test]
    fn j6_a_panic_in_exec_is_not_mistaken_for_the_commands_exit_code() {
        let output = panicking().env(CODE, "125").output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{output:?}");
    }
}

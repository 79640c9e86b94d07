//! What keeps a secret inside this process: no core dump, no ptrace by the same user, no panic that tells more than a
//! place in the source.
#![allow(unsafe_code, reason = "system calls on descriptors that Rust doesn't own")]

use rustix::process::DumpableBehavior;
use std::io::Write as _;

/// Makes the process undumpable (prctl(2), PR_SET_DUMPABLE: no core, no ptrace; `execve` resets it for the child), and
/// a panic a one-line error without its message, which could hold a value.
pub fn start() {
    // Refused only by kernels that don't know it; then core dumps follow the system's own rules.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|panic| {
        super::terminal::restore();
        let place =
            panic.location().map_or(String::new(), |location| format!(" at {}:{}", location.file(), location.line()));
        let _ =
            writeln!(std::io::stderr(), "error: a bug in vault{place}\nhint: nothing was written; please report it");
        std::process::exit(1);
    }));
    // A write beyond RLIMIT_FSIZE is to fail with EFBIG, not to kill: a handler, unlike an ignored signal, ends at execve.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    if limit.current.is_some() {
        let caught = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, caught);
    }
}

/// Closes all descriptors above standard error: a process that outlives its starter must not keep the starter's pipes
/// open. To be called before this process opened any.
pub fn close_inherited() {
    let directory = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let descriptors: Vec<i32> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
    for descriptor in descriptors.into_iter().filter(|descriptor| *descriptor > 2) {
        // SAFETY: nothing in this process owns one of them. The one the directory was read by is closed already: it must
        // not be closed again, so each is looked at first.
        unsafe {
            if rustix::io::fcntl_getfd(rustix::fd::BorrowedFd::borrow_raw(descriptor)).is_ok() {
                rustix::io::close(descriptor);
            }
        }
    }
}

/// Marks an inherited descriptor as not to be passed on: the child must not read the passphrase again.
pub fn close_on_exec(descriptor: i32) {
    // SAFETY: the descriptor is only used for this one call, and a number that is none makes it fail with EBADF.
    let borrowed = unsafe { rustix::fd::BorrowedFd::borrow_raw(descriptor) };
    let _ = rustix::io::fcntl_setfd(borrowed, rustix::io::FdFlags::CLOEXEC);
}

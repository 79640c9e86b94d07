//! Keeps secrets inside this process: no core dumps, no ptrace by the same user, and no panic message beyond a place in
//! the source.

use std::io::Write as _;

/// Hardens the process. Call it before anything else.
pub fn start() {
    // Only kernels without this option refuse; core dumps then follow the system's rules.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        let _ = writeln!(std::io::stderr(), "error: a bug in vault-serve{place}\nhint: please report it");
        // No other thread may continue with state that a thread left half changed.
        std::process::exit(1);
    }));
}

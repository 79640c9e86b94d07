//! What keeps a secret inside this process: no core dump, no ptrace by the same user, no panic that tells more than a place
//! in the source.

use std::io::Write as _;

/// To be called first.
pub fn start() {
    // Refused only by kernels that don't know it; then core dumps follow the system's own rules.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        let _ = writeln!(std::io::stderr(), "error: a bug in vault-serve{place}\nhint: please report it");
        // What a thread left half done is not gone on with.
        std::process::exit(1);
    }));
}

//! The signal settings of programs that a test starts. Unit tests of the command line use this, too.

/// Makes all programs that a test starts begin with default signals, even if the tests run with some signals ignored,
/// as in a script's background job or under nohup. A signal with a handler gets its default action in the next program.
pub fn use_defaults() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        // The standard library does the same for SIGPIPE.
        let mine = (1..32).filter(|signal| ignored & (1 << (signal - 1)) != 0 && *signal != 13);
        for signal in mine {
            signal_hook::flag::register(signal, std::sync::Arc::default()).unwrap();
        }
    });
}

//! The clock by which keys are kept: it goes on in suspend, and nobody sets it.

use rustix::time::ClockId;
use std::time::Duration;

/// Since the machine was started, suspend included (clock_gettime(2), `CLOCK_BOOTTIME`): nobody sets it back.
#[must_use]
pub fn now() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    // There, this one goes on in suspend.
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(CLOCK)).unwrap_or(Duration::MAX)
}

//! The clock that limits how long keys are kept. It runs during suspend, and nobody can set it.

use rustix::time::ClockId;
use std::time::Duration;

/// Returns the time since the machine started, including suspend (clock_gettime(2), `CLOCK_BOOTTIME`). Nobody can set it
/// back.
#[must_use]
pub fn now() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    // On these systems, the monotonic clock runs during suspend.
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(CLOCK)).unwrap_or(Duration::MAX)
}

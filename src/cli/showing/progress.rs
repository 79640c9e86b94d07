//! What takes a while, on a terminal: one line on standard error, of which nothing is left at the end.
//!
//! Everything else that is printed meanwhile goes through [`beside`], so that it doesn't land in the middle of that line.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Between two pictures.
const TICK: Duration = Duration::from_millis(100);
/// The pictures, and the one at the end. Letters of ASCII alone: the console of Linux has no others of that kind.
const PICTURES: &str = "|/-\\ ";

/// What [`Working`] says while a new passphrase is made hard to guess.
pub const NEW_PASSPHRASE: &str = "Protecting the keys with the passphrase";

/// What takes a line away (ECMA-48: CR, EL).
pub const TAKE_AWAY: &[u8] = b"\r\x1b[2K";

/// The line that stands.
static STANDING: Mutex<Option<ProgressBar>> = Mutex::new(None);
/// Whether one does.
static STANDS: AtomicBool = AtomicBool::new(false);

/// Something without an end in sight is under way: shown at once, and gone when this is dropped.
#[must_use]
pub struct Working(());

impl Working {
    /// Begins; nothing is shown unless `is_shown`.
    pub(super) fn begin(what: &'static str, is_shown: bool) -> Self {
        if is_shown {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(what);
            line.set_style(ProgressStyle::default_spinner().tick_chars(PICTURES));
            STANDS.store(true, Ordering::SeqCst);
            line.tick();
            line.enable_steady_tick(TICK);
            *standing() = Some(line);
        }
        Self(())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(line) = standing().take() {
            line.finish_and_clear();
        }
        STANDS.store(false, Ordering::SeqCst);
    }
}

/// Whether a line stands; never waits for whoever draws it.
pub fn stands() -> bool {
    STANDS.load(Ordering::SeqCst)
}

/// Prints something else: the line is away meanwhile, and drawn again below.
pub fn beside<T>(print: impl FnOnce() -> T) -> T {
    match &*standing() {
        Some(line) => line.suspend(print),
        None => print(),
    }
}

fn standing() -> MutexGuard<'static, Option<ProgressBar>> {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Shows progress in a single line on standard error, if it is a terminal. Nothing of the line is left at the end.
//!
//! All other output in the meantime goes through [`beside`], so that it isn't printed in the middle of the line.

use rustix::termios::tcgetwinsize;
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Work that takes less time is not shown, unless somebody has just typed and waits for it.
const MOMENT: Duration = Duration::from_secs(1);
/// The time between two frames.
const TICK: Duration = Duration::from_millis(100);
/// The frames of the spinner. They are ASCII, because the console of Linux has no other such characters.
const FRAMES: [char; 4] = ['|', '/', '-', '\\'];
/// The width that is assumed if the terminal reports none.
const UNKNOWN_WIDTH: usize = 80;
/// The width of a bar, in columns.
const BAR: usize = 30;

/// What is shown while a new passphrase is made hard to guess.
pub const NEW_PASSPHRASE: &str = "Protecting the keys with the passphrase";

/// Removes a line (ECMA-48: CR, EL).
pub const CLEAR_LINE: &[u8] = b"\r\x1b[2K";

/// The place of the one line of this process.
static PLACE: Place = Place::new();

/// How much is known about the progress.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent {
    /// Nothing is known.
    Unknown,
    /// How much was done is known, but not how much there is.
    Counted,
    /// Both are known. Holds the number of steps.
    Steps(usize),
}

/// Work in progress, shown in a line on the terminal. The work ends when this is dropped.
#[must_use]
pub struct Underway(Option<Showing>);

struct Showing {
    line: Arc<Line>,
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Underway {
    /// Begins to show the work, if `is_shown`.
    pub(super) fn begin(what: impl Into<Cow<'static, str>>, extent: Extent, is_shown: bool) -> Self {
        if is_shown { Self::shown(what, extent, MOMENT) } else { Self(None) }
    }

    /// Begins to show the work at once, because somebody has just typed and waits.
    pub(super) fn begin_now(what: &'static str, is_shown: bool) -> Self {
        if is_shown { Self::shown(what, Extent::Unknown, Duration::ZERO) } else { Self(None) }
    }

    /// Starts the thread that draws the line. If there can be no thread, the work is done without a line.
    fn shown(what: impl Into<Cow<'static, str>>, extent: Extent, patience: Duration) -> Self {
        let line = Arc::new(Line::new(what, extent, Terminal::Stderr));
        if patience.is_zero() {
            PLACE.take(&line);
        }
        let (stop, stopped) = channel();
        let drawn = Arc::clone(&line);
        let is_over = move |pause| stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
        let thread = vault::thread::start(vault::thread::STACK, move || keep(&PLACE, &drawn, patience, is_over));
        Self(thread.ok().map(|thread| Showing { line, stop, thread }))
    }

    /// Counts a step as done.
    pub fn step(&self) {
        if let Some(showing) = &self.0 {
            showing.line.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if let Some(Showing { line, stop, thread }) = self.0.take() {
            drop(stop);
            let _ = thread.join();
            PLACE.leave(&line);
        }
    }
}

/// Draws a line until the work is over. `is_over` waits for at most the given time.
fn keep(place: &Place, line: &Arc<Line>, patience: Duration, mut is_over: impl FnMut(Duration) -> bool) {
    if !patience.is_zero() {
        if is_over(patience) {
            return;
        }
        place.take(line);
    }
    while !is_over(TICK) {
        place.draw(line);
    }
}

struct Line {
    what: Cow<'static, str>,
    extent: Extent,
    done: AtomicU64,
    frames: AtomicUsize,
    terminal: Terminal,
}

impl Line {
    fn new(what: impl Into<Cow<'static, str>>, extent: Extent, terminal: Terminal) -> Self {
        Self { what: what.into(), extent, done: AtomicU64::new(0), frames: AtomicUsize::new(0), terminal }
    }

    /// Draws the line over the previous one. A failure is ignored, because it is no reason to stop the work.
    fn draw(&self) {
        let frame = FRAMES[self.frames.fetch_add(1, Ordering::Relaxed) % FRAMES.len()];
        let mut text = String::from_utf8_lossy(CLEAR_LINE).into_owned();
        // A line wider than the terminal would wrap, and one of the two lines would stay.
        text.extend(self.text(frame).chars().take(self.terminal.width().saturating_sub(1)));
        self.terminal.write(text.as_bytes());
    }

    fn text(&self, frame: char) -> String {
        let (what, done) = (&self.what, self.done.load(Ordering::Relaxed));
        match self.extent {
            Extent::Unknown => format!("{frame} {what}"),
            Extent::Counted => format!("{frame} {what} {}", grouped(done)),
            Extent::Steps(steps) => {
                let steps = u64::try_from(steps).unwrap_or(u64::MAX);
                format!("{what} [{}] {}/{}", bar(done, steps), grouped(done), grouped(steps))
            }
        }
    }

    fn clear(&self) {
        self.terminal.write(CLEAR_LINE);
    }
}

/// Returns a bar that shows how many of the steps are done.
fn bar(done: u64, steps: u64) -> String {
    let filled = done.saturating_mul(BAR as u64).checked_div(steps).unwrap_or_default();
    let filled = usize::try_from(filled).unwrap_or(BAR).min(BAR);
    let tip = if filled < BAR { ">" } else { "" };
    format!("{:BAR$}", "=".repeat(filled) + tip)
}

/// Returns a number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The terminal on which lines are drawn.
enum Terminal {
    Stderr,
    /// Keeps the output for the tests.
    #[cfg(test)]
    Kept(Arc<Mutex<Vec<u8>>>),
}

impl Terminal {
    fn width(&self) -> usize {
        match self {
            Self::Stderr => {
                let columns = tcgetwinsize(io::stderr()).map_or(0, |size| size.ws_col);
                if columns == 0 { UNKNOWN_WIDTH } else { columns.into() }
            }
            #[cfg(test)]
            Self::Kept(_) => UNKNOWN_WIDTH,
        }
    }

    fn write(&self, text: &[u8]) {
        match self {
            Self::Stderr => {
                let _ = io::stderr().write_all(text);
            }
            #[cfg(test)]
            Self::Kept(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).extend(text),
        }
    }
}

/// The place for a line. There is at most one at a time.
struct Place {
    line: Mutex<Option<Arc<Line>>>,
    is_taken: AtomicBool,
}

impl Place {
    const fn new() -> Self {
        Self { line: Mutex::new(None), is_taken: AtomicBool::new(false) }
    }

    /// Draws a line here, instead of the previous one.
    fn take(&self, line: &Arc<Line>) {
        let mut standing = self.lock();
        if let Some(before) = standing.replace(Arc::clone(line)) {
            before.clear();
        }
        self.is_taken.store(true, Ordering::SeqCst);
        line.draw();
    }

    /// Draws a line again, unless another line has replaced it.
    fn draw(&self, line: &Arc<Line>) {
        if let Some(standing) = &*self.lock()
            && Arc::ptr_eq(standing, line)
        {
            line.draw();
        }
    }

    /// Removes a line, unless another line has replaced it.
    fn leave(&self, line: &Arc<Line>) {
        let mut standing = self.lock();
        if standing.as_ref().is_some_and(|standing| Arc::ptr_eq(standing, line)) {
            line.clear();
            *standing = None;
            self.is_taken.store(false, Ordering::SeqCst);
        }
    }

    fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &*self.lock() {
            Some(line) => {
                line.clear();
                let printed = print();
                line.draw();
                printed
            }
            None => print(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Line>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a line is shown. This never waits for the thread that draws.
pub fn is_shown() -> bool {
    PLACE.is_taken.load(Ordering::SeqCst)
}

/// Prints something else. The line is removed before and drawn again below.
pub fn beside<T>(print: impl FnOnce() -> T) -> T {
    PLACE.beside(print)
}

#[cfg(test)]
mod tests;

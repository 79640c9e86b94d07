//! What takes a while, on a terminal: one line on standard error, of which nothing is left at the end.
//!
//! Everything else that is printed meanwhile goes through [`beside`], so that it doesn't land in the middle of that line.

use rustix::termios::tcgetwinsize;
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is over before this is not worth a line, unless somebody has just typed and waits for it.
const MOMENT: Duration = Duration::from_secs(1);
/// Between two pictures.
const TICK: Duration = Duration::from_millis(100);
/// The pictures, one after the other. Letters of ASCII alone: the console of Linux has no others of that kind.
const PICTURES: [char; 4] = ['|', '/', '-', '\\'];
/// The columns of a terminal that doesn't tell.
const UNKNOWN_WIDTH: usize = 80;
/// How wide a bar is, in columns.
const BAR: usize = 30;

/// What is said while a new passphrase is made hard to guess.
pub const NEW_PASSPHRASE: &str = "Protecting the keys with the passphrase";

/// What takes a line away (ECMA-48: CR, EL).
pub const TAKE_AWAY: &[u8] = b"\r\x1b[2K";

/// Where the one line of this process stands.
static PLACE: Place = Place::new();

/// How much of something is known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent {
    /// Neither how far it is nor where it ends.
    Unknown,
    /// How far it is.
    Counted,
    /// Both: so many steps.
    Steps(usize),
}

/// Something is under way, and is no more when this is dropped. All of it is one line on the terminal.
#[must_use]
pub struct Underway(Option<Showing>);

struct Showing {
    line: Arc<Line>,
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Underway {
    /// Begins; nothing is shown unless `is_shown`.
    pub(super) fn begin(what: impl Into<Cow<'static, str>>, extent: Extent, is_shown: bool) -> Self {
        if is_shown { Self::shown(what, extent, MOMENT) } else { Self(None) }
    }

    /// The same of what somebody waits for who has just typed: that is shown at once.
    pub(super) fn begin_now(what: &'static str, is_shown: bool) -> Self {
        if is_shown { Self::shown(what, Extent::Unknown, Duration::ZERO) } else { Self(None) }
    }

    /// Where there is no thread to be had, the work is done all the same.
    fn shown(what: impl Into<Cow<'static, str>>, extent: Extent, patience: Duration) -> Self {
        let line = Arc::new(Line::new(what, extent, Terminal::Stderr));
        if patience.is_zero() {
            PLACE.take(&line);
        }
        let (stop, stopped) = channel();
        let drawn = Arc::clone(&line);
        let is_over = move |pause| stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
        let thread = std::thread::Builder::new().spawn(move || keep(&PLACE, &drawn, patience, is_over));
        Self(thread.ok().map(|thread| Showing { line, stop, thread }))
    }

    /// One more is done.
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

/// Draws a line until it is over, which `is_over` waits for so long.
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
    pictures: AtomicUsize,
    terminal: Terminal,
}

impl Line {
    fn new(what: impl Into<Cow<'static, str>>, extent: Extent, terminal: Terminal) -> Self {
        Self { what: what.into(), extent, done: AtomicU64::new(0), pictures: AtomicUsize::new(0), terminal }
    }

    /// Draws it over what stood there. That this fails is no reason to stop the work.
    fn draw(&self) {
        let picture = PICTURES[self.pictures.fetch_add(1, Ordering::Relaxed) % PICTURES.len()];
        let mut text = String::from_utf8_lossy(TAKE_AWAY).into_owned();
        // A line that is wider than the terminal would take two, of which one stays.
        text.extend(self.text(picture).chars().take(self.terminal.width().saturating_sub(1)));
        self.terminal.write(text.as_bytes());
    }

    fn text(&self, picture: char) -> String {
        let (what, done) = (&self.what, self.done.load(Ordering::Relaxed));
        match self.extent {
            Extent::Unknown => format!("{picture} {what}"),
            Extent::Counted => format!("{picture} {what} {}", grouped(done)),
            Extent::Steps(steps) => {
                let steps = u64::try_from(steps).unwrap_or(u64::MAX);
                format!("{what} [{}] {}/{}", bar(done, steps), grouped(done), grouped(steps))
            }
        }
    }

    fn clear(&self) {
        self.terminal.write(TAKE_AWAY);
    }
}

/// A bar, filled as far as so many of these steps are done.
fn bar(done: u64, steps: u64) -> String {
    let filled = done.saturating_mul(BAR as u64).checked_div(steps).unwrap_or_default();
    let filled = usize::try_from(filled).unwrap_or(BAR).min(BAR);
    let tip = if filled < BAR { ">" } else { "" };
    format!("{:BAR$}", "=".repeat(filled) + tip)
}

/// A number with its digits in groups of three.
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

/// Where lines are drawn.
enum Terminal {
    Stderr,
    /// What the tests read again.
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

/// Where one line stands at a time.
struct Place {
    line: Mutex<Option<Arc<Line>>>,
    is_taken: AtomicBool,
}

impl Place {
    const fn new() -> Self {
        Self { line: Mutex::new(None), is_taken: AtomicBool::new(false) }
    }

    /// Draws a line here, in the place of the one before.
    fn take(&self, line: &Arc<Line>) {
        let mut standing = self.lock();
        if let Some(before) = standing.replace(Arc::clone(line)) {
            before.clear();
        }
        self.is_taken.store(true, Ordering::SeqCst);
        line.draw();
    }

    /// Draws a line anew, unless another has taken its place.
    fn draw(&self, line: &Arc<Line>) {
        if let Some(standing) = &*self.lock()
            && Arc::ptr_eq(standing, line)
        {
            line.draw();
        }
    }

    /// Takes a line away, unless another has taken its place.
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

/// Whether a line stands; never waits for whoever draws it.
pub fn stands() -> bool {
    PLACE.is_taken.load(Ordering::SeqCst)
}

/// Prints something else: the line is away meanwhile, and drawn again below.
pub fn beside<T>(print: impl FnOnce() -> T) -> T {
    PLACE.beside(print)
}

#[cfg(test)]
mod tests;

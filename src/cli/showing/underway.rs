//! Shows the progress of commands and of the library.

use super::progress::{Extent, Underway};
use super::ui::Ui;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault::vault::Progress;

impl Ui {
    /// Shows at once that work is in progress, until the result is dropped. Prints only on a terminal.
    pub fn working(self, what: &'static str) -> Underway {
        Underway::begin_now(what, self.shows_progress())
    }

    /// Like [`Ui::working`], but shows nothing in the first second.
    pub fn underway(self, what: String) -> Underway {
        Underway::begin(what, Extent::Unknown, self.shows_progress())
    }

    /// Like [`Ui::underway`], for work that is counted.
    pub fn counting(self, what: &'static str) -> Underway {
        Underway::begin(what, Extent::Counted, self.shows_progress())
    }

    /// Like [`Ui::underway`], for work with a known number of steps.
    pub fn steps(self, what: &'static str, steps: usize) -> Underway {
        Underway::begin(what, Extent::Steps(steps), self.shows_progress())
    }
}

/// The progress of encrypting environments.
pub struct Encrypting {
    ui: Ui,
    line: Mutex<Option<Underway>>,
}

impl Encrypting {
    /// Returns a progress that has not begun.
    pub fn new(ui: Ui) -> Self {
        Self { ui, line: Mutex::new(None) }
    }

    fn line(&self) -> MutexGuard<'_, Option<Underway>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Encrypting {
    fn begin(&self, steps: usize) {
        *self.line() = Some(self.ui.steps("Encrypting environments", steps));
    }

    fn step(&self) {
        self.line().iter().for_each(Underway::step);
    }

    fn end(&self) {
        *self.line() = None;
    }
}

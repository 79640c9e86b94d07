//! What is under way, as commands and the library tell it.

use super::progress::{Extent, Underway};
use super::ui::Ui;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault::progress::Progress;

impl Ui {
    /// Says at once that something is under way, until the result is dropped. Only on a terminal.
    pub fn working(self, what: &'static str) -> Underway {
        Underway::begin_now(what, self.shows_progress())
    }

    /// The same, once it has taken a second.
    pub fn underway(self, what: String) -> Underway {
        Underway::begin(what, Extent::Unknown, self.shows_progress())
    }

    /// The same of what is counted.
    pub fn counting(self, what: &'static str) -> Underway {
        Underway::begin(what, Extent::Counted, self.shows_progress())
    }

    /// The same of so many steps.
    pub fn steps(self, what: &'static str, steps: usize) -> Underway {
        Underway::begin(what, Extent::Steps(steps), self.shows_progress())
    }
}

/// How far the encryption of environments is.
pub struct Encrypting {
    ui: Ui,
    line: Mutex<Option<Underway>>,
}

impl Encrypting {
    /// Nothing is under way yet.
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

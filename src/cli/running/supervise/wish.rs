//! What the signals that came ask for: that the command ends, for one. Then nothing that it has started stays.

use super::descendants::GRACE;
use crate::cli::asking::terminal::was_ignored;
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGURG, SIGWINCH};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// Whether it is what people and service managers end a program with.
pub fn is_end(signal: i32) -> bool {
    [SIGINT, SIGTERM, SIGQUIT, SIGHUP].contains(&signal)
}

/// Whether it ends a program that knows nothing of it.
pub fn is_deadly(signal: i32) -> bool {
    ![SIGCHLD, SIGCONT, SIGTSTP, SIGURG, SIGWINCH].contains(&signal)
}

/// The signals that were passed on.
#[derive(Debug, Default)]
pub struct Wish {
    /// All but those without an effect of their own.
    deadly: Vec<i32>,
    /// When somebody last pressed Ctrl-C, or the like: many programs go on after it.
    key: Option<Instant>,
    /// Whether somebody sent what no key does.
    is_final: bool,
}

impl Wish {
    /// A signal was passed on. One that was to be ignored asks for nothing, though the command may handle it.
    pub fn note(&mut self, signal: i32) {
        if was_ignored(signal) {
            return;
        }
        match signal {
            SIGINT | SIGQUIT => self.key = Some(Instant::now()),
            SIGTERM | SIGHUP => self.is_final = true,
            _ => {}
        }
        if is_deadly(signal) && !self.deadly.contains(&signal) {
            self.deadly.push(signal);
        }
    }

    /// Whether somebody wanted the command to end, which now it has: also where it took its time.
    pub fn is_for_end(&self) -> bool {
        self.is_final_or_fresh(self.key.map(|pressed| pressed.elapsed()))
    }

    /// Whether the command's end is an answer to a signal that was passed on.
    pub fn is_granted(&self, status: ExitStatus) -> bool {
        self.is_for_end() || status.signal().is_some_and(|signal| self.deadly.contains(&signal))
    }

    fn is_final_or_fresh(&self, since_key: Option<Duration>) -> bool {
        self.is_final || since_key.is_some_and(|since| since <= GRACE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal_hook::consts::{SIGALRM, SIGUSR1};

    #[test]
    fn an_end_answers_a_signal_that_was_passed_on() {
        let mut wish = Wish::default();
        let (exited, by_alarm) = (ExitStatus::from_raw(0), ExitStatus::from_raw(SIGALRM));
        [SIGCHLD, SIGCONT, SIGWINCH, SIGUSR1].into_iter().for_each(|signal| wish.note(signal));
        assert!(!wish.is_for_end() && !wish.is_granted(exited) && !wish.is_granted(by_alarm));
        wish.note(SIGALRM);
        assert!(!wish.is_granted(exited) && wish.is_granted(by_alarm));
        wish.note(SIGINT);
        assert!(wish.is_granted(exited));
    }

    #[test]
    fn ctrl_c_is_forgotten_by_a_program_that_goes_on_and_sigterm_is_not() {
        let long = Some(GRACE + Duration::from_secs(1));
        let mut wish = Wish::default();
        wish.note(SIGINT);
        assert!(!wish.is_final_or_fresh(long) && wish.is_final_or_fresh(Some(GRACE)));
        wish.note(SIGTERM);
        assert!(wish.is_final_or_fresh(long));
    }
}

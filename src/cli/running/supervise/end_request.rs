//! What the signals that were passed on ask for, such as the end of the command. After such an end, none of the
//! command's descendants keeps running.

use super::descendants::GRACE;
use crate::cli::asking::terminal::was_ignored;
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGURG, SIGWINCH};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// Returns whether people and service managers use this signal to end a program.
pub fn is_end(signal: i32) -> bool {
    [SIGINT, SIGTERM, SIGQUIT, SIGHUP].contains(&signal)
}

/// Returns whether this signal ends a program that has no handler for it.
pub fn is_deadly(signal: i32) -> bool {
    ![SIGCHLD, SIGCONT, SIGTSTP, SIGURG, SIGWINCH].contains(&signal)
}

/// What the signals that were passed on ask for.
#[derive(Debug, Default)]
pub struct EndRequest {
    /// All signals that end a program without a handler.
    deadly: Vec<i32>,
    /// When somebody last pressed Ctrl-C or the like. Many programs go on after it.
    key: Option<Instant>,
    /// Whether a signal came that no key sends.
    is_final: bool,
}

impl EndRequest {
    /// Records a signal that was passed on. A signal that this process was started to ignore asks for nothing, even if
    /// the command handles it.
    pub fn record(&mut self, signal: i32) {
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

    /// Returns whether somebody wanted the command to end, even if the command took a while to do so.
    pub fn wants_end(&self) -> bool {
        self.is_final_or_fresh(self.key.map(|pressed| pressed.elapsed()))
    }

    /// Returns whether the command's end answers a signal that was passed on.
    pub fn explains(&self, status: ExitStatus) -> bool {
        self.wants_end() || status.signal().is_some_and(|signal| self.deadly.contains(&signal))
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
    fn an_exit_can_be_attributed_to_a_forwarded_signal() {
        let mut end_request = EndRequest::default();
        let (exited, by_alarm) = (ExitStatus::from_raw(0), ExitStatus::from_raw(SIGALRM));
        [SIGCHLD, SIGCONT, SIGWINCH, SIGUSR1].into_iter().for_each(|signal| end_request.record(signal));
        assert!(!end_request.wants_end() && !end_request.explains(exited) && !end_request.explains(by_alarm));
        end_request.record(SIGALRM);
        assert!(!end_request.explains(exited) && end_request.explains(by_alarm));
        end_request.record(SIGINT);
        assert!(end_request.explains(exited));
    }

    #[test]
    fn ctrl_c_is_forgotten_if_the_program_continues_but_sigterm_is_not() {
        let long = Some(GRACE + Duration::from_secs(1));
        let mut end_request = EndRequest::default();
        end_request.record(SIGINT);
        assert!(!end_request.is_final_or_fresh(long) && end_request.is_final_or_fresh(Some(GRACE)));
        end_request.record(SIGTERM);
        assert!(end_request.is_final_or_fresh(long));
    }
}

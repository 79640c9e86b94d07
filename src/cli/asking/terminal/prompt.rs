//! One question on the terminal.
//!
//! The terminal stays in line mode, without echo if the answer is hidden. So the kernel keeps the half-typed line, and
//! the usual keys work: those that erase (Backspace, Ctrl-U, Ctrl-W, or whatever the user has set) and those that send
//! signals.

use super::modes::{Echo, is_foreground, restore, take};
use super::quiet;
use super::signals::{Signals, act, is_fatal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::io::{Errno, read, write};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};
use signal_hook::consts::SIGTSTP;
use zeroize::Zeroizing;

/// The longest line that is certainly complete, in bytes without the line end. The kernel silently drops what exceeds
/// its own limit (4,095 bytes on Linux; elsewhere MAX_CANON, which is 1,024 with the line end).
pub(super) const LONGEST_LINE: usize = if cfg!(target_os = "linux") { 4_094 } else { 1_022 };

/// Room for the longest line, its end, and one more byte.
const BUFFER: usize = 8_192;

/// What was typed.
pub(super) struct Line {
    /// The line without its end. `None` if the input ended before anything was typed.
    pub(super) bytes: Option<Zeroizing<Vec<u8>>>,
    /// Whether more input followed, because several lines were pasted.
    pub(super) has_more: bool,
}

/// An active prompt. Dropping it restores the terminal.
pub(super) struct Prompt<'a> {
    tty: OwnedFd,
    text: &'a str,
    echo: Echo,
    // Dropped after the terminal was restored. Signals that arrived meanwhile take effect then.
    signals: Option<Signals>,
}

impl<'a> Prompt<'a> {
    /// Shows the question.
    pub(super) fn start(tty: OwnedFd, text: &'a str, echo: Echo) -> Result<Self, Errno> {
        let signals = match quiet::resume() {
            Some(signals) => signals,
            None => Signals::catch().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?,
        };
        let mut prompt = Self { tty, text, echo, signals: Some(signals) };
        prompt.take_terminal()?;
        prompt.obey_signals()?;
        prompt.show()?;
        Ok(prompt)
    }

    /// Waits for the answer's line.
    pub(super) fn answer(mut self) -> Result<Line, Errno> {
        let mut bytes = Zeroizing::new(vec![0; BUFFER]);
        let mut length = 0;
        let ended_by_enter = loop {
            self.wait(PollFlags::IN)?;
            if self.obey_signals()? {
                // This process was stopped and continued. The kernel has dropped the half-typed line, so the question
                // is shown again.
                length = 0;
                self.show()?;
                continue;
            }
            match read(&self.tty, &mut bytes[length..]) {
                // Ctrl-D was pressed, or the terminal is gone.
                Ok(0) if tcgetattr(&self.tty).is_err() => return Err(Errno::IO),
                Ok(0) => break false,
                Ok(count) => length += count,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error),
            }
            if bytes[..length].last() == Some(&b'\n') {
                length -= 1;
                break true;
            }
            if length > LONGEST_LINE {
                break false;
            }
        };
        if self.echo == Echo::Off || !ended_by_enter {
            self.new_line();
        }
        bytes.truncate(length);
        let has_more = ended_by_enter && self.has_more();
        Ok(Line { bytes: (ended_by_enter || length > 0).then_some(bytes), has_more })
    }

    /// Sets the modes for the question and drops earlier input. In the background, the kernel stops this process here
    /// until the shell brings it to the foreground.
    fn take_terminal(&mut self) -> Result<(), Errno> {
        // This comes before the modes are read. The modes that the shell uses for itself must not be restored later.
        tcflush(&self.tty, QueueSelector::IFlush)?;
        take(&self.tty, self.echo)
    }

    /// Acts on the signals that arrived. Doesn't return if one of them ends the process. Returns true if the process
    /// was stopped and continued, and has taken the terminal again.
    fn obey_signals(&mut self) -> Result<bool, Errno> {
        let mut was_stopped = false;
        loop {
            let signals = self.signals.as_mut().map(Signals::pending).unwrap_or_default();
            if signals.is_empty() {
                return Ok(was_stopped);
            }
            if let Some(signal) = signals.iter().find(|signal| is_fatal(**signal)) {
                self.leave_terminal();
                act(*signal);
            }
            if signals.contains(&SIGTSTP) {
                self.leave_terminal();
                act(SIGTSTP);
            }
            was_stopped = true;
            // In the background, this may stop the process again. Hence the loop.
            self.take_terminal()?;
        }
    }

    fn leave_terminal(&self) {
        if is_foreground(self.tty.as_fd()) {
            self.new_line();
        }
        restore();
    }

    /// Writes the question.
    fn show(&mut self) -> Result<(), Errno> {
        let mut left = self.text.as_bytes();
        while !left.is_empty() {
            match write(&self.tty, left) {
                Ok(count) => left = &left[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.wait(PollFlags::OUT)?;
                    if self.obey_signals()? {
                        left = self.text.as_bytes();
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends the line with the cursor. If output is stopped, this doesn't wait.
    fn new_line(&self) {
        let _ = write(&self.tty, b"\n");
    }

    /// Sleeps until the terminal may be ready or a signal has arrived.
    fn wait(&self, events: PollFlags) -> Result<(), Errno> {
        let signals = self.signals.as_ref().map_or_else(|| self.tty.as_fd(), Signals::descriptor);
        let mut polled = [PollFd::from_borrowed_fd(signals, PollFlags::IN), PollFd::new(&self.tty, events)];
        // macOS can't poll a terminal, so there a read is tried twenty times a second.
        let (count, pause) =
            if cfg!(target_os = "macos") { (1, Some(Timespec { tv_sec: 0, tv_nsec: 50_000_000 })) } else { (2, None) };
        match poll(&mut polled[..count], pause.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns whether anything but line ends was typed after the line. Outside line mode, an unfinished line is seen
    /// as well.
    fn has_more(&self) -> bool {
        let mut rest = Zeroizing::new(vec![0; BUFFER]);
        let count = tcgetattr(&self.tty)
            .and_then(|mut modes| {
                modes.local_modes.remove(LocalModes::ICANON);
                tcsetattr(&self.tty, OptionalActions::Now, &modes)
            })
            .and_then(|()| read(&self.tty, &mut *rest));
        rest[..count.unwrap_or(0)].iter().any(|byte| !b"\r\n".contains(byte))
    }
}

impl Drop for Prompt<'_> {
    fn drop(&mut self) {
        if self.echo == Echo::Off
            && quiet::is_wanted()
            && let (Some(signals), Ok(tty)) = (self.signals.take(), self.tty.try_clone())
            && quiet::keep(tty, signals)
        {
            return;
        }
        restore();
    }
}

//! The controlling terminal: its modes during a question, and those to restore.

use nix::unistd::getpgrp;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp,
    tcsetattr,
};
use std::sync::Mutex;

/// The controlling terminal of the process that opens it.
pub(super) const DEVICE: &str = "/dev/tty";

/// The terminal and the modes to restore, while a prompt is active.
pub(super) static SAVED: Mutex<Option<(OwnedFd, Termios)>> = Mutex::new(None);

/// Whether the answer is shown while it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    On,
    Off,
}

/// Opens the controlling terminal in non-blocking mode, so that output stopped by Ctrl-S can't hold up a signal.
pub(super) fn open() -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    retry_on_intr(|| rustix::fs::open(DEVICE, flags, Mode::empty()))
}

/// Restores the terminal if a prompt is active, and drops half-typed input, which the shell must not show or run. The
/// panic hook calls this, because no destructor runs after it.
pub(crate) fn restore() {
    let Ok(mut saved) = SAVED.try_lock() else { return };
    let Some((tty, modes)) = saved.take() else { return };
    // In the background, the terminal is in the shell's own modes.
    if is_foreground(tty.as_fd()) {
        // If the terminal is gone, there is nothing to restore.
        let _ = tcflush(&tty, QueueSelector::IFlush);
        let _ = tcsetattr(&tty, OptionalActions::Now, &modes);
    }
}

/// Sets the modes for a question and drops earlier input. Fails in the background.
pub(super) fn take(tty: &OwnedFd, echo: Echo) -> Result<(), Errno> {
    if !is_foreground(tty.as_fd()) {
        return Err(Errno::PERM);
    }
    let mut saved = SAVED.lock().map_err(|_| Errno::BUSY)?;
    let mut modes = match saved.as_ref() {
        Some((_, modes)) => modes.clone(),
        None => tcgetattr(tty)?,
    };
    if saved.is_none() {
        *saved = Some((tty.try_clone().map_err(|_| Errno::MFILE)?, modes.clone()));
    }
    drop(saved);
    set_modes(&mut modes, echo);
    tcsetattr(tty, OptionalActions::Now, &modes)?;
    tcflush(tty, QueueSelector::IFlush)
}

/// Sets line mode, whatever a crashed program may have left behind.
fn set_modes(modes: &mut Termios, echo: Echo) {
    modes.input_modes.insert(InputModes::ICRNL);
    modes.input_modes.remove(InputModes::IGNCR | InputModes::INLCR);
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    modes.input_modes.insert(InputModes::IUTF8);
    modes.output_modes.insert(OutputModes::OPOST | OutputModes::ONLCR);
    modes.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
    modes.local_modes.remove(LocalModes::ECHONL);
    modes.local_modes.set(LocalModes::ECHO, echo == Echo::On);
}

/// Returns whether this process may change the terminal. If that is unknown (another PID namespace), it may try.
pub(super) fn is_foreground(tty: BorrowedFd<'_>) -> bool {
    tcgetpgrp(tty).map_or(true, |group| group.as_raw_pid() == getpgrp().as_raw())
}

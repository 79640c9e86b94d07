//! Runs the user's editor.

use super::discretion::{Discretion, discretion, is_plain, nano_settings, recovery, vim_init, waiting};
use crate::cli::asking::terminal;
use crate::cli::process::programs::{check_line, without_keys};
use crate::cli::showing::ui::Ui;
use rustix::event::Timespec;
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGTERM, SIGTSTP};
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use vault::path::{parent, shell_word};
use vault::settings::Variable;
use vault::{Error, Result};

/// Returns the command line of the user's editor.
fn command_line() -> Option<OsString> {
    Variable::Visual.filled().or_else(|| Variable::Editor.filled())
}

/// When the editor's file is checked.
pub enum Moment {
    /// The editor is open.
    Meanwhile,
    /// A signal is about to end this process and the editor.
    Ending,
}

/// How often the file is checked while the editor is open.
const LOOK: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// How long an editor may take to end.
const MOST: Duration = Duration::from_secs(5);

/// The editor if the user names none.
const DEFAULT: &str = "vi";

/// Warns if the editor keeps copies of the text.
pub fn warn_of_copies(ui: Ui) {
    let line = command_line().unwrap_or_else(|| DEFAULT.into());
    if let Discretion::KeepsCopies(program) = discretion(&line.to_string_lossy()) {
        ui.warn(&format!("{program} may keep a copy of what you edit on the disk"));
        ui.hint("choose an editor that vault can tell to keep no copy: EDITOR=vim, nvim, emacs, nano, micro or hx");
    }
}

/// Returns a command line with which the editor waits until the text is saved, if the user's editor doesn't wait.
pub fn how_to_wait() -> Option<String> {
    waiting(&command_line()?.to_string_lossy())
}

/// Runs the editor on a file until it ends, and calls `look` once a second. If a signal is to end this process, it
/// calls `look` and then ends the editor.
///
/// # Errors
/// If there is no editor, the editor fails, or a signal ended it.
pub fn run(path: &Path, look: &mut dyn FnMut(Moment)) -> Result<()> {
    let named = command_line();
    if named.is_none() && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(
            Error::failed("there is no terminal for an editor").hint("set EDITOR to an editor that needs no terminal")
        );
    }
    let editor = named.unwrap_or_else(|| DEFAULT.into());
    check_line(&editor, "VISUAL or EDITOR")?;
    let text = editor.to_string_lossy();
    let (status, signal) = wait(command(&editor, path)?, look).map_err(|error| {
        Error::failed(format!("the editor can't be run: {}", vault::error::reason(&error)))
            .hint("set EDITOR to an editor that is installed, for example EDITOR=nano")
    })?;
    if let Some(signal) = signal {
        let signal = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
        return Err(Error::failed(format!("{signal} ended the editor ({text})")));
    }
    if status.success() {
        return Ok(());
    }
    Err(Error::failed(format!("the editor ({text}) failed: {status}")).hint("set EDITOR to another editor"))
}

/// Makes an ended vim's unsaved text recoverable: starts a vim that writes it to a file in `directory`, and returns the
/// file's name.
pub fn recover(directory: &Path, name: &OsStr) -> Option<&'static str> {
    // No item can have this name.
    const RECOVERED: &str = ".recovered";
    let line = command_line().unwrap_or_else(|| DEFAULT.into());
    let mut vim = recovery(&line.to_string_lossy(), name, RECOVERED)?;
    vim.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = vim.spawn().ok()?;
    if wait_for(&mut child, MOST).ok()?.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    Some(RECOVERED)
}

fn command(editor: &OsStr, path: &Path) -> Result<Command> {
    let text = editor.to_string_lossy();
    // A plain command replaces the shell, so that a signal that is passed on reaches the editor itself.
    let mut line = OsString::from(if is_plain(&text) { "exec " } else { "" });
    line.push(editor);
    let mut shell = without_keys("sh");
    match discretion(&text) {
        Discretion::Options(options) => line.push(options),
        Discretion::Settings => {
            let settings = parent(path).join("nanorc");
            vault::fs::write_private(&settings, &nano_settings())?;
            line.push(format!(" --rcfile={}", shell_word(&settings)));
        }
        // Any editor that this starts gets the variable. An editor that stores a state stores it next to the text.
        Discretion::KeepsCopies(_) | Discretion::KeepsNothing => {
            let user_init = Variable::VimInit.value();
            let init = vim_init(user_init.as_deref().and_then(OsStr::to_str));
            shell.env(Variable::VimInit.name(), init).env("XDG_STATE_HOME", parent(path));
        }
    }
    line.push(" \"$1\"");
    shell.arg("-c").arg(line).arg("vault").arg(path);
    Ok(shell)
}

/// Waits for the editor. Ctrl-C is for the editor. A signal that ends this program ends the editor first, so that the
/// file can be removed.
fn wait(mut command: Command, look: &mut dyn FnMut(Moment)) -> std::io::Result<(ExitStatus, Option<i32>)> {
    let mut signals = terminal::Held::catch()?;
    let modes = Modes::now();
    let mut child = command.spawn()?;
    loop {
        for signal in signals.wait(&LOOK) {
            match signal {
                SIGTERM | SIGHUP => {
                    signals.ignore_further();
                    look(Moment::Ending);
                    let status = end(&mut child, signal)?;
                    modes.restore();
                    return Ok((status, Some(signal)));
                }
                // The editor stops its whole process group.
                SIGTSTP => terminal::act(signal),
                _ => {}
            }
        }
        if let Some(status) = child.try_wait()? {
            return Ok((status, None));
        }
        look(Moment::Meanwhile);
    }
}

/// The terminal's modes from before the editor. An editor that is killed may leave its own modes.
struct Modes(Option<Termios>);

impl Modes {
    fn now() -> Self {
        Self(tcgetattr(std::io::stdin()).ok())
    }

    /// Restores the modes. If another job has the terminal, this would stop the process, so it is left out.
    fn restore(self) {
        let is_ours = tcgetpgrp(std::io::stdin()).is_ok_and(|group| group == getpgrp());
        if let Some(modes) = self.0.filter(|_| is_ours) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
        }
    }
}

/// Ends the editor, which may save its text first. If the terminal is gone, the editor already knows, and a second
/// signal could keep it from saving.
fn end(child: &mut Child, signal: i32) -> std::io::Result<ExitStatus> {
    const BY_ITSELF: Duration = Duration::from_millis(500);
    if let Some(status) = wait_for(child, BY_ITSELF)? {
        return Ok(status);
    }
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Some(process), Some(signal)) = (process, Signal::from_named_raw(signal)) {
        let _ = kill_process(process, signal);
    }
    if let Some(status) = wait_for(child, MOST)? {
        return Ok(status);
    }
    child.kill()?;
    child.wait()
}

fn wait_for(child: &mut Child, most: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= most {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

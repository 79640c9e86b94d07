//! Running the user's editor on a text that lies in memory only.

use super::discretion::{Discretion, discretion, is_plain, vim_init};
use crate::cli::asking::terminal;
use crate::cli::process::programs::{check_line, without_keys};
use crate::cli::showing::ui::Ui;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use vault::item::MAX_VALUE;
use vault::settings::{self, Variable};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The most that is read back, in bytes: an environment may hold many values.
const MAX_TEXT: usize = 64 * MAX_VALUE;

/// A file in a directory of its own, where the editor also keeps its swap and backup files. It is gone with this value.
pub struct EditedFile {
    directory: PathBuf,
    path: PathBuf,
}

impl EditedFile {
    /// An empty file of this name in a new directory.
    ///
    /// # Errors
    /// If no file system in memory is there: nothing is put on a disk instead.
    pub fn new(name: &str) -> Result<Self> {
        let parent = directory_in_memory()?;
        remove_left_behind(&parent);
        let directory = parent.join(format!("{PREFIX}{}-{}", std::process::id(), vault::item::random_id()?));
        vault::fs::create_private_directory(&directory)?;
        Ok(Self { path: directory.join(name), directory })
    }

    /// Has the user edit this text; what they left.
    ///
    /// # Errors
    /// If there is no editor, it fails, or a signal ends the session.
    pub fn edit(&self, text: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        vault::fs::write_private(&self.path, text)?;
        run(&self.path)?;
        vault::fs::read(&self.path, MAX_TEXT).map(|(bytes, _)| Zeroizing::new(bytes))
    }
}

impl Drop for EditedFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

const PREFIX: &str = "vault-edit-";

/// Removes what a run that was killed could not: values, and what the editor wrote beside them.
pub fn clear() {
    if let Ok(parent) = directory_in_memory() {
        remove_left_behind(&parent);
    }
}

fn remove_left_behind(parent: &Path) {
    let own = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let process: Option<u32> = name.to_str()?.strip_prefix(PREFIX)?.split('-').next()?.parse().ok();
        let is_gone = !Path::new("/proc").join(process?.to_string()).exists();
        is_gone.then(|| entry.path())
    };
    for path in std::fs::read_dir(parent).into_iter().flatten().flatten().filter_map(|entry| own(&entry)) {
        let _ = std::fs::remove_dir_all(path);
    }
}

/// The user's runtime directory or shared memory, if it is a file system in memory (statfs(2)).
#[cfg(target_os = "linux")]
fn directory_in_memory() -> Result<PathBuf> {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    let runtime = settings::runtime_directory().filter(|path| path.is_absolute());
    let in_memory = |path: &PathBuf| {
        let kind = rustix::fs::statfs(path).map(|file_system| u64::try_from(file_system.f_type).unwrap_or_default());
        kind.is_ok_and(|kind| kind == TMPFS || kind == RAMFS)
    };
    runtime.into_iter().chain([PathBuf::from("/dev/shm")]).find(in_memory).ok_or_else(no_memory)
}

#[cfg(not(target_os = "linux"))]
fn directory_in_memory() -> Result<PathBuf> {
    Err(no_memory())
}

fn no_memory() -> Error {
    Error::failed("there is no directory in memory to edit in: XDG_RUNTIME_DIR and /dev/shm are none")
        .hint("values are never put on a disk for an editor; use vault set, or vault import")
}

/// The command line of the user's editor.
fn command_line() -> Option<OsString> {
    Variable::Visual.filled().or_else(|| Variable::Editor.filled())
}

/// What is run where the user names no editor.
const DEFAULT: &str = "vi";

/// Warns of an editor that keeps copies of what it edits.
pub fn warn_of_copies(ui: Ui) {
    let line = command_line().unwrap_or_else(|| DEFAULT.into());
    if let Discretion::KeepsCopies(program) = discretion(&line.to_string_lossy()) {
        ui.warn(&format!("{program} may keep a copy of what you edit on the disk"));
        ui.hint("name an editor that vault can tell to keep none: EDITOR=vim, EDITOR=nvim or EDITOR=emacs");
    }
}

fn run(path: &Path) -> Result<()> {
    let named = command_line();
    if named.is_none() && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(Error::failed("there is no terminal for an editor").hint("EDITOR names one that needs none"));
    }
    let editor = named.unwrap_or_else(|| DEFAULT.into());
    let text = editor.to_string_lossy();
    check_line(&editor, "VISUAL or EDITOR")?;
    // A plain command takes the shell's place, so that a signal passed on reaches the editor itself.
    let mut line = OsString::from(if is_plain(&text) { "exec " } else { "" });
    line.push(&editor);
    let mut shell = without_keys("sh");
    match discretion(&text) {
        Discretion::Options(options) => line.push(options),
        // Whatever it starts has it from the environment; what keeps a state of its own keeps it with the text.
        Discretion::KeepsCopies(_) | Discretion::Unknown => {
            let own = settings::environment().find(|(name, _)| name == "VIMINIT").map(|(_, own)| own);
            let own = own.as_deref().and_then(OsStr::to_str);
            shell.env("VIMINIT", vim_init(own)).env("XDG_STATE_HOME", vault::path::parent(path));
        }
    }
    line.push(" \"$1\"");
    shell.arg("-c").arg(line).arg("vault").arg(path);
    let status = wait(shell).map_err(|error| {
        Error::failed(format!("the editor can't be run: {}", vault::error::reason(&error))).hint("EDITOR names one")
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::failed(format!("the editor ({text}) failed: {status}"))
        .hint("nothing was written; EDITOR names another"))
}

/// Ctrl-C is the editor's own. A signal that ends this program ends the editor first, so that the file can go.
fn wait(mut command: Command) -> std::io::Result<ExitStatus> {
    terminal::release_signals();
    let mut signals = Signals::new([SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP])?;
    let mut child = command.spawn()?;
    for signal in signals.forever() {
        if matches!(signal, SIGTERM | SIGHUP) {
            end(&child, signal);
        }
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
    }
    child.wait()
}

fn end(child: &Child, signal: i32) {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Some(process), Some(signal)) = (process, Signal::from_named_raw(signal)) {
        let _ = kill_process(process, signal);
    }
}

//! The file for the editor. It is in memory only, and exists only while the editor runs.

use super::editor::{self, Moment};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use vault::fs::Stamp;
use vault::item::MAX_VALUE;
use vault::secret::SecretBytes;
use vault::{Error, Result};

/// The largest text that is read back, in bytes. An environment may hold many values.
const MAX_TEXT: usize = 64 * MAX_VALUE;

/// The result of the editor.
pub struct Edited {
    /// The text.
    pub text: SecretBytes,
    /// An error if the text may not be what the user meant, because the editor failed or a signal ended it.
    pub ended: Result<()>,
}

/// Lets the user edit this text in a file with this name. `keep` gets every text that the user saves while the editor
/// is open, because nothing else has it if this process is killed. If a signal is to end this process, `keep` gets the
/// file's current content.
///
/// # Errors
/// If there is no file system in memory, there is no editor, or the edited file can't be read.
pub fn edit(name: &str, text: &[u8], keep: &mut dyn FnMut(SecretBytes)) -> Result<Edited> {
    let place = Place::new(name)?;
    vault::fs::write_private(&place.path, text)?;
    let mut saves = Saves::since(&place.path);
    let ended = editor::run(&place.path, &mut |moment| {
        let is_wanted = matches!(moment, Moment::Ending) || saves.is_new(&place.path);
        if is_wanted && let Ok(text) = read(&place.path) {
            keep(text);
        }
    });
    let text = read(&place.path);
    match (ended, text) {
        (ended, Ok(text)) => {
            let rescued = if ended.is_err() { place.rescued() } else { None };
            Ok(Edited { text: rescued.unwrap_or(text), ended })
        }
        (Ok(()), Err(_)) if !place.path.exists() => Err(Error::failed("the editor removed the file")
            .hint("nothing was changed; save the file, and leave the editor")),
        (Err(error), Err(_)) | (Ok(()), Err(error)) => Err(error),
    }
}

/// A file in its own directory, where the editor also keeps its swap and backup files. Dropping this removes both.
struct Place {
    directory: PathBuf,
    path: PathBuf,
}

impl Place {
    fn new(name: &str) -> Result<Self> {
        let parent = directory_in_memory()?;
        remove_left_behind(&parent);
        let directory = parent.join(format!("{PREFIX}{}-{}", std::process::id(), vault::item::random_id()?));
        vault::fs::create_private_directory(&directory)?;
        Ok(Self { path: directory.join(name), directory })
    }

    /// Returns the text that the editor had not saved when a signal ended it. vim has it in its swap file, nano writes
    /// `FILE.save`, and emacs writes `#FILE#`.
    fn rescued(&self) -> Option<SecretBytes> {
        let name = self.path.file_name()?;
        let swap = [b".", name.as_bytes(), b".swp"].concat();
        if modified(&self.directory.join(OsStr::from_bytes(&swap))).is_some() {
            let recovered = self.directory.join(editor::recover(&self.directory, name)?);
            return read(&recovered).ok();
        }
        let saved = modified(&self.path)?;
        for rescued in [[name.as_bytes(), b".save"].concat(), [b"#", name.as_bytes(), b"#"].concat()] {
            let path = self.directory.join(OsStr::from_bytes(&rescued));
            if modified(&path).is_some_and(|time| time >= saved) {
                return read(&path).ok();
            }
        }
        None
    }
}

/// Detects what the user saves while the editor is open.
struct Saves {
    taken: Option<Stamp>,
    last: Option<Stamp>,
}

impl Saves {
    fn since(path: &Path) -> Self {
        let now = stamp(path);
        Self { taken: now, last: now }
    }

    /// Returns whether the file or its text is new. The editor may still be writing it, so it has to be the same in two
    /// checks.
    fn is_new(&mut self, path: &Path) -> bool {
        let now = stamp(path);
        let is_whole = now.is_some() && now == self.last;
        self.last = now;
        let is_new = is_whole && now != self.taken;
        if is_new {
            self.taken = now;
        }
        is_new
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    path.symlink_metadata().ok().map(|metadata| Stamp::from_metadata(&metadata))
}

fn read(path: &Path) -> Result<SecretBytes> {
    vault::fs::read(path, MAX_TEXT).map(|(bytes, _)| SecretBytes::new(bytes))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.symlink_metadata().ok()?.modified().ok()
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

const PREFIX: &str = "vault-edit-";

/// Removes what a killed run has left behind: values, and the editor's own files.
pub fn clear() {
    if let Ok(parent) = directory_in_memory() {
        remove_left_behind(&parent);
    }
}

fn remove_left_behind(parent: &Path) {
    let left_behind = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let process: Option<u32> = name.to_str()?.strip_prefix(PREFIX)?.split('-').next()?.parse().ok();
        let is_gone = !Path::new("/proc").join(process?.to_string()).exists();
        is_gone.then(|| entry.path())
    };
    for path in std::fs::read_dir(parent).into_iter().flatten().flatten().filter_map(|entry| left_behind(&entry)) {
        let _ = std::fs::remove_dir_all(path);
    }
}

/// Returns the user's runtime directory or the shared memory, if it is a file system in memory (statfs(2)).
#[cfg(target_os = "linux")]
fn directory_in_memory() -> Result<PathBuf> {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58f6;
    let runtime = vault::settings::runtime_directory().filter(|path| path.is_absolute());
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
    Error::failed("there is no in-memory directory to edit in: neither XDG_RUNTIME_DIR nor /dev/shm is one")
        .hint("vault never writes values to disk for an editor; use vault set, or vault import")
}

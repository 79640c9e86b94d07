//! Notes about unfinished files, kept in the state directory. A writer that is killed leaves a file that may hold
//! values, and perhaps nobody writes to its directory again.

use super::create::create_private;
use super::unfinished::remove_if_left_behind;
use super::{create_state_directory, open_regular};
use crate::random;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A note that says where an unfinished file is. It is locked as long as its writer lives, and removed with it.
pub(super) struct Note {
    path: PathBuf,
    _file: File,
}

impl Note {
    /// Writes a note, or returns `None` if that fails. The file is written anyway.
    pub fn write(directory: &Path, file: &Path) -> Option<Self> {
        let file = std::path::absolute(file).ok()?;
        create_state_directory(directory).ok()?;
        let path = directory.join(format!("{:016x}", random::number().ok()?));
        let mut note = create_private(&path).ok()?;
        note.lock().ok()?;
        note.write_all(file.as_os_str().as_bytes()).ok()?;
        Some(Self { path, _file: note })
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes the files that killed writers left behind, wherever the notes in this directory say they are.
pub fn clear_noted(directory: &Path) {
    const LONGEST: u64 = 64 * 1024;
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok((note, _)) = open_regular(&entry.path()) else { continue };
        let mut path = Vec::new();
        if note.try_lock().is_err() || note.take(LONGEST).read_to_end(&mut path).is_err() {
            continue;
        }
        remove_if_left_behind(Path::new(OsStr::from_bytes(&path)));
        let _ = std::fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{write_private, write_private_with};

    #[test]
    fn files_of_a_killed_writer_are_removed_with_its_note_and_those_of_a_running_one_stay() {
        let (state, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let notes = state.path().join("unfinished");
        let at = |name: &str| elsewhere.path().join(name);
        let left = [".out.1.vault-tmp", "important"].map(at);
        for path in &left {
            write_private(path, b"value").unwrap();
            // As a killed process leaves it: nothing is dropped.
            let note = Note::write(&notes, path).unwrap();
            let name = note.path.file_name().unwrap().to_owned();
            let text = std::fs::read(&note.path).unwrap();
            drop(note);
            std::fs::write(notes.join(name), text).unwrap();
        }
        let living = at(".out.2.vault-tmp");
        write_private(&living, b"value").unwrap();
        let note = Note::write(&notes, &living).unwrap();
        clear_noted(&notes);
        assert_eq!((left[0].exists(), left[1].exists(), living.exists()), (false, true, true));
        assert_eq!(std::fs::read_dir(&notes).unwrap().count(), 1);
        drop(note);
        std::fs::write(at("out"), "old").unwrap();
        write_private_with(&at("out"), Some(&notes), |file| file.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(at("out")).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(&notes).unwrap().count(), 0);
    }
}

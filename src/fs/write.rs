//! Writes files completely or not at all, and for their owner only.
//!
//! To survive a crash, a file is replaced in this order: write a temporary file beside it, fsync it, rename it over the
//! old one, fsync the directory. A crash leaves either the old file or the new one.

use super::create::{create_private, give_name, nameless};
use super::notes::Note;
use super::unfinished;
use super::{Lock, Stamp};
use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::path::parent;
use crate::random;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// How certain it must be that written data survives a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The data is on the disk.
    Waited,
    /// The kernel has the data and has started to write it. A power failure at that moment can lose it.
    Begun,
}

impl Lock {
    /// Replaces the file `name` in this directory with `bytes`. A new file is readable by its owner only; an old file
    /// keeps its mode.
    ///
    /// # Errors
    /// If `expected` is no longer the stamp of the file, or the operating system refuses; the old file stays. If only
    /// the flush of the directory fails, the new file is in place, and the message says so.
    pub fn replace(&self, name: &Path, bytes: &[u8], expected: Option<Stamp>, durability: Durability) -> Result<()> {
        let target = self.path.join(name);
        let temporary = self.path.join(self.temporary(name)?);
        let result = self.write_and_rename(&temporary, &target, bytes, expected, durability);
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    /// Returns an unused name. A writer that died may have left its file, which holds only ciphertext, under the usual
    /// name: that file is removed.
    fn temporary(&self, name: &Path) -> Result<String> {
        let usual = format!(".{}.tmp", name.display());
        let path = self.path.join(&usual);
        let removed = match std::fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return Err(not_ours(&path)),
            Ok(_) => std::fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(usual),
            // Another user's file in a directory like /tmp, where it could occupy the name forever.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Ok(format!(".{}.{:016x}.tmp", name.display(), random::number()?))
            }
            Err(error) => Err(Error::io("write", &path, &error)),
            Ok(()) => Ok(usual),
        }
    }

    fn write_and_rename(
        &self,
        temporary: &Path,
        target: &Path,
        bytes: &[u8],
        expected: Option<Stamp>,
        durability: Durability,
    ) -> Result<()> {
        let cannot = |error: &io::Error| Error::io("write", target, error);
        let mut file = create_private(temporary).map_err(|error| cannot(&error))?;
        file.write_all(bytes).map_err(|error| cannot(&error))?;
        let current = || std::fs::symlink_metadata(target).ok();
        if let Some(mode) = current().map(|metadata| metadata.mode() & 0o666).filter(|mode| *mode != 0o600) {
            file.set_permissions(std::fs::Permissions::from_mode(mode)).map_err(|error| cannot(&error))?;
        }
        let flushed = match durability {
            Durability::Waited => file.sync_all(),
            Durability::Begun => begin_flush(&file, 0, bytes.len()),
        };
        flushed.map_err(|error| cannot(&error))?;
        // Checked as late as possible: during the flush another program, such as git, has time to put its own file
        // there.
        if current().map(|metadata| Stamp::from_metadata(&metadata)) != expected {
            let message = format!("{} was replaced by another program while it was being changed", target.display());
            return Err(Error::new(Reason::Changed, message).hint("nothing was written; run the command again"));
        }
        std::fs::rename(temporary, target).map_err(|error| cannot(&error))?;
        match durability {
            Durability::Waited => self.flush_name(target),
            Durability::Begun => Ok(()),
        }
    }

    /// Waits until the new name of the file is on the disk.
    fn flush_name(&self, target: &Path) -> Result<()> {
        self.directory.sync_all().map_err(|error| {
            let reason = crate::error::reason(&error);
            Error::failed(format!(
                "{} was written, but could be lost if the power fails now: {reason}",
                target.display()
            ))
            .hint("the disk may be failing; look at the file before you run the command again")
            .with_the_change_written()
        })
    }
}

/// Writes a file that holds secrets: creates a new file with mode 0600 and renames it over the old one. A symbolic link
/// is refused.
///
/// # Errors
/// If the file can't be written completely; the old one stays.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_private_with(path, None, |file| file.write_all(bytes))
}

/// Writes a file as [`write_private`] does, with the content that `write` writes; if that fails, the old file stays.
/// `notes` is for a directory where vault may never write again. It records the name of the unfinished file for
/// [`clear_noted`](super::clear_noted), in case this process is killed before the rename.
///
/// # Errors
/// As [`write_private`]. An [`Error`] that `write` returns inside an `io::Error` is passed on ([`Error::io`]).
pub fn write_private_with(
    path: &Path,
    notes: Option<&Path>,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    if path.file_name().is_none() {
        return Err(Error::usage(format!("{} is not a file name", path.display()))
            .hint("name the file itself, not its directory"));
    }
    let is_there = match std::fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(Error::failed(format!("{} is not a regular file", path.display()))
                .hint("values are written to regular files only; for a pipe use standard output"));
        }
        found => found.is_ok(),
    };
    let directory = parent(path);
    unfinished::remove_left_behind(directory);
    let write = || -> io::Result<()> {
        let mut temporary = Temporary::new(path)?;
        write(&mut temporary.file)?;
        temporary.file.sync_all()?;
        temporary.put_in_place(is_there, notes)?;
        File::open(directory)?.sync_all()
    };
    write().map_err(|error| Error::io("write", path, &error))
}

/// Creates a new file with mode 0600, and waits for the disk.
///
/// # Errors
/// If the name is taken, or the file can't be written completely.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let directory = parent(path);
    let write = || -> io::Result<()> {
        match nameless(directory) {
            Some(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                give_name(&file, path)?;
            }
            None => {
                let mut file = create_private(path)?;
                if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
                    let _ = std::fs::remove_file(path);
                    return Err(error);
                }
            }
        }
        File::open(directory)?.sync_all()
    };
    write().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new(Reason::Exists, format!("{} already exists", path.display()))
            .hint(("nothing was written; to another file: ", Remedy::WriteTo)),
        _ => Error::io("write", path, &error),
    })
}

/// An unfinished file, locked as long as its writer lives, so that the next writer can tell which files were left
/// behind. It has no name if the file system supports that, because a file that holds secrets must not stay when its
/// writer is killed.
struct Temporary<'a> {
    file: File,
    target: &'a Path,
    name: Option<PathBuf>,
}

impl<'a> Temporary<'a> {
    fn new(target: &'a Path) -> io::Result<Self> {
        let (file, name) = match nameless(parent(target)) {
            Some(file) => (file, None),
            None => {
                let name = unfinished::name(target)?;
                (create_private(&name)?, Some(name))
            }
        };
        let temporary = Self { file, target, name };
        temporary.file.lock()?;
        Ok(temporary)
    }

    /// Gives the file its name. Linking fails if the name is taken, so a file that replaces another is renamed in a
    /// second step.
    fn put_in_place(mut self, is_there: bool, notes: Option<&Path>) -> io::Result<()> {
        if self.name.is_none() && !is_there {
            match give_name(&self.file, self.target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                named => return named,
            }
        }
        let mut note = None;
        let name = match self.name.take() {
            Some(name) => name,
            None => {
                let name = unfinished::name(self.target)?;
                note = notes.and_then(|notes| Note::write(notes, &name));
                give_name(&self.file, &name)?;
                name
            }
        };
        let renamed = std::fs::rename(&name, self.target);
        self.name = renamed.is_err().then_some(name);
        drop(note);
        renamed
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = std::fs::remove_file(name);
        }
    }
}

/// Tells the kernel to write what was just written here to the disk, without waiting for it.
///
/// POSIX_FADV_DONTNEED starts the write-back of the pages (mm/fadvise.c). It costs less than a tenth of a millisecond,
/// where waiting costs two to four. The range is exact, because the kernel also drops all whole pages in it, and that
/// takes longer for a larger range.
///
/// # Errors
/// If the kernel refuses.
#[cfg(target_os = "linux")]
pub fn begin_flush(file: &File, offset: u64, length: usize) -> io::Result<()> {
    let length = std::num::NonZero::new(length as u64);
    Ok(rustix::fs::fadvise(file, offset, length, rustix::fs::Advice::DontNeed)?)
}

/// Does nothing: other systems have no such call.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn begin_flush(_: &File, _: u64, _: usize) -> io::Result<()> {
    Ok(())
}

fn not_ours(path: &Path) -> Error {
    Error::new(Kind::Failed, format!("{} is in the way, and vault did not create it", path.display()))
        .hint("check what it is, then remove it")
}

//! Reads whatever the user named: a file, a directory with its content, a link to one of these, or a pipe.

use super::walk::{LeftOut, Walk};
use super::{Ignore, Visitor};
use crate::error::Result;
use rustix::fs::{Mode, OFlags};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Passes every file under these paths to the visitor; `-` is standard input. In directories it leaves out the vaults' own
/// files, and everything that `ignore` or a `.vaultignore` excludes.
///
/// # Errors
/// Any error of the visitor, and a `.vaultignore` that can't be read or parsed. A file that can't be read is not an
/// error: the visitor gets the reason.
pub fn read_named(
    paths: &[PathBuf],
    vaults: &[PathBuf],
    ignore: &Ignore,
    visitor: &mut Visitor<'_>,
) -> Result<LeftOut> {
    let vault_files = vaults.iter().filter_map(|vault| vault.metadata().ok());
    let vault_files = vault_files.map(|metadata| (metadata.dev(), metadata.ino())).collect();
    let mut walk = Walk::new(paths, vault_files, ignore);
    for path in paths {
        if path.as_os_str() == "-" {
            visitor(path, Ok(&mut io::stdin().lock()))?;
            continue;
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => walk.directory(path, visitor)?,
            Ok(metadata) => match open(path, &metadata) {
                Ok(mut file) => visitor(path, Ok(&mut file))?,
                Err(error) => visitor(path, Err(error))?,
            },
            Err(error) => visitor(path, Err(error))?,
        }
    }
    Ok(walk.left_out())
}

/// Opens a file; for a pipe, waits for the writer. Devices are refused, except for terminals, because they have no end.
fn open(path: &Path, metadata: &Metadata) -> io::Result<File> {
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_fifo() || is_nothing(metadata) {
        return File::open(path);
    }
    if kind.is_char_device() {
        // This open does not wait for a modem or the like, and does not make the terminal the controlling one of this
        // process.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        if rustix::termios::isatty(rustix::fs::open(path, flags, Mode::empty())?) {
            return Ok(rustix::fs::open(path, flags - OFlags::NONBLOCK, Mode::empty())?.into());
        }
    }
    let what = match kind {
        kind if kind.is_socket() => "it is a socket",
        _ => "it is a device",
    };
    Err(io::Error::other(what))
}

/// Returns whether it is /dev/null, which standard input often is.
fn is_nothing(metadata: &Metadata) -> bool {
    let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
    metadata.file_type().is_char_device() && null.is_ok_and(|null| null == metadata.rdev())
}

//! The files of directories: without the vault, git's own files, and what git ignores.

use super::git;
use crate::cli::input;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use vault::{Error, Result};

/// Hands out every file under these paths: its name and its content. Links are not followed; `-` is standard input.
pub fn scan(paths: &[PathBuf], vault: &Path, mut each: impl FnMut(&str, &[u8])) -> Result<()> {
    let here = [PathBuf::from(".")];
    let own = vault.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
    for path in if paths.is_empty() { &here[..] } else { paths } {
        if input::is_standard(path) {
            each("-", &input::standard(usize::MAX)?);
            continue;
        }
        let metadata = path.metadata().map_err(|error| Error::io("read", path, &error))?;
        let files =
            if metadata.is_dir() { git::files(path).map_or_else(|| walk(path), Ok)? } else { vec![path.clone()] };
        for file in files {
            // Tracked and removed, or a link, a socket, a submodule: nothing to read.
            let Ok(metadata) = file.symlink_metadata() else { continue };
            if metadata.is_file() && own != Some((metadata.dev(), metadata.ino())) {
                let text = std::fs::read(&file).map_err(|error| Error::io("read", &file, &error))?;
                each(&file.strip_prefix(".").unwrap_or(&file).to_string_lossy(), &text);
            }
        }
    }
    Ok(())
}

/// Every file of a directory that is in no git work tree, in the order of names.
fn walk(directory: &Path) -> Result<Vec<PathBuf>> {
    let cannot = |error: &std::io::Error| Error::io("read", directory, error);
    let mut entries = std::fs::read_dir(directory)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .map_err(|error| cannot(&error))?;
    entries.sort_unstable_by_key(std::fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let kind = entry.file_type().map_err(|error| cannot(&error))?;
        if kind.is_dir() && entry.file_name() != ".git" {
            files.extend(git::files(&entry.path()).map_or_else(|| walk(&entry.path()), Ok)?);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

//! Items that reach the command outside its environment: as a file that exists in memory only, or on standard input.

use rustix::fd::{AsFd, OwnedFd};
use vault::actions::exec::{Handed, Handing};
use vault::item::Injectable;
use vault::name::is_variable_name;
use vault::{Error, Result};

/// The options that hand an item over.
#[derive(Debug, Default, clap::Args)]
pub struct HandedArgs {
    /// Pass the item as a file that exists in memory only, with its path in VAR (default NAME_FILE), instead of in a
    /// variable
    #[arg(long, value_name = "NAME[=VAR]", value_delimiter = ',', value_parser = file)]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    file: Vec<(String, String)>,
    /// Pass the item on the command's standard input instead of in a variable
    #[arg(long, value_name = "NAME")]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    stdin: Option<String>,
}

fn file(text: &str) -> Result<(String, String), &'static str> {
    let (name, variable) = match text.split_once('=') {
        Some((name, variable)) => (name, variable.to_owned()),
        None => (text, format!("{text}_FILE")),
    };
    if is_variable_name(&variable) {
        return Ok((name.to_owned(), variable));
    }
    Err("expected NAME=VAR: the item, then the variable for its path")
}

impl HandedArgs {
    /// Returns what these options hand over.
    pub fn handing(&self) -> Handing {
        Handing { files: self.file.clone(), stdin: self.stdin.clone() }
    }
}

/// The descriptors that the command gets, beyond the ones that it inherits.
pub struct Descriptors {
    /// The open files of items.
    pub files: Vec<OwnedFd>,
    /// The variables that hold the paths of these files.
    pub paths: Vec<(String, String)>,
    /// The command's standard input, if an item is handed over there.
    pub stdin: Option<OwnedFd>,
}

/// Which process opens the files.
#[derive(Clone, Copy)]
pub enum Opener {
    /// This process, which becomes the command. Its process id is known.
    Same,
    /// A child. Only processes that inherit its descriptors can open the files.
    Child,
}

/// Creates the files. A file lives until its descriptor and all copies of the descriptor are closed.
pub fn give(handed: &Handed, opener: Opener) -> Result<Descriptors> {
    let (mut files, mut paths) = (Vec::new(), Vec::new());
    for (variable, item) in &handed.files {
        let (file, path) = file_of(item, opener)?;
        paths.push((variable.clone(), path));
        files.push(file);
    }
    let stdin = handed.stdin.as_ref().map(|item| memory::file(&item.value).map_err(|error| cannot(&error)));
    Ok(Descriptors { files, paths, stdin: stdin.transpose()? })
}

/// Creates the file of an item, and returns its descriptor and its path. The file lives until the descriptor and all
/// copies of it are closed.
pub fn file_of(item: &Injectable, opener: Opener) -> Result<(OwnedFd, String)> {
    let file = memory::file(&item.value).map_err(|error| cannot(&error))?;
    let path = memory::path(&file, opener);
    Ok((file, path))
}

/// Keeps the descriptors open across `execve`.
pub fn pass(files: &[OwnedFd]) -> Result<()> {
    let pass = |file: &OwnedFd| rustix::io::fcntl_setfd(file.as_fd(), rustix::io::FdFlags::empty());
    files.iter().try_for_each(pass).map_err(|error| cannot(&error.into()))
}

/// Makes this file the standard input.
pub fn read_from(stdin: &OwnedFd) -> Result<()> {
    rustix::stdio::dup2_stdin(stdin).map_err(|error| cannot(&error.into()))
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("an item can't be handed over as a file: {}", vault::error::reason(error)))
}

/// Files in memory that no directory holds (memfd_create(2)). They are sealed, and only their owner can read them.
#[cfg(target_os = "linux")]
mod memory {
    use super::Opener;
    use rustix::fd::{AsRawFd as _, OwnedFd};
    use rustix::fs::{MemfdFlags, Mode, SealFlags};
    use std::fs::File;
    use std::io::{Result, Seek as _, Write as _};

    /// Shell scripts use the descriptors below this for themselves.
    const LOWEST: i32 = 10;

    pub fn file(bytes: &[u8]) -> Result<OwnedFd> {
        let file = rustix::fs::memfd_create("vault", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let mut file = File::from(rustix::io::fcntl_dupfd_cloexec(&file, LOWEST)?);
        file.write_all(bytes)?;
        file.rewind()?;
        // ssh and psql refuse a key that others may read.
        rustix::fs::fchmod(&file, Mode::RUSR)?;
        rustix::fs::fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
        Ok(file.into())
    }

    /// Returns a path with this process's id, which `execve` doesn't change. While the command runs, its children can
    /// open the path even if they inherit no descriptors. The id of a child isn't known before it runs.
    pub fn path(file: &OwnedFd, opener: Opener) -> String {
        match opener {
            Opener::Same => format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()),
            Opener::Child => format!("/proc/self/fd/{}", file.as_raw_fd()),
        }
    }
}

/// A system without such files. Nothing is written to a disk instead.
#[cfg(not(target_os = "linux"))]
mod memory {
    use super::Opener;
    use rustix::fd::OwnedFd;
    use std::io::{Error, ErrorKind, Result};

    pub fn file(_: &[u8]) -> Result<OwnedFd> {
        Err(Error::new(ErrorKind::Unsupported, "this system has no files in memory"))
    }

    pub fn path(_: &OwnedFd, _: Opener) -> String {
        String::new()
    }
}

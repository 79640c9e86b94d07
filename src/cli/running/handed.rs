//! Items that reach the command outside of its environment: as a file that exists in memory only, or on standard input.

use rustix::fd::{AsFd, OwnedFd};
use vault::item::Injectable;
use vault::name::{EnvironmentName, is_variable_name, quoted};
use vault::vault::UnreadInjectables;
use vault::{Error, Result};

/// The options that hand an item over.
#[derive(Debug, Default, clap::Args)]
pub struct HandedArgs {
    /// Give the item as a file that exists in memory only, and its path in VAR, else NAME_FILE; no variable has its name
    #[arg(long, value_name = "NAME[=VAR]", value_delimiter = ',', value_parser = file)]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    file: Vec<(String, String)>,
    /// Give the item on the command's standard input; no variable has its name
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
    Err("say which variable holds the path: NAME=VAR")
}

impl HandedArgs {
    /// Whether an item of this name is handed over.
    pub fn takes(&self, name: &str) -> bool {
        self.file.iter().any(|(own, _)| own == name) || self.stdin.as_deref() == Some(name)
    }

    /// Whether anything is handed over.
    pub fn is_given(&self) -> bool {
        !self.file.is_empty() || self.stdin.is_some()
    }

    /// The variables that hold paths.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.file.iter().map(|(_, variable)| variable.as_str())
    }

    /// Keeps each item that is handed over in one environment: of several the last one wins, as among variables.
    pub fn choose(&self, unread: &mut [UnreadInjectables]) -> Result<()> {
        for name in self.file.iter().map(|(name, _)| name).chain(&self.stdin) {
            let mut is_found = false;
            for unread in unread.iter_mut().rev() {
                let has = unread.items().any(|item| item.name() == name);
                if is_found && has {
                    unread.retain(|item| item.name() != name);
                }
                is_found |= has;
            }
            if !is_found {
                return Err(missing(name));
            }
        }
        Ok(())
    }

    /// Takes the items out of what becomes variables.
    pub fn take(&self, given: &mut [(EnvironmentName, Vec<Injectable>)]) -> Result<Handed> {
        if !self.is_given() {
            return Ok(Handed { files: Vec::new(), stdin: None });
        }
        let find = |name: &String| {
            let found = given.iter().flat_map(|(_, items)| items).find(|item| *item.name == **name);
            found.cloned().ok_or_else(|| missing(name))
        };
        let files = self.file.iter().map(|(name, variable)| Ok((variable.clone(), find(name)?)));
        let files = files.collect::<Result<Vec<_>>>()?;
        let stdin = self.stdin.as_ref().map(find).transpose()?;
        for (_, items) in given {
            items.retain(|item| !self.takes(&item.name));
        }
        Ok(Handed { files, stdin })
    }
}

fn missing(name: &str) -> Error {
    Error::not_found(format!("there is no item {} to hand over", quoted(name))).hint("vault list shows the names")
}

/// What is handed over.
pub struct Handed {
    /// The variable for the path, and the item.
    files: Vec<(String, Injectable)>,
    stdin: Option<Injectable>,
}

/// The descriptors that the command gets, beyond what it inherits.
pub struct Descriptors {
    /// Files whose paths it has in variables.
    pub files: Vec<OwnedFd>,
    /// Those variables and paths.
    pub paths: Vec<(String, String)>,
    /// What it reads as its standard input.
    pub stdin: Option<OwnedFd>,
}

/// Which process opens the files.
#[derive(Clone, Copy)]
pub enum Opener {
    /// This one, which becomes the command: its number is known.
    Same,
    /// A child, and only who inherits its descriptors.
    Child,
}

impl Handed {
    /// The items, with the names they go by among variables.
    pub fn items(&self) -> impl Iterator<Item = &Injectable> {
        self.files.iter().map(|(_, item)| item).chain(&self.stdin)
    }

    /// Makes the files, which live until the returned descriptors and all copies of them are closed.
    pub fn give(&self, opener: Opener) -> Result<Descriptors> {
        let (mut files, mut paths) = (Vec::new(), Vec::new());
        for (variable, item) in &self.files {
            let (file, path) = file_of(item, opener)?;
            paths.push((variable.clone(), path));
            files.push(file);
        }
        let stdin = self.stdin.as_ref().map(|item| memory::file(&item.value).map_err(|error| cannot(&error)));
        Ok(Descriptors { files, paths, stdin: stdin.transpose()? })
    }
}

/// Makes the file of an item, which lives until the returned descriptor and all copies of it are closed; with its path.
pub fn file_of(item: &Injectable, opener: Opener) -> Result<(OwnedFd, String)> {
    let file = memory::file(&item.value).map_err(|error| cannot(&error))?;
    let path = memory::path(&file, opener);
    Ok((file, path))
}

/// Lets the descriptors through `execve`.
pub fn pass(files: &[OwnedFd]) -> Result<()> {
    let pass = |file: &OwnedFd| rustix::io::fcntl_setfd(file.as_fd(), rustix::io::FdFlags::empty());
    files.iter().try_for_each(pass).map_err(|error| cannot(&error.into()))
}

/// Makes this the standard input.
pub fn read_from(stdin: &OwnedFd) -> Result<()> {
    rustix::stdio::dup2_stdin(stdin).map_err(|error| cannot(&error.into()))
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("an item can't be handed over as a file: {}", vault::error::reason(error)))
}

/// Files that no directory holds (memfd_create(2)): sealed, readable by their owner only.
#[cfg(target_os = "linux")]
mod memory {
    use super::Opener;
    use rustix::fd::{AsRawFd as _, OwnedFd};
    use rustix::fs::{MemfdFlags, Mode, SealFlags};
    use std::fs::File;
    use std::io::{Result, Seek as _, Write as _};

    /// Shell scripts use descriptors below this for themselves.
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

    /// A path under the process's own number, which stays the same over `execve`: children that inherit no descriptors
    /// can open it, too, as long as the command runs. The number of a child isn't known before it runs.
    pub fn path(file: &OwnedFd, opener: Opener) -> String {
        match opener {
            Opener::Same => format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()),
            Opener::Child => format!("/proc/self/fd/{}", file.as_raw_fd()),
        }
    }
}

/// Where the system has no such files, nothing is put on a disk instead.
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

//! The sockets of agents: `vault/VAULT-USER.sock` in the user's runtime directory (XDG Base Directory Specification),
//! with short names of the vault and the user. Without a runtime directory, they are in /tmp: see [`super::directory`].

use super::directory;
use super::private::refusal;
use crate::error::{Error, Remedy, Result, reason};
use crate::fs;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::settings;
use crate::signature::{Hash, Message};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The maximum length of a socket's path, in bytes (unix(7): 108 with the NUL; 104 on other systems).
const MAX_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Returns whether VAULT_AGENT turns agents off: none is started or asked.
#[must_use]
pub fn is_off() -> bool {
    !settings::Variable::Agent.is_on(true)
}

/// Refuses what needs an agent if VAULT_AGENT turns agents off.
///
/// # Errors
/// A usage error.
pub fn check_is_on() -> Result<()> {
    match is_off() {
        true => Err(Error::usage("the agent is off").hint(("to use an agent: ", Remedy::AllowAgent))),
        false => Ok(()),
    }
}

/// A directory for agents that was checked to be private to the user.
#[derive(Debug, Clone)]
pub struct Sockets {
    directory: PathBuf,
    is_temporary: bool,
}

impl Sockets {
    /// Returns the directory in which agents listen; `None` if there is no runtime directory and no agent has needed a
    /// replacement yet. `state` is the state directory.
    ///
    /// # Errors
    /// As [`Sockets::new`].
    pub fn find(state: &Path) -> Result<Option<Self>> {
        match settings::runtime_directory() {
            Some(runtime) => Self::new(&runtime).map(Some),
            None => directory::existing(state)?.map(|path| Self::in_temporary(&path)).transpose(),
        }
    }

    /// Returns every directory in which agents may listen: that of [`Sockets::find`], and the one that is used while there is
    /// no runtime directory, whether there is one now or not.
    ///
    /// # Errors
    /// As [`Sockets::new`].
    pub(crate) fn everywhere(state: &Path) -> Result<Vec<Self>> {
        let runtime = settings::runtime_directory().map(|runtime| Self::new(&runtime)).transpose()?;
        let temporary = directory::existing(state)?.map(|path| Self::in_temporary(&path)).transpose()?;
        Ok(runtime.into_iter().chain(temporary).collect())
    }

    /// Returns the directory for starting an agent. Makes it if necessary.
    ///
    /// # Errors
    /// As [`Sockets::new`], or if no directory can be made.
    pub fn make(state: &Path) -> Result<Self> {
        match settings::runtime_directory() {
            Some(runtime) => Self::new(&runtime),
            None => Self::in_temporary(&directory::make(state)?),
        }
    }

    fn in_temporary(directory: &Path) -> Result<Self> {
        Ok(Self { is_temporary: true, ..Self::new(directory)? })
    }

    /// Whether the sockets are in /tmp, because the user has no runtime directory.
    #[must_use]
    pub fn are_temporary(&self) -> bool {
        self.is_temporary
    }

    /// Checks the runtime directory, and makes the directory for agents in it.
    ///
    /// # Errors
    /// If one of them is not a directory, is a link, belongs to another user, is open to others, or can't be made.
    pub fn new(runtime: &Path) -> Result<Self> {
        // Remove a slash at the end. With it, the check would follow a link.
        let runtime: PathBuf = runtime.components().collect();
        check(&runtime)?;
        let directory = runtime.join("vault");
        match std::fs::DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(useless(&runtime, &format!("nothing can be created in it: {}", reason(&error))));
            }
            _ => check(&directory)?,
        }
        Ok(Self { directory, is_temporary: false })
    }

    /// Returns the directory of the sockets.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the runtime directory.
    #[must_use]
    pub fn runtime(&self) -> &Path {
        fs::parent(&self.directory)
    }

    /// Returns the socket of the agent for a user of a vault.
    ///
    /// # Errors
    /// If the path is too long for a socket.
    pub fn of_user(&self, vault: &Hash, user: &UserName) -> Result<PathBuf> {
        let mut name = Message::new("vault/agent-socket/v1");
        name.raw(vault.as_bytes()).text(user.as_str());
        let name = short(&Hash::of(name.as_bytes()));
        self.checked(format!("{}-{name}.sock", short(vault)))
    }

    /// Returns the one of these users whose agent listens at the socket.
    #[must_use]
    pub(crate) fn user_of<'a>(
        &self,
        socket: &Path,
        vault: &Hash,
        mut users: impl Iterator<Item = &'a UserName>,
    ) -> Option<&'a UserName> {
        users.find(|user| self.of_user(vault, user).is_ok_and(|path| path == socket))
    }

    /// Returns the existing sockets for current and former users of this vault.
    #[must_use]
    pub fn of_vault(&self, vault: &Hash) -> Vec<PathBuf> {
        self.all().into_iter().filter(|path| is_of(path, vault)).collect()
    }

    /// Returns the sockets on which agents of this vault may listen. If a user is named, that is this user's socket.
    /// Otherwise these are the sockets of all users, and the first is that of the user who last used a passphrase here,
    /// whom `last_used` returns.
    #[must_use]
    pub(crate) fn of_agents(
        &self,
        vault: &Hash,
        named: Option<&UserName>,
        last_used: impl FnOnce() -> Option<UserName>,
    ) -> Vec<PathBuf> {
        // A user without a possible socket has no agent.
        let of_user = |user: &UserName| self.of_user(vault, user).ok();
        if let Some(user) = named {
            return of_user(user).into_iter().collect();
        }
        let mut all = self.of_vault(vault);
        if all.len() > 1 {
            let first = last_used().as_ref().and_then(of_user);
            all.order_by_key(|socket| Some(socket) != first.as_ref());
        }
        all
    }

    /// Returns all existing sockets of agents. Some agents may have been killed.
    #[must_use]
    pub fn all(&self) -> Vec<PathBuf> {
        self.with_extension("sock")
    }

    /// Returns all existing sockets of servers (`vault serve`), of all vaults. Some servers may have been killed. See
    /// [`crate::serving`].
    #[must_use]
    pub fn of_servers(&self) -> Vec<PathBuf> {
        self.with_extension("serve")
    }

    /// Returns the existing sockets of servers of this vault.
    #[must_use]
    pub(crate) fn of_servers_of(&self, vault: &Hash) -> Vec<PathBuf> {
        self.of_servers().into_iter().filter(|path| is_of(path, vault)).collect()
    }

    /// Returns a new socket path for a server of this vault.
    ///
    /// # Errors
    /// If the path is too long for a socket, or there are no random numbers.
    pub(crate) fn of_new_server(&self, vault: &Hash) -> Result<PathBuf> {
        let name = format!("{}-{:012x}.serve", short(vault), crate::random::number()? >> 16);
        self.checked(name)
    }

    fn with_extension(&self, extension: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut sockets: Vec<_> =
            entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
        sockets.order();
        sockets
    }

    /// Returns the path of a socket of this name, if it is not too long.
    fn checked(&self, name: String) -> Result<PathBuf> {
        let path = self.directory.join(name);
        if path.as_os_str().len() > MAX_PATH {
            return Err(Error::failed(format!("{} is too long for a socket: {MAX_PATH} bytes", path.display()))
                .hint(("set XDG_RUNTIME_DIR to a shorter path, or work without the agent: ", Remedy::WithoutAgent)));
        }
        Ok(path)
    }

    /// Locks the start of an agent until it listens, so that two starts at the same time replace each other in order.
    ///
    /// # Errors
    /// A busy error if others hold the lock for too long.
    pub(crate) fn starting(socket: &Path) -> Result<std::fs::File> {
        locked(&socket.with_extension("start"), std::time::Duration::from_secs(10))
    }

    /// Locks the socket for as long as an agent lives.
    pub(super) fn lock(socket: &Path) -> Result<std::fs::File> {
        locked(&socket.with_extension("lock"), std::time::Duration::from_secs(2))
    }
}

/// Whether a socket's name belongs to this vault.
fn is_of(path: &Path, vault: &Hash) -> bool {
    let begin = format!("{}-", short(vault));
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(begin.as_bytes()))
}

/// Returns half of a socket's name: 12 digits, because the whole path has room for about 100 bytes.
fn short(hash: &Hash) -> String {
    hash.to_string().chars().take(12).collect()
}

fn locked(path: &Path, timeout: std::time::Duration) -> Result<std::fs::File> {
    let file = fs::create_private(path).or_else(|_| std::fs::File::options().read(true).write(true).open(path));
    let file = file.map_err(|error| Error::io("open", path, &error))?;
    fs::lock(&file, path, timeout)?;
    Ok(file)
}

fn check(path: &Path) -> Result<()> {
    refusal(path).map_or(Ok(()), |why| Err(useless(path, &why)))
}

fn useless(path: &Path, why: &str) -> Error {
    Error::failed(format!("the agent can't have its socket in {} (XDG_RUNTIME_DIR): {why}", path.display()))
        .hint((directory::OWN_DIRECTORY, Remedy::WithoutAgent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_named_user_selects_one_agent_and_otherwise_the_last_users_agent_comes_first() {
        let only_owner = std::fs::Permissions::from_mode(0o700);
        let runtime = tempfile::Builder::new().permissions(only_owner).tempdir().unwrap();
        let sockets = Sockets::new(runtime.path()).unwrap();
        let (vault, other) = (Hash::of(b"vault"), Hash::of(b"other"));
        let users = ["ben", "mia", "zoe"].map(|name| UserName::new(name).unwrap());
        for user in &users {
            std::fs::write(sockets.of_user(&vault, user).unwrap(), "").unwrap();
        }
        std::fs::write(sockets.of_user(&other, &users[0]).unwrap(), "").unwrap();
        for last in &users {
            let found = sockets.of_agents(&vault, None, || Some(last.clone()));
            assert_eq!((found.len(), &found[0]), (3, &sockets.of_user(&vault, last).unwrap()));
        }
        assert_eq!(sockets.of_agents(&vault, None, || None), sockets.of_vault(&vault));
        // The socket of a named user need not exist yet.
        let named = UserName::new("eva").unwrap();
        let found = sockets.of_agents(&vault, Some(&named), || Some(users[0].clone()));
        assert_eq!(found, [sockets.of_user(&vault, &named).unwrap()]);
    }
}

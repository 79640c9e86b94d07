//! The vault that is served, and its settings.

use std::path::{Path, PathBuf};
use vault::agent::Patience;
use vault::fs::Stamp;
use vault::log::Caller;
use vault::name::UserName;
use vault::settings;
use vault::vault::{Agents, ByAgent, Chosen, Session, Settings, Unproven, Vault};
use vault::{Error, Result};

/// The vault that is served.
pub struct ServedVault {
    pub vault: PathBuf,
    pub settings: Settings,
    /// The environment of requests that name none.
    pub chosen: Chosen,
    /// The vault's id.
    pub id: vault::vault::Hash,
    /// The vault's state directory on this device, which has the logs.
    state: PathBuf,
}

/// The stamps of the vault's file and logs. If two are equal, nothing was written in between.
#[derive(PartialEq, Eq)]
pub struct Stamps {
    file: Option<Stamp>,
    logs: Vec<vault::log::Stamp>,
}

impl ServedVault {
    /// Opens the vault at this path once, to check it.
    pub fn find(vault: &Path, chosen: Chosen, strict: bool, log_sync: bool) -> Result<Self> {
        let settings = Settings::new(settings::state_directory()?, strict, log_sync)?;
        let vault = std::path::absolute(vault).map_err(|error| Error::io("find", vault, &error))?;
        let opened = Vault::open(&vault, &settings)?;
        let (state, id) = (opened.state_directory(), opened.id());
        Ok(Self { vault, settings, chosen, id, state })
    }

    /// Returns the current stamps. This takes a few system calls and reads no file.
    pub fn stamps(&self) -> Stamps {
        let file = std::fs::metadata(&self.vault).ok().map(|metadata| Stamp::from_metadata(&metadata));
        Stamps { file, logs: vault::log::stamps(&self.state) }
    }

    /// Opens the current vault without keys.
    pub fn open(&self) -> Result<Vault> {
        Vault::open(&self.vault, &self.settings)
    }

    /// Returns the agent of this user. It need not run. If none can be reached, the error says why.
    pub fn agent(&self, user: &UserName) -> Result<Agents> {
        Agents::only(&self.settings.state, user.clone(), Patience::Command)
    }

    /// Opens a session through the agent that holds this user's keys.
    pub fn agent_session(&self, user: &UserName, caller: &Caller) -> Result<Session> {
        let file = Unproven::open(&self.vault, &self.settings)?;
        match self.agent(user)?.session(file, |_, _| None, caller)? {
            ByAgent::Unlocked(session) => Ok(session),
            ByAgent::Locked(_) => {
                let stopped = Error::unlock(format!("the agent of {user} has stopped"));
                Err(stopped.hint("start it again: vault unlock"))
            }
        }
    }
}

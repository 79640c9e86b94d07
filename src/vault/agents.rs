//! Finds the agents that hold keys for a vault, for every front end.

use super::session::FirstRead;
use super::{ByAgent, Claims, Session, Settings, Unproven, Vault, log_writer};
use crate::agent::{self, Client, Ended, Patience, Sockets, Status};
use crate::error::Result;
use crate::log::{Action, Caller};
use crate::name::{EnvironmentName, UserName};
use std::path::{Path, PathBuf};

/// The agents on this device that may be asked.
pub struct Agents {
    /// `None` if there can be none.
    sockets: Option<Sockets>,
    /// If a user is named, only this user's agent is asked.
    user: Option<UserName>,
    patience: Patience,
}

/// An agent that can't be used, because its keys are out of date.
#[derive(Debug)]
pub struct Outdated {
    /// Why, in words.
    pub why: String,
    /// Whether it was stopped.
    pub has_ended: bool,
}

impl Agents {
    /// Returns the agents that may be asked: none if VAULT_AGENT turns them off, or if they have no usable directory,
    /// which whoever starts an agent is told. `state` is the state directory.
    #[must_use]
    pub fn here(state: &Path, user: Option<UserName>, patience: Patience) -> Self {
        let sockets = if agent::is_off() { None } else { Sockets::find(state).ok().flatten() };
        Self { sockets, user, patience }
    }

    /// Returns the agent of a user, for a program that has the user's keys from nowhere else. `state` is the state
    /// directory.
    ///
    /// # Errors
    /// If VAULT_AGENT turns agents off, or if they have no usable directory.
    pub fn only(state: &Path, user: UserName, patience: Patience) -> Result<Self> {
        agent::check_is_on()?;
        Ok(Self { sockets: Sockets::find(state)?, user: Some(user), patience })
    }

    /// Opens a session with the first agent that holds a user's current keys. Without one, returns the file. `first`
    /// returns the environment that the user would read first, if that is known. The agent opens it in the same request
    /// in which it says whose keys it holds. The session's log entries name the caller.
    ///
    /// # Errors
    /// If the roster is not validly signed, or the vault is not fresh: see [`Vault::open`]; if a process that is not the
    /// user's agent listens there, or the agent does not answer.
    pub fn session(
        &self,
        mut file: Unproven,
        first: impl Fn(&Unproven, &UserName) -> Option<EnvironmentName>,
        caller: &Caller,
    ) -> Result<ByAgent> {
        let Some(sockets) = &self.sockets else { return Ok(ByAgent::Locked(file)) };
        for socket in file.agent_sockets(sockets, self.user.as_ref()) {
            let user = sockets.user_of(&socket, &file.id(), file.users()).cloned();
            let first = user.and_then(|user| {
                let environment = first(&file, &user)?;
                Some(FirstRead { user, environment })
            });
            match Session::at_agent(file, (&socket, self.patience), first.as_ref(), caller)? {
                ByAgent::Unlocked(session) => return Ok(ByAgent::Unlocked(session)),
                ByAgent::Locked(back) => file = back,
            }
        }
        Ok(ByAgent::Locked(file))
    }

    /// Returns the first agent that holds a user's current keys: the user, and the agent's state. This is for a shell
    /// prompt, and doesn't count as a use that makes the agent live longer.
    #[must_use]
    pub fn glance(&self, file: &Unproven) -> Option<(UserName, Status)> {
        let sockets = file.agent_sockets(self.sockets.as_ref()?, self.user.as_ref());
        sockets.iter().find_map(|socket| {
            let status = Client::glance(socket)?;
            let (user, _) = file.held_by(&status)?;
            Some((user, status))
        })
    }

    /// Stops the agent at `socket`, and logs that for the user whose keys it held; `None` if there is none. No keys are
    /// left to start a segment of the log, so the entry goes into an existing one. An agent that is stopped gives no
    /// value, so it is stopped even if nothing can be logged.
    ///
    /// # Errors
    /// If the process there belongs to another user or can't be stopped.
    pub(crate) fn stop(socket: &Path, settings: &Settings, caller: &Caller) -> Result<Option<Ended>> {
        let ended = Client::lock(socket)?;
        if let Some(Ended { status: Some(status) }) = &ended
            && let Ok(user) = UserName::new(status.user.clone())
        {
            let _ = log_writer(settings, &status.vault, &user).append_unsigned(caller.entry(Action::Lock));
        }
        Ok(ended)
    }

    /// Stops the agents whose keys are out of date, and says why. Without that, a user would be asked for a passphrase
    /// although an agent runs.
    #[must_use]
    pub fn end_outdated(&self, vault: &Vault, caller: &Caller) -> Vec<Outdated> {
        let mut outdated = Vec::new();
        let Some(sockets) = &self.sockets else { return outdated };
        for socket in vault.agent_sockets(sockets, self.user.as_ref()) {
            let Ok(Some(agent)) = Client::connect(&socket) else { continue };
            if let Some(why) = vault.outdated(agent.status()) {
                outdated.push(Outdated { why, has_ended: Self::stop(&socket, vault.settings(), caller).is_ok() });
            }
        }
        outdated
    }
}

impl Claims {
    /// Returns the sockets on which this vault's agents may listen. If a user is named, that is this user's socket.
    /// Otherwise these are the sockets of all users, and the first is that of the user who last used a passphrase here.
    #[must_use]
    pub(crate) fn agent_sockets(&self, sockets: &Sockets, named: Option<&UserName>) -> Vec<PathBuf> {
        sockets.of_agents(&self.id(), named, || self.passphrase_user(None).ok().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn without_a_running_agent_the_file_is_returned_despite_an_old_socket() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let only_owner = std::fs::Permissions::from_mode(0o700);
        let runtime = tempfile::Builder::new().permissions(only_owner).tempdir().unwrap();
        let sockets = Sockets::new(runtime.path()).unwrap();
        // A socket on which nobody listens any more.
        let user = sandbox.session.user().clone();
        drop(std::os::unix::net::UnixListener::bind(sockets.of_user(&vault.id(), &user).unwrap()).unwrap());
        for (sockets, named) in [(None, None), (Some(sockets.clone()), None), (Some(sockets), Some(user))] {
            let agents = Agents { sockets, user: named, patience: Patience::Command };
            let file = || Unproven::open(vault.path(), vault.settings()).unwrap();
            assert!(agents.glance(&file()).is_none() && agents.end_outdated(vault, &Caller::default()).is_empty());
            let first = |_: &Unproven, _: &UserName| None;
            assert!(
                matches!(agents.session(file(), first, &Caller::default()), Ok(ByAgent::Locked(file)) if file.id() == vault.id())
            );
        }
    }
}

//! The agent that keeps the keys of a session.

use super::{Agents, KeySession, Session};
use crate::agent::{Client, Limits, Program, Sockets, check_is_on};
use crate::error::Result;
use crate::log::Caller;
use std::path::PathBuf;

impl KeySession {
    /// Starts an agent that keeps the session's keys for a time, after a log entry about it. The agent replaces one that
    /// is already running. Returns the agent's warnings.
    ///
    /// # Errors
    /// If VAULT_AGENT turns agents off, the log can't be written, the earlier agent can't be stopped, or the agent does
    /// not start; a busy error if other starts take too long.
    pub fn start_agent(
        &self,
        program: &Program,
        sockets: &Sockets,
        limits: Limits,
        caller: &Caller,
    ) -> Result<Vec<String>> {
        check_is_on()?;
        let socket = self.socket(sockets)?;
        let keys = self.hand_over()?;
        let _starting = Sockets::starting(&socket)?;
        Agents::stop(&socket, self.vault().settings(), caller)?;
        program.start(sockets, limits, self.vault().path(), &keys)
    }
}

impl Session {
    /// Returns whether an agent keeps the current keys of the session's user.
    #[must_use]
    pub fn is_kept(&self, sockets: &Sockets) -> bool {
        let agent = self.socket(sockets).and_then(|socket| Client::connect(&socket)).ok().flatten();
        agent.is_some_and(|agent| self.vault().held_by(agent.status()).is_some())
    }

    /// Stops the agent of the session's user, if there is one, because its keys are out of date. If it can't be stopped,
    /// that is no error: nobody can use it any more.
    pub fn stop_agent(&self, caller: &Caller) {
        let settings = self.vault().settings();
        // If there can be no socket, there is no agent.
        if let Ok(Some(sockets)) = Sockets::find(&settings.state) {
            let _ = self.socket(&sockets).and_then(|socket| Agents::stop(&socket, settings, caller));
        }
    }

    fn socket(&self, sockets: &Sockets) -> Result<PathBuf> {
        sockets.of_user(&self.vault().id(), self.user())
    }
}

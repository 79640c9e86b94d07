//! Lets another process continue a session: it gets the keys, or asks the agent that has them.

use super::{KeySession, Session};
use crate::agent::HandedOver;
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::UserName;
use crate::vault::keys::Keys;

/// How another process continues a session.
pub enum Continued {
    /// With these keys.
    Keys(HandedOver),
    /// Through the agent of this user, which never gives keys away.
    Agent(UserName),
}

impl KeySession {
    /// Returns the private keys, for an agent that keeps them, after a log entry about it.
    ///
    /// # Errors
    /// If the log can't be written.
    pub(in crate::vault) fn hand_over(&self) -> Result<HandedOver> {
        self.log_unlock()?;
        self.identity().map(HandedOver::new)
    }
}

impl Session {
    /// Returns what a server needs to continue this session, after a log entry about it.
    ///
    /// # Errors
    /// If the log can't be written.
    pub fn let_continue(&self) -> Result<Continued> {
        self.log_unlock()?;
        Ok(match &self.keys {
            Keys::Own(identity) => Continued::Keys(HandedOver::new(identity)),
            Keys::Agent { user, .. } | Keys::NewerAgent { user, .. } => Continued::Agent(user.clone()),
        })
    }

    fn log_unlock(&self) -> Result<()> {
        self.log(vec![Entry::new(Action::Unlock)])
    }
}

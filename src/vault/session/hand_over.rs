//! Lets another process continue a session: it gets the keys, or asks the agent that has them.

use super::Session;
use crate::agent::HandedOver;
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::UserName;

/// How another process continues a session.
pub enum Continued {
    /// With these keys.
    Keys(HandedOver),
    /// Through the agent of this user, which never gives keys away.
    Agent(UserName),
}

impl Session {
    /// Returns the private keys, for an agent that keeps them, after a log entry about it.
    ///
    /// # Errors
    /// An unlock error if an agent holds the keys already, because it never gives them away; if the log can't be
    /// written.
    pub fn hand_over(&self) -> Result<HandedOver> {
        let identity = self.identity()?;
        self.log_unlock()?;
        Ok(HandedOver::new(identity))
    }

    /// Returns what a server needs to continue this session, after a log entry about it.
    ///
    /// # Errors
    /// If the log can't be written.
    pub fn let_continue(&self) -> Result<Continued> {
        if self.agent().is_none() {
            return self.hand_over().map(Continued::Keys);
        }
        self.log_unlock()?;
        Ok(Continued::Agent(self.user().clone()))
    }

    fn log_unlock(&self) -> Result<()> {
        self.log(vec![Entry::new(Action::Unlock)])
    }
}

//! The opened vault of a user who is signed in.

use super::error::{ApiError, Code, Result};
use vault::vault::{KeySession, Session};

/// A session of the library, by where the user's keys are.
pub enum Opened {
    /// In this process.
    WithKeys(KeySession),
    /// In the user's agent, which never gives them away.
    ByAgent(Session),
}

impl Opened {
    /// Returns the session, which is enough for everything that isn't signed with the keys.
    pub fn session(&mut self) -> &mut Session {
        match self {
            Self::WithKeys(session) => session,
            Self::ByAgent(session) => session,
        }
    }

    /// Returns the session for an action that needs the keys.
    ///
    /// # Errors
    /// If the agent has them.
    pub fn with_keys(&mut self) -> Result<&mut KeySession> {
        match self {
            Self::WithKeys(session) => Ok(session),
            Self::ByAgent(_) => {
                let what = "roster changes are signed with your keys, which the agent doesn't give away";
                Err(ApiError::new(Code::Forbidden, what).hint("sign in with your passphrase"))
            }
        }
    }

    /// Opens the current file of the vault with the same keys.
    pub fn reopen(&self) -> vault::Result<Self> {
        match self {
            Self::WithKeys(session) => session.reopen().map(Self::WithKeys),
            Self::ByAgent(session) => session.reopen().map(Self::ByAgent),
        }
    }
}

impl From<KeySession> for Opened {
    fn from(session: KeySession) -> Self {
        Self::WithKeys(session)
    }
}

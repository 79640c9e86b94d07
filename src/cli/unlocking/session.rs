//! Turns a vault into a session, with a key, a given passphrase, the agent, or a prompt on the terminal.

use super::context::Context;
use super::credential::{self, Source};
use super::{agent, protected};
use crate::cli::asking::terminal::{self, Answer, Quiet};
use crate::cli::showing::underway::Encrypting;
use std::sync::Arc;
use vault::error::{Kind, Reason};
use vault::name::UserName;
use vault::vault::{ByAgent, Credential, First, KeySession, Need, Session, Unproven, Vault};
use vault::{Error, Result};

impl Context {
    /// Opens and unlocks the vault.
    pub fn session(&self) -> Result<Session> {
        self.session_reading(First::Unknown)
    }

    /// Opens and unlocks the vault for a command that reads this environment first. Then an agent is asked once.
    pub fn session_reading(&self, first: First<'_>) -> Result<Session> {
        let source = credential::source(&self.globals)?;
        if !source.is_terminal() {
            return self.session_given(source).map(Session::from);
        }
        match agent::session_reading(self, self.unproven()?, first)? {
            ByAgent::Unlocked(session) => self.begin(session),
            ByAgent::Locked(file) => {
                let vault = self.checked(file)?;
                agent::explain_unused(self, &vault)?;
                self.unlock(vault, Need::Session).map(Session::from)
            }
        }
    }

    /// Opens and unlocks the vault for an action that needs the private keys, so an agent is not enough.
    pub fn key_session(&self) -> Result<KeySession> {
        let source = credential::source(&self.globals)?;
        if source.is_terminal() { self.unlock(self.vault()?, Need::Identity) } else { self.session_given(source) }
    }

    /// Like [`Context::key_session`], but also returns the credential, and no agent keeps the keys.
    pub fn key_session_with_credential(&self) -> Result<(KeySession, Credential)> {
        self.unlocked(self.vault()?, Need::Identity)
    }

    /// Opens and unlocks the vault with a source that needs no prompt.
    fn session_given(&self, source: Source) -> Result<KeySession> {
        if !source.is_key() {
            return self.unlock(self.vault()?, Need::Session);
        }
        let (path, settings) = (self.path()?, self.settings()?);
        let credential = source.given(self);
        if let Ok(Credential::Key(key)) = &credential
            && let Some(mut session) = Vault::open_with_key(&path, key, &settings, &self.caller())
        {
            self.prepare(&mut session)?;
            return Ok(session);
        }
        // The steps one by one find the most helpful error, and log it.
        self.unlock_with(self.vault()?, &credential?, self.user()?.as_ref())
    }

    /// Like [`Context::session`], but only if an agent or a key can unlock the vault. This neither prompts nor uses a
    /// passphrase.
    pub fn session_at_once(&self) -> Result<Option<Session>> {
        let source = credential::source(&self.globals)?;
        if source.is_terminal() {
            return self.session_by_agent();
        }
        if source.is_key() { self.session().map(Some) } else { Ok(None) }
    }

    /// Like [`Context::session_at_once`], for a file that was read, however old it is. If it is the user's, it is then
    /// compared with what this device has seen.
    pub fn session_of_file(&self, file: Unproven) -> Result<Option<Session>> {
        let source = credential::source(&self.globals)?;
        if source.is_terminal() {
            return self.unlocked_by_agent(file);
        }
        if !source.is_key() {
            return Ok(None);
        }
        let (credential, user) = (source.given(self)?, self.user()?);
        let session = self.unlock_with(file.prove_of_any_age()?, &credential, user.as_ref())?;
        Ok(Some(session.into()))
    }

    /// Like [`Context::session_at_once`], for commands that show only names. It prints and logs nothing, even on an
    /// error.
    pub fn session_at_hand(&self) -> Option<Session> {
        let source = credential::source(&self.globals).ok()?;
        if source.is_terminal() {
            return match agent::session(self, self.unproven().ok()?).ok()? {
                ByAgent::Unlocked(session) => Some(session),
                ByAgent::Locked(_) => None,
            };
        }
        if !source.is_key() {
            return None;
        }
        match source.given(self).ok()? {
            Credential::Key(key) => {
                Vault::open_with_key(&self.path().ok()?, &key, &self.settings().ok()?, &self.caller())
                    .map(Session::from)
            }
            Credential::Passphrase(_) => None,
        }
    }

    /// Opens and unlocks the vault as [`Context::session_at_once`] does, but only with the agent, even if a key is given.
    pub fn session_by_agent(&self) -> Result<Option<Session>> {
        self.unlocked_by_agent(self.unproven()?)
    }

    fn unlocked_by_agent(&self, file: Unproven) -> Result<Option<Session>> {
        match agent::session(self, file)? {
            ByAgent::Unlocked(session) => self.begin(session).map(Some),
            ByAgent::Locked(_) => Ok(None),
        }
    }

    /// Returns a session of a vault that isn't simply the file's content. `open` returns the vault, again for each
    /// further try.
    pub fn session_of(&self, open: &dyn Fn() -> Result<Vault>) -> Result<Session> {
        let vault = if credential::source(&self.globals)?.is_terminal() {
            match agent::session(self, open()?.into())? {
                ByAgent::Unlocked(session) => return self.begin(session),
                ByAgent::Locked(file) => file.prove_of_any_age()?,
            }
        } else {
            open()?
        };
        self.unlocked_again(vault, Need::Session, open).map(|(session, _)| session.into())
    }

    /// Unlocks a vault with the first credential source that is present. After a prompt, an agent keeps the keys for a
    /// while.
    pub fn unlock(&self, vault: Vault, need: Need) -> Result<KeySession> {
        let (session, _) = self.unlocked(vault, need)?;
        if credential::source(&self.globals)?.is_terminal() {
            agent::keep(self, &session);
        }
        Ok(session)
    }

    /// Like [`Context::unlock`], but no agent keeps the keys.
    pub fn unlock_here(&self, vault: Vault, need: Need) -> Result<KeySession> {
        self.unlocked(vault, need).map(|(session, _)| session)
    }

    /// Like [`Context::unlock_here`], but also returns the credential. On a terminal, a wrong passphrase may be tried
    /// again.
    fn unlocked(&self, vault: Vault, need: Need) -> Result<(KeySession, Credential)> {
        self.unlocked_again(vault, need, &|| self.vault())
    }

    /// Like [`Context::unlocked`], for a vault that isn't simply the file's content. `open` returns the vault again for
    /// each further try.
    pub fn unlocked_again(
        &self,
        vault: Vault,
        need: Need,
        open: &dyn Fn() -> Result<Vault>,
    ) -> Result<(KeySession, Credential)> {
        let source = credential::source(&self.globals)?;
        vault.check_joined(self.user()?.as_ref(), source.kind())?;
        let user = self.user_to_unlock(&vault, &source)?;
        let user = user.as_ref();
        if !source.is_terminal() {
            let credential = source.credential(&vault, user, need, self)?;
            return Ok((self.unlock_with(vault, &credential, user)?, credential));
        }
        let _quiet = Quiet::begin();
        let mut opened = Some(vault);
        terminal::several_tries(|| {
            let vault = opened.take().map_or_else(open, Ok)?;
            let credential = Source::Terminal.credential(&vault, user, need, self)?;
            match self.unlock_with(vault, &credential, user) {
                Ok(session) => Ok(Answer::Right((session, credential))),
                Err(error) if error.kind() == Kind::Unlock => Ok(Answer::Wrong(error)),
                Err(error) => Err(error),
            }
        })
    }

    /// Returns the user whose passphrase is needed: the named user, the only user, or the user who last used a
    /// passphrase here. If that leaves several, it asks.
    fn user_to_unlock(&self, vault: &Vault, source: &Source) -> Result<Option<UserName>> {
        let named = self.user()?;
        if source.is_key() {
            return Ok(named);
        }
        match vault.asked_user(named.as_ref()) {
            Err(error) if error.reason() == Reason::SeveralUsers && self.is_interactive() => {
                self.ask_user(vault).map(Some)
            }
            found => found.cloned().map(Some),
        }
    }

    fn ask_user(&self, vault: &Vault) -> Result<UserName> {
        let users: Vec<_> = vault.passphrase_users().into_iter().map(UserName::as_str).collect();
        let answer = terminal::visible_line(&format!("Which user are you ({})? ", users.join(", ")))?;
        vault.passphrase_user(Some(&UserName::new(answer.trim())?)).cloned()
    }

    /// Unlocks a vault.
    pub fn unlock_with(&self, vault: Vault, credential: &Credential, user: Option<&UserName>) -> Result<KeySession> {
        let is_passphrase = matches!(credential, Credential::Passphrase(_));
        let working = is_passphrase.then(|| self.ui.working("Checking the passphrase"));
        let unlocked = vault.unlock(credential, user, &self.caller());
        drop(working);
        let mut session = unlocked?;
        self.prepare(&mut session)?;
        Ok(session)
    }

    /// Returns a session as [`Context::prepare`] changes it.
    pub fn begin(&self, mut session: Session) -> Result<Session> {
        self.prepare(&mut session)?;
        Ok(session)
    }

    /// Prepares a session for this command: shows the vault's warnings, and sets progress and prompts.
    ///
    /// # Errors
    /// A usage error if `--user` names somebody else.
    pub fn prepare(&self, session: &mut Session) -> Result<()> {
        if let Some(named) = self.globals.user.as_ref().filter(|named| *named != session.user()) {
            return Err(Error::usage(format!("this key is {}'s, not {named}'s", session.user()))
                .hint("leave out --user, or give the key or passphrase of that user"));
        }
        self.show_warnings(session.vault());
        session.set_progress(Arc::new(Encrypting::new(self.ui)));
        session.set_ask(protected::ask(!self.globals.non_interactive, self.ui.colors_terminal(), self.purpose));
        Ok(())
    }
}

//! Determines which environments and items a command uses.

use super::Context;
use crate::cli::asking::terminal;
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::settings;
use vault::vault::{DefaultEnvironment, Session, Unproven, Vault};
use vault::{Error, Result};

/// The environment that a command reads first, as far as that is known before the vault is unlocked.
#[derive(Debug, Clone, Copy)]
pub enum First<'a> {
    /// It may read none, or several.
    Unknown,
    /// The first of the chosen ones, or else the default one.
    Chosen,
    /// That of this item, which is `NAME` or `ENV/NAME`.
    Of(&'a str),
}

impl Context {
    /// Returns the names given with `-e`, or else those in VAULT_ENV. The names are not checked.
    pub fn chosen_environments(&self) -> Vec<String> {
        match self.environments.as_slice() {
            [] => settings::chosen_environments(),
            named => named.iter().map(ToString::to_string).collect(),
        }
    }

    /// Returns the environments from `-e`, or else from VAULT_ENV, or else the default.
    pub fn environments(&self, session: &Session) -> Result<Vec<EnvironmentName>> {
        let mut names: Vec<_> =
            self.chosen_environments().into_iter().map(EnvironmentName::new).collect::<Result<_>>()?;
        if names.is_empty() {
            names.push(self.default_environment(session)?);
        }
        names.iter().try_for_each(|name| session.vault().roster().state().environment(name).map(|_| ()))?;
        Ok(names)
    }

    /// Returns the environment that a command of this user reads first, according to the file before its signatures are
    /// verified; `None` if that isn't known yet.
    pub fn first_read(&self, file: &Unproven, user: &UserName, first: First<'_>) -> Option<EnvironmentName> {
        let named = match first {
            First::Unknown => return None,
            First::Chosen => None,
            First::Of(name) => name.split_once('/').map(|(environment, _)| environment.to_owned()),
        };
        if let Some(name) = named.or_else(|| self.chosen_environments().into_iter().next()) {
            return EnvironmentName::new(name).ok();
        }
        match file.default_environment(user) {
            DefaultEnvironment::Is(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the environment of a command that works on only one.
    pub fn environment(&self, session: &Session) -> Result<EnvironmentName> {
        let mut names = self.environments(session)?;
        if names.len() > 1 {
            return Err(Error::usage("this command takes one environment").hint("give -e once"));
        }
        names.pop().ok_or_else(|| Error::usage("no environment was named"))
    }

    /// Like [`Context::environments`], but without unlocking the vault. `again` is the command up to the environment's
    /// name, for the hint.
    pub fn environments_without_keys(&self, vault: &Vault, again: &str) -> Result<Vec<EnvironmentName>> {
        let named = self.named_without_keys(vault)?;
        if !named.is_empty() {
            return Ok(named);
        }
        if let DefaultEnvironment::Is(name) = self.default_without_keys(vault)? {
            return Ok(vec![name]);
        }
        let all: Vec<_> = vault.environments().map(EnvironmentName::as_str).collect();
        let (first, all) = (all.first().copied().unwrap_or("NAME"), all.join(", "));
        Err(Error::usage(format!("say which environment: {all}")).hint(format!("for example: {again} {first}")))
    }

    /// Returns the environments from `-e`, or else from VAULT_ENV.
    pub fn named_without_keys(&self, vault: &Vault) -> Result<Vec<EnvironmentName>> {
        let named: Vec<_> = self.chosen_environments().into_iter().map(EnvironmentName::new).collect::<Result<_>>()?;
        named.iter().try_for_each(|name| vault.roster().state().environment(name).map(|_| ()))?;
        Ok(named)
    }

    /// Returns the default environment of the user whose keys are available without a prompt, or else of the user who
    /// would be asked for a passphrase.
    fn default_without_keys(&self, vault: &Vault) -> Result<DefaultEnvironment> {
        if let Some(session) = self.session_at_hand() {
            return Ok(session.default_environment());
        }
        let named = self.user()?;
        let user = named.as_ref().or(vault.passphrase_user(None).ok());
        Ok(user.map_or(DefaultEnvironment::Unknown, |user| vault.default_environment(user)))
    }

    fn default_environment(&self, session: &Session) -> Result<EnvironmentName> {
        let was = match session.default_environment() {
            DefaultEnvironment::Is(name) => return Ok(name),
            DefaultEnvironment::Unknown => None,
            DefaultEnvironment::Changed { was } => Some(was),
        };
        let readable = session.readable();
        if readable.is_empty() {
            let user = session.user();
            return Err(Error::denied(format!("{user} may read no environment"))
                .hint(format!("an admin can change that: vault grant {user} ENV")));
        }
        let names: Vec<_> = readable.iter().map(EnvironmentName::as_str).collect();
        let names = names.join(", ");
        let hint = format!("-e NAME or VAULT_ENV; you read: {names}");
        let Some(was) = was else { return Err(Error::usage("say which environment").hint(hint)) };
        let what =
            format!("say which environment: it was {was} until now, but environments were added or removed since");
        if !self.is_interactive() {
            return Err(Error::usage(what).hint(hint));
        }
        terminal::show(&format!("Environments were added or removed; without -e it was {was} until now.\n"))?;
        let answer = terminal::visible_line(&format!("Which one from now on ({names})? "))?;
        let chosen = readable.iter().find(|name| name.as_str() == answer.trim());
        let chosen = chosen.ok_or_else(|| Error::usage("that is not one of them").hint(hint))?;
        session.remember_default(chosen);
        Ok(chosen.clone())
    }

    /// Parses `NAME`, which is an item of the chosen environment, or `ENV/NAME`.
    pub fn item(&self, session: &Session, text: &str) -> Result<(EnvironmentName, ItemName)> {
        match text.split_once('/') {
            Some((environment, name)) => {
                let (environment, name) = (EnvironmentName::new(environment)?, ItemName::new(name)?);
                session.vault().roster().state().environment(&environment)?;
                Ok((environment, name))
            }
            None => {
                let name = ItemName::new(text)?;
                Ok((self.environment(session)?, name))
            }
        }
    }
}

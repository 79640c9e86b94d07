//! Which environments and items a command uses. The library decides; here it gets the options, and the user's answer.

use super::Context;
use crate::cli::asking::terminal;
use vault::Result;
use vault::actions::Place;
use vault::error::Remedy;
use vault::name::EnvironmentName;
use vault::vault::{Changed, Chosen, Meant, Session, Vault};

impl Context {
    /// Returns the environments given with `-e`, or else those in VAULT_ENV.
    pub fn chosen(&self) -> Chosen {
        Chosen::by(&self.environments)
    }

    /// Returns the chosen environments, or else the default.
    pub fn environments(&self, session: &Session) -> Result<Vec<EnvironmentName>> {
        self.settled(self.chosen().environments(session)?)
    }

    /// Returns the environments given with `-e`, which must exist; none if there are none. VAULT_ENV doesn't count.
    pub fn existing_environments(&self, vault: &Vault) -> Result<Vec<EnvironmentName>> {
        self.environments.iter().cloned().collect::<Chosen>().named(vault)
    }

    /// Returns the environment of a command that works on only one.
    pub fn environment(&self, session: &Session) -> Result<EnvironmentName> {
        self.settled(self.chosen().environment(session)?)
    }

    /// Returns the item that `NAME` or `ENV/NAME` stands for.
    pub fn item(&self, session: &Session, text: &str) -> Result<Place> {
        self.settled(self.chosen().item(text, session)?)
    }

    /// Like [`Context::environments`], but without unlocking the vault. `naming` is the command that names an
    /// environment, for the hint.
    pub fn environments_without_keys(
        &self,
        vault: &Vault,
        naming: impl FnOnce(&EnvironmentName) -> Remedy,
    ) -> Result<Vec<EnvironmentName>> {
        let chosen = self.chosen();
        // Only the default depends on who has the keys.
        let session = if chosen.is_empty() { self.session_at_hand() } else { None };
        let user = match session {
            Some(session) => Some(session.user().clone()),
            None => self.user()?,
        };
        chosen.environments_without_keys(vault, user.as_ref(), naming)
    }

    /// Returns what was meant, after asking if that isn't clear.
    pub fn settled<T>(&self, meant: Meant<'_, T>) -> Result<T> {
        match meant {
            Meant::Is(meant) => Ok(meant),
            Meant::Changed(changed) if self.is_interactive() => ask(changed),
            Meant::Changed(changed) => Err(changed.refusal()),
        }
    }
}

fn ask<T>(changed: Changed<'_, T>) -> Result<T> {
    let was = changed.was();
    terminal::show(&format!("Environments were added or removed; without -e it was {was} until now.\n"))?;
    let names: Vec<&str> = changed.candidates().iter().map(EnvironmentName::as_str).collect();
    let names = names.join(", ");
    let answer = terminal::visible_line(&format!("Which one from now on ({names})? "))?;
    changed.choose(&answer)
}

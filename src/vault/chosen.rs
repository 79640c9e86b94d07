//! Which environments a command uses, and which item a name stands for: what its options name comes first, then what
//! VAULT_ENV names, then the default environment.

use super::default_environment::DefaultEnvironment;
use super::{Claims, Session, Vault};
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName};
use crate::settings;

/// The environments that the user chose for a command; none if the default is to be used. The names are not checked.
#[derive(Debug, Clone, Default)]
pub struct Chosen(Vec<String>);

/// What a command reads first, as far as that is known before the vault is unlocked.
#[derive(Debug, Clone, Copy)]
pub enum First<'a> {
    /// It may read no environment, or several.
    Unknown,
    /// The first of the chosen environments, or else the default one.
    Chosen,
    /// The environment of this item, which is `NAME` or `ENV/NAME`.
    Of(&'a str),
}

/// What was meant, or the question that decides it.
pub enum Meant<'a, T> {
    /// This was meant.
    Is(T),
    /// The default environment was meant, but it is no longer clear which one that is.
    Changed(Changed<'a, T>),
}

/// Environments were added or removed, so the default of this device would change. The user has to choose it again.
pub struct Changed<'a, T> {
    session: &'a Session,
    was: EnvironmentName,
    readable: Vec<EnvironmentName>,
    /// Makes what was meant from the environment.
    then: Box<dyn FnOnce(EnvironmentName) -> T + 'a>,
}

impl FromIterator<EnvironmentName> for Chosen {
    fn from_iter<I: IntoIterator<Item = EnvironmentName>>(names: I) -> Self {
        Self(names.into_iter().map(String::from).collect())
    }
}

impl Chosen {
    /// Takes the environments that options name, or else those in VAULT_ENV.
    #[must_use]
    pub fn by(options: &[EnvironmentName]) -> Self {
        match options {
            [] => Self(settings::chosen_environments()),
            named => named.iter().cloned().collect(),
        }
    }

    /// Returns whether no environment was chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the chosen environments, each once; none if none was chosen.
    ///
    /// # Errors
    /// A usage error for an invalid name; a not-found error if there is no such environment.
    pub fn named(&self, file: &Claims) -> Result<Vec<EnvironmentName>> {
        let mut names = Vec::new();
        for name in &self.0 {
            let name = EnvironmentName::new(name.clone())?;
            file.roster.state().environment(&name)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Returns the chosen environment, before a vault is open, for a program that works on only one; `None` if none was
    /// chosen.
    ///
    /// # Errors
    /// A usage error for an invalid name, or if several environments were chosen.
    pub fn only(&self) -> Result<Option<EnvironmentName>> {
        match &self.0[..] {
            [] => Ok(None),
            [first, others @ ..] if others.iter().all(|name| name == first) => {
                EnvironmentName::new(first.clone()).map(Some)
            }
            _ => Err(several()),
        }
    }

    /// Returns the chosen environments, or else the default one.
    ///
    /// # Errors
    /// As [`Chosen::named`]. Without a default, a usage error; a denied error if the user may read no environment.
    pub fn environments<'a>(&self, session: &'a Session) -> Result<Meant<'a, Vec<EnvironmentName>>> {
        let named = self.named(session.vault())?;
        if !named.is_empty() {
            return Ok(Meant::Is(named));
        }
        Ok(default_of(session)?.map(|name| vec![name]))
    }

    /// Returns the environment of a command that works on only one.
    ///
    /// # Errors
    /// As [`Chosen::environments`]; also a usage error if several environments were chosen.
    pub fn environment<'a>(&self, session: &'a Session) -> Result<Meant<'a, EnvironmentName>> {
        match &self.named(session.vault())?[..] {
            [] => default_of(session),
            [only] => Ok(Meant::Is(only.clone())),
            _ => Err(several()),
        }
    }

    /// Returns the item that a text stands for: `NAME`, which is in the environment of [`Chosen::environment`], or
    /// `ENV/NAME`, whatever was chosen.
    ///
    /// # Errors
    /// A usage error for an invalid name; a not-found error if there is no such environment. For `NAME`, also as
    /// [`Chosen::environment`].
    pub fn item<'a>(&self, text: &str, session: &'a Session) -> Result<Meant<'a, (EnvironmentName, ItemName)>> {
        let NamedItem { environment, name } = text.parse()?;
        match environment {
            Some(environment) => {
                session.vault().roster().state().environment(&environment)?;
                Ok(Meant::Is((environment, name)))
            }
            None => Ok(self.environment(session)?.map(|environment| (environment, name))),
        }
    }

    /// Returns the chosen environments, or else the default one, for a command that needs no keys. The default is that
    /// of this user, or else of the user who would be asked for a passphrase. `naming` is the step that names an
    /// environment, for the hint.
    ///
    /// # Errors
    /// As [`Chosen::named`]; a usage error without a default.
    pub fn environments_without_keys(
        &self,
        vault: &Vault,
        user: Option<&UserName>,
        naming: impl FnOnce(&EnvironmentName) -> Remedy,
    ) -> Result<Vec<EnvironmentName>> {
        let named = self.named(vault)?;
        if !named.is_empty() {
            return Ok(named);
        }
        let user = user.or(vault.passphrase_user(None).ok());
        if let Some(name) = user.and_then(|user| vault.default_environment(user).known()) {
            return Ok(vec![name]);
        }
        let all = list(vault.environments());
        let error = unclear(format!("say which environment: {all}"));
        Err(match vault.environments().next() {
            Some(first) => error.hint(("for example: ", naming(first))),
            None => error,
        })
    }

    /// Returns the environment that a command of this user reads first, according to the file before its signatures are
    /// verified; `None` if that isn't known yet.
    #[must_use]
    pub fn first_read(&self, first: First<'_>, file: &Claims, user: &UserName) -> Option<EnvironmentName> {
        let named = match first {
            First::Unknown => return None,
            First::Chosen => None,
            First::Of(item) => NamedItem::split(item).environment,
        };
        match named.or(self.0.first().map(String::as_str)) {
            Some(name) => EnvironmentName::new(name).ok(),
            None => file.default_environment(user).known(),
        }
    }

    /// Returns the environments that this user's commands would use, for a display, as far as that is clear. Without a
    /// user there is no default. Nothing is asked or remembered. There are none if commands would refuse the chosen ones.
    #[must_use]
    pub fn likely(&self, file: &Claims, user: Option<&UserName>) -> Vec<EnvironmentName> {
        match (self.named(file), user) {
            (Ok(named), Some(user)) if named.is_empty() => file.default_environment(user).known().into_iter().collect(),
            (Ok(named), _) => named,
            (Err(_), _) => Vec::new(),
        }
    }
}

/// Returns the environment for a command that names none.
fn default_of(session: &Session) -> Result<Meant<'_, EnvironmentName>> {
    let was = match session.default_environment() {
        DefaultEnvironment::Is(name) => return Ok(Meant::Is(name)),
        DefaultEnvironment::Unknown => None,
        DefaultEnvironment::Changed { was } => Some(was),
    };
    let readable = session.readable();
    if readable.is_empty() {
        let user = session.user().to_string();
        let grant = Remedy::Grant { user: user.clone(), rights: "ENV".to_owned() };
        return Err(Error::new(Reason::NothingReadable, format!("{user} may read no environment"))
            .hint(("an admin can change that: ", grant)));
    }
    match was {
        None => Err(unclear("say which environment".to_owned()).hint(which_one(&readable))),
        Some(was) => Ok(Meant::Changed(Changed { session, was, readable, then: Box::new(|name| name) })),
    }
}

fn several() -> Error {
    let error = Error::new(Reason::SeveralEnvironments, "this command takes one environment");
    error.hint(("name only one: ", Remedy::NameEnvironment))
}

fn unclear(message: String) -> Error {
    Error::new(Reason::UnclearEnvironment, message)
}

fn which_one(readable: &[EnvironmentName]) -> Hint {
    let names = list(readable.iter());
    (Remedy::NameEnvironment, format!("; you read: {names}")).into()
}

fn list<'a>(names: impl Iterator<Item = &'a EnvironmentName>) -> String {
    names.map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ")
}

impl<'a, T: 'a> Meant<'a, T> {
    /// Makes something else from what was meant, now or once the user has chosen.
    pub(crate) fn map<U>(self, then: impl FnOnce(T) -> U + 'a) -> Meant<'a, U> {
        match self {
            Self::Is(meant) => Meant::Is(then(meant)),
            Self::Changed(Changed { session, was, readable, then: before }) => {
                Meant::Changed(Changed { session, was, readable, then: Box::new(|name| then(before(name))) })
            }
        }
    }
}

impl<T> Changed<'_, T> {
    /// Returns the default until now.
    #[must_use]
    pub fn was(&self) -> &EnvironmentName {
        &self.was
    }

    /// Returns the environments that the user may choose: those that they read.
    #[must_use]
    pub fn candidates(&self) -> &[EnvironmentName] {
        &self.readable
    }

    /// Takes the user's answer, and remembers it as the default of this device. Returns what was meant.
    ///
    /// # Errors
    /// A usage error if the answer is none of the candidates.
    pub fn choose(self, answer: &str) -> Result<T> {
        match self.readable.iter().find(|name| name.as_str() == answer.trim()) {
            Some(chosen) => {
                self.session.remember_default(chosen);
                Ok((self.then)(chosen.clone()))
            }
            None => Err(unclear("that is not one of them".to_owned()).hint(which_one(&self.readable))),
        }
    }

    /// Returns the error for a front end that can't ask.
    #[must_use]
    pub fn refusal(&self) -> Error {
        let was = &self.was;
        let message =
            format!("say which environment: it was {was} until now, but environments were added or removed since");
        Error::new(Reason::DefaultChanged, message).hint(which_one(&self.readable))
    }
}

#[cfg(test)]
mod tests;

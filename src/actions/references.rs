//! Resolves `vault://` references, to items of the chosen environments only.
//!
//! A text is read twice: first to find its references, so that they can be logged, and then to fill in the values.
//!
//! - Gives parts of what was read: `Referred::item`, `Referred::value`
//! - Gives text without values: `References::expired`

use super::expired;
use crate::error::{Error, Remedy, Result};
use crate::item::Injectable;
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use crate::template::{Reference, SCHEME};
use crate::time::Time;
use crate::vault::{Purpose, Session, UnreadInjectables};
use std::collections::BTreeSet;

/// The environments that references can reach, and the items that the references name.
pub(super) struct References<'a> {
    session: &'a Session,
    /// Later environments win.
    environments: &'a [EnvironmentName],
    purpose: Purpose,
    opened: Vec<UnreadInjectables>,
    used: BTreeSet<(EnvironmentName, ItemName)>,
}

impl<'a> References<'a> {
    /// References that reach these environments.
    pub fn new(session: &'a Session, environments: &'a [EnvironmentName], purpose: Purpose) -> Self {
        Self { session, environments, purpose, opened: Vec::new(), used: BTreeSet::new() }
    }

    /// Requests the item that a reference names. It returns an empty placeholder, because no value is read yet.
    ///
    /// # Errors
    /// A not-found error if no environment has the item; a denied error, which is logged, if the reference names an
    /// environment that was not chosen.
    pub(crate) fn want(&mut self, reference: &Reference) -> Result<SecretBytes> {
        let name = &reference.item.name;
        let candidates: Vec<&EnvironmentName> = match &reference.item.environment {
            Some(environment) => vec![self.allowed(environment, name)?],
            None => self.environments.iter().rev().collect(),
        };
        for environment in &candidates {
            if self.open(environment)?.items().any(|item| item.name() == name.as_str()) {
                self.used.insert(((*environment).clone(), name.clone()));
                return Ok(SecretBytes::default());
            }
        }
        Err(missing(&candidates, name))
    }

    fn allowed(&self, environment: &EnvironmentName, name: &ItemName) -> Result<&'a EnvironmentName> {
        self.session.vault().roster().state().environment(environment)?;
        self.environments.iter().find(|allowed| *allowed == environment).ok_or_else(|| {
            let both: Vec<&str> = self.environments.iter().chain([environment]).map(EnvironmentName::as_str).collect();
            let item = NamedItem::within(environment, name);
            let error = Error::denied(format!("{SCHEME}{item} is outside the chosen environment"))
                .hint(("to allow both: ", Remedy::Reach(both.join(" "))));
            self.session.log_refused_use(&self.purpose.clone().items([name]), environment, error)
        })
    }

    fn open(&mut self, environment: &EnvironmentName) -> Result<&UnreadInjectables> {
        let known = self.opened.iter().position(|unread| unread.environment() == environment);
        let index = match known {
            Some(index) => index,
            None => {
                self.opened.push(self.session.open_injectables(&self.purpose, environment, &|_| true)?);
                self.opened.len() - 1
            }
        };
        Ok(&self.opened[index])
    }

    fn is_used(&self, environment: &EnvironmentName, name: &str) -> bool {
        self.used.iter().any(|(used_in, used)| used_in == environment && used.as_str() == name)
    }

    /// Returns the requested items that are expired, as `ENV/NAME`.
    ///
    /// # Errors
    /// As [`expired::check`].
    pub fn expired(&self, now: Time) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for unread in &self.opened {
            let environment = unread.environment();
            let items = unread.items().filter(|item| item.is_expired(now) && self.is_used(environment, item.name()));
            found.extend(items.map(|item| (environment.clone(), item.name().to_owned())));
        }
        expired::check(self.session, &self.purpose, &found)
    }

    /// Reads the requested items, after logging one entry per environment.
    pub fn read(self) -> Result<Referred> {
        let (session, purpose) = (self.session, self.purpose.clone());
        Ok(Referred(session.read_all(&purpose, self.into_unread())?))
    }

    /// Returns the requested items by environment, earlier environments first.
    pub(crate) fn into_unread(mut self) -> Vec<UnreadInjectables> {
        let mut opened = std::mem::take(&mut self.opened);
        for unread in &mut opened {
            let environment = unread.environment().clone();
            unread.retain(|item| self.is_used(&environment, item.name()));
        }
        opened.retain(|unread| unread.items().next().is_some());
        opened.order_by_key(|unread| self.environments.iter().position(|name| name == unread.environment()));
        opened
    }
}

/// The requested items with their values, by environment. Later environments win.
pub(super) struct Referred(pub Vec<(EnvironmentName, Vec<Injectable>)>);

impl Referred {
    /// Returns the item that a reference names.
    ///
    /// # Errors
    /// A not-found error if the item was not requested.
    pub fn item(&self, reference: &Reference) -> Result<&Injectable> {
        let NamedItem { environment, name } = &reference.item;
        let reached =
            self.0.iter().rev().filter(|(opened, _)| environment.as_ref().is_none_or(|named| named == opened));
        let found = reached.flat_map(|(_, items)| items).find(|item| *item.name == *name.as_str());
        found.ok_or_else(|| missing(&environment.iter().collect::<Vec<_>>(), name))
    }

    /// Returns the item's value.
    ///
    /// # Errors
    /// As [`Referred::item`].
    pub fn value(&self, reference: &Reference) -> Result<SecretBytes> {
        Ok(SecretBytes::new(self.item(reference)?.value.to_vec()))
    }
}

fn missing(environments: &[&EnvironmentName], name: &ItemName) -> Error {
    let places = environments.iter().map(|environment| NamedItem::within(environment, name).to_string());
    let places: Vec<String> = places.collect();
    Error::not_found(format!("there is no item {}", places.join(" or ")))
        .hint(("to set it: ", Remedy::Set(places.into_iter().next().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::log::Action;

    fn reference(environment_name: Option<&str>, name: &str) -> Reference {
        let (environment, name) = (environment_name.map(environment), ItemName::new(name).unwrap());
        Reference { item: NamedItem { environment, name }, line: 1 }
    }

    #[test]
    fn references_mean_the_last_environment_with_the_item_and_only_requested_items_are_logged() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/A=3"]);
        let both = [environment("dev"), environment("prod")];
        let mut references = References::new(&sandbox.session, &both, Purpose::for_action(Action::Render));
        for name in ["A", "B"] {
            references.want(&reference(None, name)).unwrap();
        }
        assert_eq!(references.expired(Time::now()).unwrap(), [""; 0]);
        let read = references.read().unwrap();
        let value = |environment_name, name| read.value(&reference(environment_name, name)).map(|value| value.to_vec());
        assert_eq!((value(None, "A").unwrap(), value(Some("dev"), "B").unwrap()), (b"3".to_vec(), b"2".to_vec()));
        assert!(value(Some("dev"), "A").is_err(), "it was not requested");
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["render dev B", "render prod A"]);
    }

    #[test]
    fn no_reference_can_reach_outside_the_chosen_environments() {
        let sandbox = Sandbox::with(&["prod/A=3"]);
        let dev = [environment("dev")];
        let mut references = References::new(&sandbox.session, &dev, Purpose::for_action(Action::Render));
        let mut error =
            |environment_name, name| references.want(&reference(environment_name, name)).unwrap_err().to_string();
        assert_eq!(error(Some("prod"), "A"), "vault://prod/A is outside the chosen environment");
        assert_eq!(error(None, "A"), "there is no item dev/A");
        assert_eq!(error(Some("nope"), "A"), "there is no environment \"nope\"");
    }
}

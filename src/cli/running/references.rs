//! What `vault://` refers to: items of the environments that `-e` names, and of no other.
//!
//! A text is read twice: first for what it refers to, so that the log can say so, then with the values.

use crate::cli::unlocking::context::Context;
use std::collections::BTreeSet;
use vault::item::Injectable;
use vault::name::{EnvironmentName, ItemName};
use vault::ordered::InOrder as _;
use vault::secret::SecretBytes;
use vault::template::Reference;
use vault::vault::{Purpose, Session, UnreadInjectables};
use vault::{Error, Result};

/// The environments that references reach, and which of their items are asked for.
pub struct References<'a> {
    session: &'a Session,
    /// Later ones win.
    environments: &'a [EnvironmentName],
    purpose: &'a Purpose,
    opened: Vec<UnreadInjectables>,
    used: BTreeSet<(EnvironmentName, ItemName)>,
}

impl<'a> References<'a> {
    /// References that reach these environments.
    pub fn new(session: &'a Session, environments: &'a [EnvironmentName], purpose: &'a Purpose) -> Self {
        Self { session, environments, purpose, opened: Vec::new(), used: BTreeSet::new() }
    }

    /// Asks for the item that a reference names. The value stays where it is: what is given stands for it.
    pub fn want(&mut self, reference: &Reference) -> Result<SecretBytes> {
        let name = &reference.name;
        let candidates: Vec<&EnvironmentName> = match &reference.environment {
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
            let allowed: Vec<String> = self.environments.iter().map(|name| format!("-e {name}")).collect();
            Error::denied(format!("vault://{environment}/{name} is outside of the chosen environment"))
                .hint(format!("to allow both: {} -e {environment}", allowed.join(" ")))
        })
    }

    fn open(&mut self, environment: &EnvironmentName) -> Result<&UnreadInjectables> {
        let known = self.opened.iter().position(|unread| unread.environment() == environment);
        let index = match known {
            Some(index) => index,
            None => {
                self.opened.push(self.session.open_injectables(self.purpose, environment, &|_| true)?);
                self.opened.len() - 1
            }
        };
        Ok(&self.opened[index])
    }

    fn is_used(&self, environment: &EnvironmentName, name: &str) -> bool {
        self.used.iter().any(|(of, used)| of == environment && used.as_str() == name)
    }

    /// Tells which of the items that were asked for are expired.
    pub fn check_expiry(&self, context: &Context) -> Result<()> {
        let now = vault::time::Time::now();
        let mut expired = Vec::new();
        for unread in &self.opened {
            let environment = unread.environment();
            let items = unread.items().filter(|item| item.is_expired(now) && self.is_used(environment, item.name()));
            expired.extend(items.map(|item| format!("{environment}/{}", item.name())));
        }
        expired.order();
        context.expired(&expired.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What was asked for, by environment: earlier ones first.
    pub fn into_unread(mut self) -> Vec<UnreadInjectables> {
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

/// What was asked for, with its values; by environment, of which later ones win.
pub struct Referred(pub Vec<(EnvironmentName, Vec<Injectable>)>);

impl Referred {
    /// The item that a reference names.
    pub fn item(&self, reference: &Reference) -> Result<&Injectable> {
        let Reference { environment, name, .. } = reference;
        let reached = self.0.iter().rev().filter(|(of, _)| environment.as_ref().is_none_or(|named| named == of));
        let found = reached.flat_map(|(_, items)| items).find(|item| *item.name == *name.as_str());
        found.ok_or_else(|| missing(&environment.iter().collect::<Vec<_>>(), name))
    }

    /// Its value.
    pub fn value(&self, reference: &Reference) -> Result<SecretBytes> {
        Ok(SecretBytes::new(self.item(reference)?.value.to_vec()))
    }
}

fn missing(environments: &[&EnvironmentName], name: &ItemName) -> Error {
    let places: Vec<String> = environments.iter().map(|environment| format!("{environment}/{name}")).collect();
    Error::not_found(format!("there is no item {}", places.join(" or ")))
        .hint(format!("to set it: vault set {}", places.first().map_or("", String::as_str)))
}

//! What `vault://` refers to: items of the environments that `-e` names, and of no other.

use super::context::Context;
use std::collections::{BTreeMap, BTreeSet};
use vault::item::{Content, Item};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::template::Reference;
use vault::vault::Session;
use vault::{Error, Result};

/// The environments that references reach, and which of their items were asked for.
pub struct References<'a> {
    session: &'a Session,
    /// Later ones win.
    environments: &'a [EnvironmentName],
    contents: BTreeMap<EnvironmentName, Content>,
    used: BTreeSet<(EnvironmentName, ItemName)>,
}

impl<'a> References<'a> {
    /// References that reach these environments.
    pub fn new(session: &'a Session, environments: &'a [EnvironmentName]) -> Self {
        Self { session, environments, contents: BTreeMap::new(), used: BTreeSet::new() }
    }

    /// The item a reference names. A refused reading is logged as `action`.
    pub fn resolve(&mut self, reference: &Reference, action: Action) -> Result<&Item> {
        let name = &reference.name;
        let candidates: Vec<&EnvironmentName> = match &reference.environment {
            Some(environment) => vec![self.allowed(environment, name)?],
            None => self.environments.iter().rev().collect(),
        };
        let mut found = None;
        for environment in &candidates {
            self.read(environment, action)?;
            if self.contents.get(*environment).is_some_and(|content| content.items().contains_key(name)) {
                found = Some((*environment).clone());
                break;
            }
        }
        let Some(environment) = found else { return Err(missing(&candidates, name)) };
        self.used.insert((environment.clone(), name.clone()));
        self.contents
            .get(&environment)
            .and_then(|content| content.items().get(name))
            .ok_or_else(|| missing(&[&environment], name))
    }

    fn allowed(&self, environment: &EnvironmentName, name: &ItemName) -> Result<&'a EnvironmentName> {
        self.session.vault().roster().state().environment(environment)?;
        self.environments.iter().find(|allowed| *allowed == environment).ok_or_else(|| {
            let allowed: Vec<String> = self.environments.iter().map(|name| format!("-e {name}")).collect();
            Error::denied(format!("vault://{environment}/{name} is outside of the chosen environment"))
                .hint(format!("to allow both: {} -e {environment}", allowed.join(" ")))
        })
    }

    fn read(&mut self, environment: &EnvironmentName, action: Action) -> Result<()> {
        if !self.contents.contains_key(environment) {
            let entry = Entry::new(action).environment(environment);
            let content = self.session.read(environment).map_err(|error| self.session.log_refusal(entry, error))?;
            self.contents.insert(environment.clone(), content);
        }
        Ok(())
    }

    /// The items that were asked for, by environment.
    pub fn used(&self) -> BTreeMap<&EnvironmentName, Vec<&ItemName>> {
        let mut used = BTreeMap::<_, Vec<_>>::new();
        self.used.iter().for_each(|(environment, name)| used.entry(environment).or_default().push(name));
        used
    }

    /// Tells which of the items that were asked for are expired.
    pub fn check_expiry(&self, context: &Context) -> Result<()> {
        let now = vault::time::Time::now();
        let is_expired = |(environment, name): &&(EnvironmentName, ItemName)| {
            let item = self.contents.get(environment).and_then(|content| content.items().get(name));
            item.is_some_and(|item| item.is_expired(now))
        };
        let expired: Vec<String> =
            self.used.iter().filter(is_expired).map(|(environment, name)| format!("{environment}/{name}")).collect();
        context.expired(&expired.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn missing(environments: &[&EnvironmentName], name: &ItemName) -> Error {
    let places: Vec<String> = environments.iter().map(|environment| format!("{environment}/{name}")).collect();
    Error::not_found(format!("there is no item {}", places.join(" or ")))
        .hint(format!("to set it: vault set {}", places.first().map_or("", String::as_str)))
}

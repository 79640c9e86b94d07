//! What a user could read, and did: the list for replacing values after somebody leaves.

use super::Session;
use crate::error::{Error, Result};
use crate::item::{Content, Item, Kind};
use crate::log::Reading;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Access;
use crate::time::Time;
use std::collections::BTreeMap;

/// What is known of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The environment.
    pub environment: EnvironmentName,
    /// The item's name.
    pub name: String,
    /// Its kind; `None` if only the log knows of it: it was renamed or removed since.
    pub kind: Option<Kind>,
    /// From when on the user could read it.
    pub from: Option<Time>,
    /// Until when; `None` while they can.
    pub until: Option<Time>,
    /// How often the logs say that it was handed out to them.
    pub reads: usize,
    /// When last, and by which action.
    pub last_read: Option<(Time, String)>,
    /// Whether the value they could read is the one in use still.
    pub in_use: bool,
}

/// What a user could read, and did.
#[derive(Debug, Default)]
pub struct Exposure {
    /// By environment and name.
    pub items: Vec<Exposed>,
    /// Environments the user could read and this session can't: what is in them is not known here.
    pub unknown: Vec<EnvironmentName>,
}

impl Session {
    /// What a user of this name could read since then, by the signed chain, and did, by these logs of theirs.
    ///
    /// # Errors
    /// A not-found error if there never was such a user; else as [`Session::read`].
    pub fn exposure(&self, user: &UserName, since: Option<Time>, logs: &[Reading]) -> Result<Exposure> {
        let roster = self.vault.roster();
        let was_user = |statement: &crate::roster::Statement| {
            statement.draft.change.new_keys(&statement.draft.author).is_some_and(|(of, _)| of == user)
        };
        if !roster.statements().iter().any(was_user) {
            return Err(Error::not_found(format!("there never was a user \"{user}\"")));
        }
        let mut reads = Reads::of(logs, since);
        let mut exposure = Exposure::default();
        for (environment, accesses) in self.accesses_since(user, since)? {
            if !self.readable().contains(&environment) {
                exposure.unknown.push(environment);
                continue;
            }
            let content = self.read(&environment)?;
            exposure.items.extend(exposed(&environment, &content, &accesses, &mut reads));
        }
        exposure.items.extend(reads.rest());
        exposure.items.sort_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
        Ok(exposure)
    }

    /// The times of access to the environments there are now, by environment.
    fn accesses_since(&self, user: &UserName, since: Option<Time>) -> Result<BTreeMap<EnvironmentName, Vec<Access>>> {
        let environments = &self.vault.roster().state().environments;
        let mut by_environment: BTreeMap<EnvironmentName, Vec<Access>> = BTreeMap::new();
        for access in self.vault.roster().accesses(user)? {
            let there = environments.get(&access.environment).is_some_and(|of| of.added == access.added);
            if there && access.until.is_none_or(|until| since.is_none_or(|since| until >= since)) {
                by_environment.entry(access.environment.clone()).or_default().push(access);
            }
        }
        Ok(by_environment)
    }
}

fn exposed(environment: &EnvironmentName, content: &Content, accesses: &[Access], reads: &mut Reads) -> Vec<Exposed> {
    let from = accesses.iter().map(|access| access.from).min();
    let until = if accesses.iter().any(|access| access.until.is_none()) {
        None
    } else {
        accesses.iter().filter_map(|access| access.until).max()
    };
    let could_read = |item: &&Item| until.is_none_or(|until| item.created_at <= until);
    let object = |item: &Item| {
        // In the very second in which a right was taken, the mark tells which came first; variables bear none.
        let unmarked = item.rotate_due.is_none() && item.metadata.kind != Kind::Variable;
        let set_at = item.current.set_at;
        let replaced = until.is_some_and(|until| set_at > until || (set_at == until && unmarked));
        let Uses { count, last: last_read } = reads.take(environment, item.name.as_str());
        Exposed {
            environment: environment.clone(),
            name: item.name.to_string(),
            kind: Some(item.metadata.kind),
            from,
            until,
            reads: count,
            last_read,
            in_use: !replaced,
        }
    };
    content.items().values().filter(could_read).map(object).collect()
}

/// What the logs say of one item: how often it was handed out, and when last and by which action.
#[derive(Default)]
struct Uses {
    count: usize,
    last: Option<(Time, String)>,
}

/// By environment and name.
struct Reads(BTreeMap<(String, String), Uses>);

impl Reads {
    fn of(logs: &[Reading], since: Option<Time>) -> Self {
        let mut reads: BTreeMap<(String, String), Uses> = BTreeMap::new();
        let lines = logs.iter().flat_map(|log| &log.lines).map(|line| &line.entry);
        for entry in lines.filter(|entry| entry.handed_out() && since.is_none_or(|since| entry.time >= since)) {
            let Some(environment) = &entry.environment else { continue };
            for item in &entry.items {
                let uses = reads.entry((environment.clone(), item.clone())).or_default();
                uses.count += 1;
                if uses.last.as_ref().is_none_or(|(time, _)| *time <= entry.time) {
                    uses.last = Some((entry.time, entry.action.word()));
                }
            }
        }
        Self(reads)
    }

    fn take(&mut self, environment: &EnvironmentName, item: &str) -> Uses {
        self.0.remove(&(environment.to_string(), item.to_owned())).unwrap_or_default()
    }

    /// What was read and is not there any more under its name, or in an environment that can't be read here.
    fn rest(self) -> impl Iterator<Item = Exposed> {
        self.0.into_iter().filter_map(|((environment, name), Uses { count, last })| {
            let environment = EnvironmentName::new(environment).ok()?;
            let (reads, last_read) = (count, last);
            Some(Exposed { environment, name, kind: None, from: None, until: None, reads, last_read, in_use: true })
        })
    }
}

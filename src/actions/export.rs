//! Exporting: which values go into a file for other tools, and which are left out.
//!
//! - Gives values, after their log entry: `Chosen::write`
//! - Gives parts of what was read: `Written::masks`, `Written::text`
//! - Gives text without values: `LeftOut::kept_back`, `LeftOut::refused`, `Written::expired`,
//!   `Written::unmasked`

use super::Selection;
use super::expired::{self, Expired};
use crate::error::{Error, Result};
use crate::format::export::{self, Format, Target, github};
use crate::item::{Content, Deliver, Kind, clashes};
use crate::log::Action;
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use crate::time::Time;
use crate::vault::{Allowed, Purpose, Session, Uncarried, Unread, WrittenAs, exported_as_variable};
use std::collections::BTreeSet;

/// What to export.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The format.
    pub target: Target<'a>,
    /// Which items to export.
    pub selection: &'a Selection,
    /// The dangerous names that are allowed.
    pub allowed: Allowed<'a>,
}

/// The items to write, chosen by their names. Nothing about a value is known yet, not even whether the format can
/// represent it.
pub struct Chosen<'a> {
    target: Target<'a>,
    selection: &'a Selection,
    unread: Vec<Unread>,
    left_out: LeftOut,
}

/// The items that are not written.
#[derive(Default)]
pub struct LeftOut {
    /// The items that commands get as a file or not at all, unless they were named.
    pub kept_back: BTreeSet<String>,
    /// The variables that can make a program load code and are not allowed.
    pub refused: BTreeSet<String>,
    /// The items that the format can't represent exactly, if there are any.
    pub uncarried: Option<Error>,
}

impl LeftOut {
    /// Returns whether nothing is left out that somebody may miss.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.uncarried.is_none() && self.refused.is_empty()
    }
}

/// The result of an export.
pub struct Written {
    /// The file.
    pub text: SecretBytes,
    /// For GitHub: the commands that mask every secret. Print them before the file is written.
    pub masks: SecretBytes,
    /// For GitHub: the names of the items that are too short to mask.
    pub unmasked: Vec<String>,
    /// The items that are expired, as `ENV/NAME`. An example file has no values, so for it the list is empty.
    pub expired: Vec<String>,
    /// What is not in the file.
    pub left_out: LeftOut,
}

/// Opens the environments to export. No value is read yet.
///
/// # Errors
/// As [`Session::open`].
pub fn open(session: &Session, environments: &[EnvironmentName]) -> Result<Vec<Unread>> {
    let purpose = Purpose::for_action(Action::Export);
    environments.iter().map(|name| session.open(&purpose, name)).collect()
}

impl<'a> Chosen<'a> {
    /// Chooses the items from these environments. Later environments win.
    ///
    /// # Errors
    /// A not-found error if a named item does not exist; a usage error if two items of an environment become the same
    /// variable.
    pub fn new(unread: Vec<Unread>, request: &Request<'a>) -> Result<Self> {
        let Request { target, selection, .. } = *request;
        let mut chosen = Self { target, selection, unread: Vec::new(), left_out: LeftOut::default() };
        let mut taken = Taken::default();
        for unread in unread.into_iter().rev() {
            let unread = chosen.choose(unread, request, &mut taken);
            chosen.unread.push(unread);
        }
        chosen.unread.reverse();
        selection.check_names()?;
        chosen.unread.iter().try_for_each(check_apart)?;
        Ok(chosen)
    }

    /// Chooses the items of one environment, except those that a later environment has or whose variable it sets.
    fn choose(&mut self, unread: Unread, request: &Request<'a>, taken: &mut Taken) -> Unread {
        let Request { target, selection, allowed } = *request;
        let environment = unread.environment().clone();
        let mut here = Vec::new();
        let chosen = unread.only(|item| {
            let (name, variable) = (item.name().as_str(), item.value_variable());
            if !selection.takes(name) || taken.items.contains(name) || taken.variables.contains(variable) {
                return false;
            }
            here.push((name.to_owned(), variable.to_owned()));
            if item.metadata().deliver != Deliver::Variable && !selection.is_named(name) {
                self.left_out.kept_back.insert(name.to_owned());
                return false;
            }
            if target.format.is_run() && !allowed.allows(&environment, variable) {
                self.left_out.refused.insert(variable.to_owned());
                return false;
            }
            true
        });
        for (item, variable) in here {
            taken.items.insert(item);
            taken.variables.insert(variable);
        }
        chosen
    }

    /// Leaves out the items that the format can't represent, so that they don't block the others. If there are any, that
    /// is logged.
    fn leave_out_uncarried(&mut self, session: &Session, purpose: &Purpose) -> Result<()> {
        let uncarried = session.uncarried(purpose, &self.unread, self.target, WrittenAs::Variable)?;
        let Uncarried { names, refusal } = uncarried;
        let count: usize = self.unread.iter().map(Unread::count).sum();
        let is_named = names.iter().any(|name| self.selection.is_named(name.as_str()));
        if let Some(refusal) = refusal {
            if is_named || names.len() == count {
                return Err(self.log_carried(session, purpose, &names, refusal));
            }
            self.left_out.uncarried = Some(refusal);
        }
        let all = std::mem::take(&mut self.unread);
        self.unread = all.into_iter().map(|unread| unread.only(|item| !names.contains(item.name()))).collect();
        Ok(())
    }

    /// Logs the items that an error doesn't name: it says that the format can represent them. Returns the error.
    fn log_carried(
        &self,
        session: &Session,
        purpose: &Purpose,
        uncarried: &BTreeSet<ItemName>,
        mut error: Error,
    ) -> Error {
        for unread in &self.unread {
            let carried: Vec<_> =
                unread.items().map(|item| item.name()).filter(|name| !uncarried.contains(*name)).collect();
            if !carried.is_empty() {
                error = session.log_refused_use(&purpose.clone().items(carried), unread.environment(), error);
            }
        }
        error
    }

    fn expired(&self, now: Time) -> Vec<Expired> {
        let mut expired = Vec::new();
        for unread in &self.unread {
            let items = unread.items().filter(|item| item.is_expired(now));
            expired.extend(items.map(|item| (unread.environment().clone(), item.name().to_string())));
        }
        expired
    }

    /// Writes the file. Values are read after their log entry; an example file reads none.
    ///
    /// # Errors
    /// As [`Session::read`]. An item that the format can't represent is an error if it was named explicitly, or if no
    /// other item is left. So is an expired item under strict settings.
    pub fn write(mut self, session: &Session) -> Result<Written> {
        let purpose = Purpose::for_action(Action::Export);
        if self.target.format == Format::Example {
            self.leave_out_uncarried(session, &purpose)?;
            let text = self.example()?;
            let (masks, unmasked, expired) = Default::default();
            return Ok(Written { text, masks, unmasked, expired, left_out: self.left_out });
        }
        // Everything else that can be refused comes first. What follows says something about values.
        for unread in &self.unread {
            session.confirm(unread.environment(), || unread.entry(&purpose))?;
        }
        let now = Time::now();
        expired::check(session, &purpose, &self.expired(now))?;
        self.leave_out_uncarried(session, &purpose)?;
        // A warning names only what is in the file.
        let expired = expired::check(session, &purpose, &self.expired(now))?;
        let read = session.read_all(&purpose, self.unread)?;
        let all = read.iter().flat_map(|(_, content)| content.items().values());
        let mut items: Vec<_> = all.map(exported_as_variable).collect();
        items.order_by_key(|item| item.name);
        let text = export::write(self.target, &items)?;
        let (masks, unmasked) = match self.target.format {
            Format::Github => (github::masks(&items), github::unmasked(&items)),
            _ => (SecretBytes::default(), Vec::new()),
        };
        let unmasked = unmasked.into_iter().map(str::to_owned).collect();
        Ok(Written { text, masks, unmasked, expired, left_out: self.left_out })
    }

    /// Writes an example file, with names and notes only.
    fn example(&self) -> Result<SecretBytes> {
        let outlines = self.unread.iter().flat_map(Unread::<Content>::items);
        let mut items: Vec<_> = outlines
            .map(|item| export::Item {
                name: item.value_variable(),
                value: b"",
                is_variable: item.metadata().kind == Kind::Variable,
                note: item.metadata().note.as_deref(),
            })
            .collect();
        items.order_by_key(|item| item.name);
        export::write(self.target, &items)
    }
}

/// The items and the variables of later environments.
#[derive(Default)]
struct Taken {
    items: BTreeSet<String>,
    variables: BTreeSet<String>,
}

/// Checks that no two items of an environment become the same variable.
fn check_apart(unread: &Unread) -> Result<()> {
    let variables = unread.items().map(|item| (item.name().as_str(), item.value_variable().into()));
    clashes(variables).first().map_or(Ok(()), |clash| Err(clash.error(unread.environment())))
}

#[cfg(test)]
mod tests;

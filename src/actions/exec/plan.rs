//! Plans what a command will get, before anything runs.
//!
//! - Gives values, after their log entry: `Plan::read`
//! - Gives parts of what was read: `Injected::environment`, `Injected::handed`, `Injected::reach`,
//!   `Injected::referred`, `Injected::seen`
//! - Gives text without values: `Injected::path_variables`, `Notices::expired`, `Notices::expired_references`,
//!   `Notices::expiring`

use super::env_file::{self, Files, Filled};
use super::environment::{Environment, Given, Inherit};
use super::filter::{self, Criteria, NotInjected};
use super::handed::{Handed, Handing};
use super::reached::{Reach, Reached};
use super::unfit;
use super::variables::Variables;
use crate::actions::references::{References, Referred};
use crate::actions::{Selection, expired};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Result};
use crate::item::{DueWindow, Injectable, InjectableOutline};
use crate::log::{Action, Outcome, ProgramName};
use crate::name::EnvironmentName;
use crate::secret::TextPart;
use crate::signature::Hash;
use crate::time::Time;
use crate::vault::{Purpose, Session, UnreadInjectables};
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

/// The options of a request, before any value is read.
pub struct Request<'a> {
    /// The name of the command's program, for the log.
    pub program: ProgramName,
    /// How the variables are named.
    pub variables: Variables<'a>,
    /// Which items become variables.
    pub selection: Selection,
    /// Which items are handed over in another way.
    pub handing: Handing,
    /// The `.env` files whose variables the command gets, too.
    pub env_files: &'a [PathBuf],
    /// The dangerous names that are allowed this once.
    pub allowed: AllowedOnce,
    /// Which items count as expiring soon.
    pub window: DueWindow,
}

/// What to tell the user before the command runs.
#[derive(Debug, Default)]
pub struct Notices {
    /// The items whose names can't be variables, and why.
    pub left_out: Vec<NotInjected>,
    /// The items of env files that are expired, as `ENV/NAME`.
    pub expired_references: Vec<String>,
    /// The other items that are expired, in the same form.
    pub expired: Vec<String>,
    /// The items that expire soon, and when.
    pub expiring: Vec<(String, Time)>,
    /// Whether nothing at all becomes a variable.
    pub is_empty: bool,
}

/// What the command will get. Nothing has been read yet.
pub struct Plan<'a> {
    request: Request<'a>,
    purpose: Purpose,
    /// The items that become variables or are handed over.
    unread: Vec<UnreadInjectables>,
    files: Files,
    /// The items that the files refer to.
    referred: Vec<UnreadInjectables>,
    /// See [`filter::are_plain`].
    are_plain: bool,
    /// What to tell the user.
    pub notices: Notices,
}

/// What a plan was made from, to find out whether a later one would give the same. It has no value of the vault: to
/// compare values is to read them.
#[derive(PartialEq, Eq)]
pub struct Before {
    /// See [`UnreadInjectables::source`].
    sources: Vec<(EnvironmentName, Option<Hash>, Vec<TextPart>)>,
    files: Files,
}

/// What the command gets, with its values.
pub struct Injected<'a> {
    request: Request<'a>,
    /// Items with their values, by environment.
    read: Vec<(EnvironmentName, Vec<Injectable>)>,
    filled: Filled,
    are_plain: bool,
    /// The items that are handed over.
    pub handed: Handed,
    /// The items whose values can't be in variables, and why.
    pub left_out: Vec<NotInjected>,
}

impl<'a> Plan<'a> {
    /// Finds the requested items in these environments; later environments win. No value is looked at before
    /// [`Plan::read`], so a plan says nothing about any: not even that it fits a variable.
    ///
    /// # Errors
    /// If the session may not use an environment, if there is no such item, or if the name of an item that was requested by
    /// name can't be a variable; a failure for an expired item under strict settings. What is refused although it is there
    /// is logged.
    pub fn new(request: Request<'a>, session: &Session, environments: &[EnvironmentName]) -> Result<Self> {
        let Request { variables, selection, handing, .. } = &request;
        let purpose = Purpose::for_action(Action::Exec).program(&request.program);
        let takes_all = selection.takes_all();
        let wanted = |name: &str| takes_all || selection.takes(name) || handing.takes(name);
        let mut unread = Vec::with_capacity(environments.len());
        for environment in environments {
            unread.push(session.open_injectables(&purpose, environment, &wanted)?);
        }
        selection.check_names()?;
        handing.choose(&mut unread)?;
        let mut references = References::new(session, environments, purpose.clone());
        let files = env_file::read(request.env_files, &mut references)?;
        let refused = |error| log_refused(session, &purpose, environments, error);
        request.allowed.check(files.names().chain(handing.variables())).map_err(refused)?;
        let allowed = session.vault().allowed(&request.allowed);
        let allows = |environment: &EnvironmentName, name: &str| allowed.allows(environment, name);
        let criteria = Criteria { variables, selection, handing, allows: &allows };
        let are_plain = filter::are_plain(&unread, &criteria) && files.names().next().is_none();
        let mut notices = Notices::default();
        if !are_plain {
            notices.left_out = filter::retain(&mut unread, &criteria).map_err(refused)?;
        }
        for unread in &unread {
            session.confirm(unread.environment(), || unread.entry(&purpose))?;
        }
        notices.expired_references = references.expired(request.window.now)?;
        notices.expired = expired::check(session, &purpose, &expired::among(&unread, request.window.now))?;
        notices.look_ahead(&unread, request.window);
        notices.is_empty =
            unread.iter().all(|unread| unread.items().next().is_none()) && files.names().next().is_none();
        let referred = references.into_unread();
        Ok(Self { request, purpose, unread, files, referred, are_plain, notices })
    }

    /// The items that become variables or are handed over.
    #[must_use]
    pub fn unread(&self) -> &[UnreadInjectables] {
        &self.unread
    }

    /// Returns whether the command gets a variable of this name from the vault or from an env file.
    #[must_use]
    pub fn sets(&self, variable: &str) -> bool {
        let items = self.unread.iter().flat_map(UnreadInjectables::items);
        items.map(|item| self.request.variables.name_of(item)).any(|name| name == variable)
            || self.files.names().any(|name| name == variable)
    }

    /// Returns what this plan is made from, to compare a later plan with it.
    #[must_use]
    pub fn before(&self) -> Before {
        let sources = self.unread.iter().chain(&self.referred).map(UnreadInjectables::source).collect();
        Before { sources, files: self.files.clone() }
    }

    /// Returns whether nothing was saved since then that this plan is made from: the command would get exactly what it
    /// got. Otherwise, only reading the values shows whether they are the same.
    #[must_use]
    pub fn gives_what_it_has(&self, before: &Before) -> bool {
        self.before() == *before
    }

    /// Logs that nothing was handed out because of this error.
    ///
    /// # Errors
    /// If the log can't be written.
    pub fn log_failure(&self, session: &Session, error: &Error) -> Result<()> {
        let mut entries = Vec::with_capacity(self.unread.len());
        for unread in &self.unread {
            // Without names, an entry is about all items.
            let purpose = match self.request.selection.takes_all() {
                true => self.purpose.clone(),
                false => self.purpose.clone().items(unread.items().map(|item| item.name())),
            };
            let entry = purpose.entry(unread.environment());
            entries.push(entry.outcome(Outcome::Failed).note(error.to_string()));
        }
        session.log(entries)
    }

    /// Reads the values, after logging one entry per environment in a single write. Those that can't be in variables are
    /// left out, after an entry of their own.
    ///
    /// # Errors
    /// As [`Session::read`]; a failure for an item that was requested by name, or a variable of an env file, whose value
    /// can't be passed.
    pub fn read(mut self, session: &Session) -> Result<Injected<'a>> {
        let left_out = self.leave_out_unfit(session)?;
        let Self { request, purpose, mut unread, files, referred, are_plain, notices: _ } = self;
        let count = unread.len();
        unread.extend(referred);
        let mut read = session.read_all(&purpose, unread)?;
        let filled = files.fill(&Referred(read.split_off(count)))?;
        let handed = request.handing.take(&mut read)?;
        filled.items.iter().try_for_each(filter::check)?;
        Ok(Injected { request, read, filled, are_plain, handed, left_out })
    }

    fn leave_out_unfit(&mut self, session: &Session) -> Result<Vec<NotInjected>> {
        if self.are_plain {
            return Ok(Vec::new());
        }
        let Request { variables, selection, handing, .. } = &self.request;
        // The names are those that were accepted before.
        let criteria = Criteria { variables, selection, handing, allows: &|_, _| true };
        unfit::leave_out(session, &self.purpose, &mut self.unread, &criteria)
    }
}

/// Logs that no value of these environments was handed out because of this error, and returns the error.
fn log_refused(session: &Session, purpose: &Purpose, environments: &[EnvironmentName], mut error: Error) -> Error {
    for environment in environments {
        error = session.log_refused_use(purpose, environment, error);
    }
    error
}

impl Notices {
    fn look_ahead(&mut self, unread: &[UnreadInjectables], window: DueWindow) {
        for item in unread.iter().flat_map(UnreadInjectables::items).filter(|item| !item.is_expired(window.now)) {
            if let Some(expires) = item.expires_soon(window) {
                self.expiring.push((item.name().to_owned(), expires));
            }
        }
    }
}

impl Injected<'_> {
    /// Returns the items with their variables. `file` makes the file of an item that is delivered as one, and returns
    /// its path.
    ///
    /// # Errors
    /// The errors of `file`.
    pub fn reach(&self, file: &mut dyn FnMut(&Injectable) -> Result<String>) -> Result<Reach<'_>> {
        Reach::new(&self.read, &self.request.variables, &self.filled.items, self.are_plain, file)
    }

    /// Returns the command's environment: these items, the `paths`, which win over all, and the inherited variables.
    #[must_use]
    pub fn environment(
        &self,
        reach: &Reach<'_>,
        paths: &[(String, String)],
        (inherit, pass_key): (&Inherit, bool),
        inherited: impl Iterator<Item = (OsString, OsString)>,
    ) -> Environment {
        let variable = |item: InjectableOutline<'_>| Cow::Owned(self.request.variables.name_of(item).into_owned());
        let by_option = self.handed.items().flat_map(|item| [item.name.as_str().into(), variable(item.outline())]);
        let given = Given {
            items: reach.variables(),
            handed: by_option.chain(reach.replaced().map(Cow::Borrowed)).collect(),
            paths,
        };
        Environment::new(inherited, inherit, pass_key, given)
    }

    /// Returns what reaches the command, under the names that it sees.
    #[must_use]
    pub fn seen(&self, reach: &Reach<'_>) -> Vec<Injectable> {
        reach.iter().map(|item: Reached<'_>| item.seen()).chain(self.handed.items().cloned()).collect()
    }

    /// The items that env files refer to. They are known separately, because a program may split a value that an env
    /// file has joined.
    #[must_use]
    pub fn referred(&self) -> &[Injectable] {
        &self.filled.referred
    }

    /// The variables with the paths of items that were requested as files.
    pub fn path_variables(&self) -> impl Iterator<Item = &str> {
        self.request.handing.variables()
    }
}

#[cfg(test)]
mod tests;

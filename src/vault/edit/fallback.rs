//! Replaces environments that can't be read or kept. So nobody who writes an environment can prevent others from taking
//! rights.

use super::Edit;
use crate::error::{Error, Hint, Kind, Reason, Remedy, Result};
use crate::file::MAX_FILE;
use crate::item::{Content, Place};
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::roster::Right;
use crate::vault::blame::blamed;
use crate::vault::proven::missing_block;
use crate::vault::{Session, Standing, Unread, Warning, WarningReason};
use std::collections::BTreeMap;

impl Unread {
    /// Returns an environment without items, to continue without those that can't be read.
    #[must_use]
    pub(crate) fn empty(session: &Session, environment: EnvironmentName) -> Self {
        Self::new(session, environment, Content::default())
    }
}

/// What environments hold from now on in case they can't be read, or the vault would be too large with what they hold. A
/// content can't get into another environment than the one that it was decrypted from.
#[derive(Default)]
pub struct Fallbacks(BTreeMap<EnvironmentName, Unread>);

impl Fallbacks {
    /// Returns the content for each of these environments, to be saved by this action: none, or what the file at a git
    /// revision has. A refusal is logged.
    ///
    /// # Errors
    /// A not-found error if there is no such environment, or there was no vault or environment at the revision; a usage
    /// error if an environment is named twice; an integrity error if it can't be read there, either.
    pub fn new(
        session: &Session,
        action: Action,
        empty: &[EnvironmentName],
        restored: &[(EnvironmentName, String)],
    ) -> Result<Self> {
        let mut contents = Self::default();
        for name in empty {
            session.vault.roster.state().environment(name)?;
            contents.add(Unread::empty(session, name.clone()))?;
        }
        for (name, revision) in restored {
            let missing = || Error::not_found(format!("the vault did not exist at {revision}"));
            let bytes = session.vault.at_revision(revision)?.ok_or_else(missing)?;
            contents.add(session.earlier(action, name, bytes)?)?;
        }
        Ok(contents)
    }

    /// Adds the content of one more environment.
    ///
    /// # Errors
    /// A usage error if the environment has one already.
    pub(crate) fn add(&mut self, content: Unread) -> Result<()> {
        let name = content.environment().clone();
        if self.0.contains_key(&name) {
            let (restore, empty) = (Remedy::Restore(name.to_string()), Remedy::GiveUp(name.to_string()));
            return Err(Error::usage(format!("two contents are given for {name}")).hint((
                "give only one: ",
                restore,
                " or ",
                empty,
            )));
        }
        self.0.insert(name, content);
        Ok(())
    }

    /// Returns a copy, for a look at a change that is made later.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.iter().map(|(name, unread)| (name.clone(), unread.copy())).collect())
    }

    /// Returns the names of the environments.
    pub(crate) fn names(&self) -> Vec<EnvironmentName> {
        self.0.keys().cloned().collect()
    }
}

impl Edit<'_> {
    /// Sets the content of these environments in case they can't be read, or the vault would be too large with what
    /// they hold.
    ///
    /// Its names are not checked: what a writer stored once must not prevent anybody from taking rights. It is empty, or
    /// it was in a signed block, where each name was checked when an item got it. And a program gets no dangerous name
    /// from it that this device doesn't allow, because `exec`, the shell hook and exports for shells check again.
    ///
    /// # Errors
    /// If another session has decrypted it.
    pub(crate) fn fall_back(&mut self, contents: Fallbacks) -> Result<()> {
        contents.0.values().try_for_each(|unread| self.session.check_origin(unread.origin()))?;
        self.fallbacks = contents.0.into_iter().map(|(name, unread)| (name, unread.into_held())).ordered();
        Ok(())
    }

    /// Saves those of these environments again that can't be read, and returns their names.
    ///
    /// # Errors
    /// A denied error without the right to write one of them.
    pub(crate) fn save_unreadable(&mut self, names: &[EnvironmentName]) -> Result<Vec<EnvironmentName>> {
        let mut saved = Vec::new();
        for name in names {
            self.session.check_right_in(&self.roster, name, Right::Write)?;
            let before = self.replaced.len();
            self.load(name)?;
            if self.replaced.len() > before {
                self.touched.insert(name.clone());
                saved.push(name.clone());
            }
        }
        Ok(saved)
    }

    /// Returns what an environment holds or, if it can't be read, its fallback.
    pub(super) fn read_or_fall_back(&mut self, name: &EnvironmentName) -> Result<Content> {
        let error = match self.read(name) {
            // A denied error means that it was not encrypted for this user, although the user has the right.
            Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => error,
            read => return read,
        };
        let Some(content) = self.fallbacks.remove(name) else { return Err(unreadable(name, &error)) };
        self.note(name, content.items().is_empty(), &error.to_string());
        Ok(content)
    }

    fn read(&self, name: &EnvironmentName) -> Result<Content> {
        let vault = &self.session.vault;
        if let Some(error) = self.jumped.get(name) {
            return Err(error.clone());
        }
        let block = vault.block(name)?;
        let verified = self.verified.get(name).ok_or_else(|| missing_block(name))?;
        let plaintext = self.session.decrypt(block, verified.bytes.clone())?;
        let place = Place { vault: &self.roster.id(), environment: name, version: block.statement.version };
        let content = Content::from_json(&plaintext, &place, block.statement.written());
        let mut content = content.map_err(|error| blamed(&block.statement, &error))?;
        if verified.standing == Standing::Pending
            && let Some(time) = vault.lost_at(block)?
        {
            content.mark_all_due(time);
        }
        Ok(content)
    }

    /// Uses the fallbacks that are left, to make the vault smaller. Returns whether there were any.
    pub(super) fn use_remaining_fallbacks(&mut self) -> Result<bool> {
        let before = self.session.vault.roster.head().version;
        let fallbacks = std::mem::take(&mut self.fallbacks);
        let mut is_less = false;
        for (name, mut content) in fallbacks {
            if !self.touched.contains(&name) {
                continue;
            }
            if self.roster.losses(&name, before)?.last().is_some() {
                content.mark_all_due(self.now);
            }
            self.note(&name, content.items().is_empty(), "the vault would be too large with its earlier content");
            self.contents.insert(name, content);
            is_less = true;
        }
        Ok(is_less)
    }

    /// Returns the error for a vault that would be too large with this change.
    pub(super) fn too_large(&self) -> Error {
        let error = Error::new(Reason::TooLarge, format!("the vault would be larger than {} MiB", MAX_FILE >> 20));
        if self.roster.head() == self.session.vault.roster.head() {
            return error.hint("remove items, or keep some in another vault");
        }
        let largest = self.session.vault.file.blocks.iter().max_by_key(|block| block.data.len());
        let name = largest.map_or("ENV", |block| block.statement.name.as_str());
        error.hint((
            "remove items first, or give up the contents of an environment that you write: ",
            Remedy::GiveUp(name.to_owned()),
        ))
    }

    fn note(&mut self, name: &EnvironmentName, is_empty: bool, why: &str) {
        let holds = if is_empty { "is empty now" } else { "now has the content of that earlier commit" };
        self.replaced.push(Warning::new(WarningReason::Replaced, format!("{name} {holds}: {why}")));
    }
}

fn unreadable(name: &EnvironmentName, error: &Error) -> Error {
    let hint = Hint::from(("add ", Remedy::Restore(name.to_string())))
        .then(" to continue with its content in an earlier commit, or ")
        .then(Remedy::GiveUp(name.to_string()))
        .then(" to continue without its items; every change of rights or keys accepts both");
    error.clone().hint(hint)
}

//! Verifies and decrypts environments for the library itself. Nothing here is logged, so only functions that return
//! names are public.

use super::Session;
use crate::error::{Error, Hint, Kind, Remedy, Result};
use crate::file::{Block, BlockStatement};
use crate::item::{self, Content, Injectables, Place};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Right;
use crate::signature::Hash;
use crate::vault::access::Access;
use crate::vault::blame::blamed;
use crate::vault::verified::Verified;
use crate::vault::{Purpose, Standing, Warning, WarningReason};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

impl Session {
    /// Returns what an environment holds. Values leave the library only through [`Session::read`], which logs them.
    pub(in crate::vault) fn content_of(&self, name: &EnvironmentName) -> Result<Content> {
        let (block, verified) = self.verified(name)?;
        self.with_losses(block, verified.standing, self.content(block, verified.bytes)?)
    }

    /// Completes the content of a pending block: adds the marks for replacement that the next save by a writer adds,
    /// and warns.
    fn with_losses(&self, block: &Block, standing: Standing, mut content: Content) -> Result<Content> {
        if standing == Standing::Pending {
            if let Some(time) = self.vault.lost_at(block)? {
                content.mark_all_due(time);
            }
            self.warn_of_pending(&block.statement.name)?;
        }
        Ok(content)
    }

    fn content(&self, block: &Block, bytes: Vec<u8>) -> Result<Content> {
        unsealed(&self.decrypt(block, bytes)?, &block.statement, &self.vault.id())
    }

    fn warn_of_pending(&self, name: &EnvironmentName) -> Result<()> {
        let next = match self.vault.roster.state().environment(name)?.has_writer() {
            true => "; the next save by a writer renews it",
            false => ", and nobody writes it any more",
        };
        let what = format!("{name} is pending: its last author has lost the right to write it{next}");
        self.vault.warn(Warning::new(WarningReason::Pending, what))
    }

    /// Does the same as [`Self::content_of`] for what a program gets, limited to the wanted names. Also returns the
    /// hash of the block's statement.
    pub(in crate::vault) fn injectables_of(
        &self,
        name: &EnvironmentName,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<(Injectables, Hash)> {
        let (block, verified) = self.verified(name)?;
        let Verified { standing, seen, bytes } = verified;
        let plaintext = self.decrypt(block, bytes)?;
        if standing == Standing::Pending {
            self.warn_of_pending(name)?;
        }
        let statement = &block.statement;
        let place = Place { vault: &self.vault.id(), environment: name, version: statement.version };
        let items = item::injectables(plaintext, &place, wanted).map_err(|error| blamed(statement, &error))?;
        Ok((items, seen.hash))
    }

    /// Returns the environments that this user may read.
    #[must_use]
    pub fn readable(&self) -> Vec<EnvironmentName> {
        let environments = &self.vault.roster.state().environments;
        environments
            .iter()
            .filter(|(_, environment)| environment.reads(self.user()))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Returns the content of every environment that this user may read: see [`Session::open_readable`].
    pub(in crate::vault) fn contents_for(&self, purpose: &Purpose) -> Result<BTreeMap<EnvironmentName, Content>> {
        let mut contents = BTreeMap::new();
        for name in self.readable() {
            let content =
                self.completed_content(&name).map_err(|error| self.log_refusal(purpose.entry(&name), error))?;
            contents.extend(content.map(|content| (name, content)));
        }
        Ok(contents)
    }

    fn completed_content(&self, name: &EnvironmentName) -> Result<Option<Content>> {
        let Some((content, standing)) = self.content_as_written(name)? else { return Ok(None) };
        self.with_losses(self.vault.block(name)?, standing, content).map(Some)
    }

    /// Returns the content of an environment, without the marks that its next save adds. `None`, with a warning, if a
    /// validly signed one can't be read.
    pub(super) fn content_as_written(&self, name: &EnvironmentName) -> Result<Option<(Content, Standing)>> {
        if let Err(error) = self.vault.check_environment_merged(name) {
            let warning = Warning::new(WarningReason::UnresolvedMerge, error.to_string());
            return self.vault.warn(warning).map(|()| None);
        }
        let (block, verified) = self.verified(name)?;
        match self.content(block, verified.bytes) {
            Ok(content) => Ok(Some((content, verified.standing))),
            // A denied error means that it was not encrypted for this user, although the user has the right.
            Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => {
                self.vault.warn(Warning::new(WarningReason::Unreadable, error.to_string())).map(|()| None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the block of an environment that this user may read, after every check.
    fn verified(&self, name: &EnvironmentName) -> Result<(&Block, Verified)> {
        self.check_right(name, Right::Read)?;
        let block = self.vault.block(name)?;
        let verified = self.vault.verify_block(block, Access::Read)?;
        self.vault.note_seen(&BTreeMap::from([(name.clone(), verified.seen)]), &[])?;
        Ok((block, verified))
    }

    pub(in crate::vault) fn decrypt(&self, block: &Block, bytes: Vec<u8>) -> Result<Zeroizing<Vec<u8>>> {
        let name = &block.statement.name;
        let place = self.vault.place_of(self.user(), name)?;
        let opened = self.keys.open(bytes, place, &self.vault.id());
        let opened = opened.map_err(|error| match error.kind() {
            Kind::Integrity => blamed(&block.statement, &Error::integrity(format!("environment {name}: {error}"))),
            _ => error,
        })?;
        opened.ok_or_else(|| {
            let BlockStatement { version, author, .. } = &block.statement;
            Error::denied(format!(
                "environment {name} was not encrypted for {}; {author} saved it, as version {version}",
                self.user()
            ))
            .hint(self.advice_to_read(name))
        })
    }

    /// Returns what to do about an environment that was not encrypted for its reader.
    fn advice_to_read(&self, name: &EnvironmentName) -> Hint {
        let (state, reader) = (self.vault.roster.state(), self.user());
        let writes = |user: &UserName| state.environments.get(name).is_some_and(|environment| environment.writes(user));
        if writes(reader) && state.admins().any(|admin| admin == reader) {
            let restore = Remedy::GrantRestoring { user: reader.to_string(), environment: name.to_string() };
            let empty = Remedy::GiveUp(name.to_string());
            let restored = ("restore its content from an earlier commit: ", restore);
            return Hint::from(restored).then("; or continue without its items: ").then(empty);
        }
        let others: Vec<&str> =
            state.users.keys().filter(|user| *user != reader && writes(user)).map(UserName::as_str).collect();
        format!("{} must save {name} once, with any change", others.join(" or ")).into()
    }
}

/// Parses the decrypted content of a block.
pub(in crate::vault) fn unsealed(plaintext: &[u8], statement: &BlockStatement, vault: &Hash) -> Result<Content> {
    let place = Place { vault, environment: &statement.name, version: statement.version };
    let content = Content::from_json(plaintext, &place, statement.written());
    let content = content.map_err(|error| blamed(statement, &error))?;
    Ok(content.as_of(&statement.name, statement.written()))
}

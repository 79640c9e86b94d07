//! Reads what an environment held in an earlier file of the vault.

use super::proven::missing_block;
use super::{Purpose, Session, Unread, block};
use crate::error::{Error, Reason, Result};
use crate::file::File;
use crate::item::{Content, Place};
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::roster::UnprovenRoster;

impl Session {
    /// Decrypts an environment from the bytes of an earlier file. If somebody lost the right to read it since, its
    /// values are marked for replacement. A refusal is logged as the action for which it is decrypted.
    ///
    /// # Errors
    /// An integrity error if the bytes are not an earlier state of this vault, or the environment can't be read there
    /// either; a not-found error if the environment did not exist then.
    pub(super) fn earlier(&self, action: Action, name: &EnvironmentName, bytes: Vec<u8>) -> Result<Unread> {
        let held = self.content_then(name, bytes);
        let held = held.map_err(|error| self.log_refused_use(&Purpose::for_action(action), name, error))?;
        Ok(Unread::new(self, name.clone(), held))
    }

    fn content_then(&self, name: &EnvironmentName, bytes: Vec<u8>) -> Result<Content> {
        let mut file = File::parse(bytes)?;
        let unproven = UnprovenRoster::fold(std::mem::take(&mut file.roster))?;
        let current = &self.vault.roster;
        let roster = unproven.beginning_of(current).ok_or_else(|| {
            Error::integrity("this is not an earlier state of the vault")
                .hint(("name an earlier commit on this branch: ", self.vault.git_log()))
        })?;
        let added = current.state().environment(name)?.added;
        if roster.state().environments.get(name).is_none_or(|environment| environment.added != added) {
            return Err(Error::new(Reason::NoEnvironment, format!("environment {name} did not exist then")));
        }
        let block = file.block(name).ok_or_else(|| missing_block(name))?;
        let (dearmored, _) = block::verify(&roster, block)?;
        let plaintext = self.keys.open(dearmored.bytes, 0, &roster.id())?.ok_or_else(|| {
            Error::new(Reason::NoRight, format!("environment {name} was not encrypted for {} then", self.user()))
                .hint("name a commit at which you could read it")
        })?;
        let place = Place { vault: &roster.id(), environment: name, version: block.statement.version };
        let mut content = Content::from_json(&plaintext, &place, block.statement.written())?;
        if let Some(lost) = self.vault.lost_at(block)? {
            content.mark_all_due(lost);
        }
        Ok(content)
    }
}

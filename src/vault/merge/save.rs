//! Finishes a merge: writes the log entries, encrypts, signs, and replaces the file in one step.

use super::{Decisions, Merge, Opened, Part, Target};
use crate::error::{Error, Reason, Result};
use crate::file::{Block, BlockStatement, File, Lineage, MAX_FILE};
use crate::fs::Stamp;
use crate::identity::encrypt_to;
use crate::item::{Clash, Content, Place};
use crate::log::{Action, Entry, Outcome};
use crate::merge::items::Merging;
use crate::merge::{Applied, Side};
use crate::name::{EnvironmentName, ItemName};
use crate::time::Time;
use crate::vault::access::Access;
use crate::vault::parsed::Parsed;
use crate::vault::session::replace_anchors;
use crate::vault::{Session, Vault, Warning, WarningReason, block};
use std::collections::BTreeMap;

impl Decisions<'_> {
    /// Logs, encrypts and signs the merged environments, and writes the file. When named files are merged, returns
    /// warnings about what this device has seen and the result lacks.
    ///
    /// # Errors
    /// The same as for [`Decisions::check`]; if the merged file is older than what was seen here, or can't be written;
    /// otherwise the same as for every change: see [`Edit`](crate::vault::Edit). Then nothing has changed.
    pub fn save(&self) -> Result<Vec<Warning>> {
        self.check()?;
        let opened = self.opened;
        match opened.session.filter(|_| !self.environments.is_empty()) {
            Some(session) => self.save_sealed(session),
            None => opened.write(opened.blocks(BTreeMap::new())?),
        }
    }

    /// Saves a merge for which environments have to be encrypted again.
    fn save_sealed(&self, session: &Session) -> Result<Vec<Warning>> {
        let (opened, now) = (self.opened, Time::now());
        let mut contents = BTreeMap::new();
        for merging in &self.environments {
            contents.insert(merging.environment().clone(), merging.finish(session.user(), now)?);
        }
        opened.checked_against_what_was_seen()?;
        let clashes: Vec<Warning> =
            contents.iter().flat_map(|(name, content)| opened.new_clashes(name, content)).collect();
        let entries: Vec<Entry> = self.environments.iter().map(entry).collect();
        let (device, anchor) = session.log_change(entries.clone())?;
        let now = now.max(anchor.time);
        for content in contents.values_mut() {
            replace_anchors(content, &device, &anchor, session.vault().roster());
        }
        let missing = opened.write_sealed(&contents, session, now).inspect_err(|error: &Error| {
            if !error.is_after_the_change() {
                let failed = |entry: Entry| entry.note(error.to_string()).outcome(Outcome::Failed);
                // This error says more than an error about the log would.
                let _ = session.log(entries.into_iter().map(failed).collect());
            }
        })?;
        Ok(clashes.into_iter().chain(missing).collect())
    }
}

impl Opened<'_> {
    /// Encrypts and signs the merged environments, and writes the file.
    fn write_sealed(
        &self,
        contents: &BTreeMap<EnvironmentName, Content>,
        session: &Session,
        now: Time,
    ) -> Result<Vec<Warning>> {
        let mut sealed = BTreeMap::new();
        for (name, content) in contents {
            sealed.insert(name.clone(), self.seal(name, content, session, now)?);
        }
        self.write(self.blocks(sealed)?)
    }

    /// Warns about items that would have the same variable after the merge, and did not on either side. A program gets
    /// neither until somebody gives one of them another variable.
    fn new_clashes(&self, name: &EnvironmentName, content: &Content) -> Vec<Warning> {
        let sides = self.sides_of(name);
        let is_new = |clash: &Clash| sides.iter().all(|side| !side.clashes().contains(clash));
        let warning = |clash: Clash| {
            let error = clash.error(name);
            let hint = error.advice().cloned();
            Warning { hint, ..Warning::new(WarningReason::VariableClash, error.to_string()) }
        };
        content.clashes().into_iter().filter(is_new).map(warning).collect()
    }

    /// Compares the merged roster with what this device has seen, before the log says that the merge was done.
    fn checked_against_what_was_seen(&self) -> Result<()> {
        let like = &self.merge.ours.vault;
        // Blocks that are invalid under the merged roster are replaced later, so they are not checked here.
        let mut file = like.file.clone();
        file.blocks.retain(|block| block::verify(&self.merged.roster, block).is_ok());
        let vault = Vault::of_parts(like, file, self.merged.roster.clone());
        vault.check_roster_freshness(Access::Write)
    }

    /// Returns the sides from whose blocks the merged block descends.
    fn followed(&self, name: &EnvironmentName, content: &Content) -> Result<Vec<Side>> {
        Ok(match self.parts.get(name) {
            Some(Part::Renewed(side)) => vec![*side],
            _ if self.merge.comes_alone(name)? && !self.holds_all_of(Side::Theirs, name, content) => vec![Side::Ours],
            _ => Side::BOTH.to_vec(),
        })
    }

    fn seal(&self, name: &EnvironmentName, content: &Content, session: &Session, now: Time) -> Result<Block> {
        let state = self.merged.roster.state();
        let environment = state.environment(name)?;
        let Lineage { version, previous, ancestors } = self.merge.lineage(name, &self.followed(name, content)?)?;
        let readers = environment.grants.keys().filter_map(|user| Some(&state.users.get(user)?.keys.recipient));
        let id = self.merged.roster.id();
        let plaintext = content.to_readable_json(&Place { vault: &id, environment: name, version })?;
        let data = encrypt_to(readers, &plaintext)?;
        let (author, roster) = (session.user().clone(), self.merged.roster.head());
        let name = name.clone();
        let statement = BlockStatement { name, version, previous, ancestors, roster, author, time: now };
        session.keys.sign(statement, data, &id)
    }

    /// Returns the blocks of the merged file, with those that were encrypted again in `sealed`.
    fn blocks(&self, mut sealed: BTreeMap<EnvironmentName, Block>) -> Result<Vec<Block>> {
        let mut blocks = Vec::new();
        for (name, part) in &self.parts {
            let block = match (sealed.remove(name), part) {
                (Some(block), _) => block,
                (None, Part::Taken(side)) => self.merge.side(*side).sealed(name)?.0.clone(),
                (None, Part::Renewed(_) | Part::Merged) => {
                    return Err(Error::failed(format!("environment {name} was not merged")));
                }
            };
            // An invalid block must not be written, because it would lock everybody out.
            block::verify(&self.merged.roster, &block)?;
            blocks.push(block);
        }
        Ok(blocks)
    }

    fn write(&self, blocks: Vec<Block>) -> Result<Vec<Warning>> {
        let (merge, slots) = (self.merge, self.merge.slots(&self.merged.roster));
        let text = File { roster: self.merged.roster.statements().to_vec(), slots, blocks }.to_text();
        if text.len() > MAX_FILE {
            let what = format!("the merged vault would be larger than {} MiB", MAX_FILE >> 20);
            return Err(
                Error::new(Reason::TooLarge, what).hint("remove items on one of the branches, then merge again")
            );
        }
        let read = |stamp| {
            Parsed::read(text.clone().into_bytes(), stamp, &merge.settings)?.fold(&merge.location, &merge.settings)
        };
        let merged = read(Stamp::none())?.prove_from(Some(self.merged.roster.head()))?;
        let older = merge.check_seen(&merged)?;
        let (vault, sides) = (&merge.location.real, [&merge.ours.vault, &merge.theirs.vault]);
        if let Target::Vault(_) = merge.target {
            merge.target.write(vault, text.as_bytes())?;
            let seen = merged.seen_blocks().map_err(Error::after_the_change)?;
            merged.note_seen(&seen, &sides).map_err(Error::after_the_change)?;
        } else {
            merged.note_made(&sides)?;
            merge.target.write(vault, text.as_bytes())?;
        }
        let warnings = older.into_iter().chain(merged.take_warnings());
        Ok(match merge.applied {
            // The commands in these hints are meant for the vault, not for a named file.
            Applied::File => warnings.map(|warning| Warning { hint: None, ..warning }).collect(),
            Applied::Lost => warnings.collect(),
            _ => Vec::new(),
        })
    }
}

impl Merge {
    /// Compares the merged file with what was seen here. Returns a warning if the difference does not prevent the merge.
    fn check_seen(&self, merged: &Vault) -> Result<Option<Warning>> {
        let access = match self.applied {
            _ if self.is_separate() => Access::Read,
            Applied::Lost => {
                // The user may be getting back only a part of what was lost. A lost revocation has to be restored first.
                merged.check_roster_freshness(Access::Write)?;
                Access::Read
            }
            _ => Access::Write,
        };
        match merged.verify_all(access) {
            Err(error) if self.is_only_warned_of(&error) => {
                merged.verify_signatures()?;
                Ok(Some(Warning::new(WarningReason::Older, error.to_string())))
            }
            verified => verified.map(|_| None),
        }
    }

    /// Returns whether the result is a separate file. It may be older than what was seen here, because it replaces nothing.
    fn is_separate(&self) -> bool {
        matches!(self.target, Target::Separate(_))
    }

    /// Returns whether an error is only a warning.
    fn is_only_warned_of(&self, error: &Error) -> bool {
        self.is_separate() && error.reason() == Reason::Older && !self.settings.strict
    }

    /// Returns the version and the ancestors of a block that descends from the blocks of these sides.
    fn lineage(&self, name: &EnvironmentName, sides: &[Side]) -> Result<Lineage> {
        let mut before = Vec::new();
        for side in sides {
            let (block, sealed) = self.side(*side).sealed(name)?;
            before.push((&block.statement, sealed.hash));
        }
        Lineage::after(&before).ok_or_else(|| Error::failed(format!("environment {name} has no versions left")))
    }
}

fn entry(merging: &Merging<'_>) -> Entry {
    let decided = merging.conflicts().iter().flat_map(|conflict| conflict.names().into_iter().cloned());
    let lists = [merging.from_side(Side::Ours), merging.from_side(Side::Theirs), merging.from_both()];
    let changed = lists.into_iter().flatten().cloned();
    let names: Vec<ItemName> = decided.chain(changed).collect();
    Entry::new(Action::Merge).environment(merging.environment()).items(names.iter())
}

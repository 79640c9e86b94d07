//! Opens a file on a branch that does not have a user's new keys yet: a key or passphrase that opens the newer file
//! opens this one, too.

use super::git_names::plain;
use crate::agent::Status;
use crate::error::{Reason, Result};
use crate::file::{File, MAX_FILE, Slot, SlotKind};
use crate::git::{AtRevision, Commits};
use crate::identity::{Identity, Key, PublicKeys};
use crate::marks::{Marks, Sighting};
use crate::name::UserName;
use crate::secret::SecretString;
use crate::vault::Vault;
use crate::vault::git_answers::{Missing, Tree};
use crate::vault::slot::{not_yours, open_with};
use std::path::Path;

/// An identity and the user of its slot, if a slot was opened.
type Found = Option<(Identity, UserName)>;

impl Vault {
    /// Opens a slot of the newer file that an ordinary branch has, and returns the user's keys as this file knows them,
    /// however often they were renewed since. Returns `None` if the newer file was lost here.
    ///
    /// Nothing in the newer file is trusted except that the slot opens: the keys in the slot must be the user's keys in
    /// the highest roster seen here.
    pub(in crate::vault) fn renewed_identity(
        &self,
        opens: &dyn Fn(&File) -> Result<Found>,
    ) -> Result<Option<Identity>> {
        let Some(newer) = self.newer_file()? else { return Ok(None) };
        let (Some(marks), Some((identity, user))) = (&self.marks, opens(&newer)?) else { return Ok(None) };
        let current = self.highest_roster(marks)?.state().users.get(&user);
        let is_theirs = identity.vault == self.id() && identity.user == user;
        let public = identity.keys.public()?;
        if !is_theirs || current.is_none_or(|current| current.keys != public) {
            return Ok(None);
        }
        let before = self.roster.state().users.get(&user).and_then(|here| identity.keys.as_before(&here.keys));
        Ok(before.map(|keys| Identity { keys, roster: self.roster.head(), ..identity }))
    }

    /// Returns the user whose newest keys the agent holds, and that user's keys in this file, if this file is on an
    /// ordinary branch that does not have the newest keys yet. The agent also opens what was encrypted to the earlier
    /// keys.
    pub(in crate::vault) fn held_since(&self, agent: &Status) -> Result<Option<(UserName, PublicKeys)>> {
        let Some((marks, _, _)) = self.newer_roster()? else { return Ok(None) };
        let (highest, user) = (self.highest_roster(marks)?, UserName::new(agent.user.clone())?);
        let [here, newest] = [&self.roster, highest].map(|roster| roster.state().users.get(&user));
        let (Some(here), Some(newest)) = (here, newest) else { return Ok(None) };
        let is_newest = newest.keys.recipient.as_str() == agent.recipient
            && newest.keys.verifying_key.to_string() == agent.verifying_key
            && highest.contains(agent.roster);
        Ok((is_newest && newest.id == here.id).then(|| (user, here.keys.clone())))
    }

    /// Returns the branch, remote branch or tag that has a file which this key opens and that is not in HEAD's history.
    /// Use it in messages only: nothing in that file is verified.
    pub(in crate::vault) fn opened_elsewhere(&self, key: &Key) -> Option<String> {
        let tree = self.tree().ok()??;
        let (git, head, hint) = (tree.git(), tree.head.commit.as_deref()?, key.hint());
        let mut has_slot = |content: &[u8]| {
            let is_it = |slot: &Slot| matches!(&slot.kind, SlotKind::Key { hint: known } if *known == hint);
            let is_there = memchr::memmem::find(content, hint.as_bytes()).is_some();
            is_there && File::parse(content.to_vec()).is_ok_and(|file| file.slots.iter().any(is_it))
        };
        let (commit, _) = git.newest_version(Commits::BesidesOf(head), &tree.path, &mut has_slot).ok()??;
        Some(plain(&git.holder(&commit, None).ok()??).to_owned())
    }

    /// Opens the slot of a user in a newer file with a passphrase.
    ///
    /// # Errors
    /// An integrity error if the slot holds no identity.
    pub(in crate::vault) fn open_newer(
        &self,
        file: &File,
        passphrase: &SecretString,
        named: Option<&UserName>,
    ) -> Result<Found> {
        let Some(slot) = self.slot_in_newer(file, named) else { return Ok(None) };
        let Some(plaintext) = open_with(passphrase, slot)? else { return Ok(None) };
        let text = std::str::from_utf8(&plaintext).map_err(|_| not_yours(&slot.user))?;
        Ok(Some((Identity::from_text(text)?, slot.user.clone())))
    }

    /// Returns a passphrase slot in a newer file: that of the named user, else the only one, else that of the last user
    /// here.
    fn slot_in_newer<'a>(&self, file: &'a File, named: Option<&UserName>) -> Option<&'a Slot> {
        let users = &self.roster.state().users;
        let is_wanted = |slot: &&Slot| slot.kind == SlotKind::Passphrase && users.contains_key(&slot.user);
        let slots: Vec<&Slot> = file.slots.iter().filter(is_wanted).collect();
        let last = self.last_user();
        match slots[..] {
            [only] if named.is_none() => Some(only),
            _ => slots.iter().copied().find(|slot| Some(&slot.user) == named.or(last.as_ref())),
        }
    }

    /// Returns the same as [`Claims::passphrase_user`](crate::vault::Claims::passphrase_user), but also finds a user whose first passphrase is not on this
    /// branch yet.
    ///
    /// # Errors
    /// The same as for [`Claims::passphrase_user`](crate::vault::Claims::passphrase_user).
    pub fn asked_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        let found = self.passphrase_user(named);
        let Err(error) = &found else { return found };
        if error.reason() != Reason::NoPassphrase {
            return found;
        }
        let newer = self.newer_file().ok().flatten();
        let slot = newer.as_ref().and_then(|file| self.slot_in_newer(file, named));
        let user = slot.and_then(|slot| self.roster.state().users.get_key_value(&slot.user));
        user.map_or(found, |(user, _)| Ok(user))
    }

    /// Returns the marks, the work tree and the sighting of the highest roster seen, if another branch still has that
    /// roster.
    fn newer_roster(&self) -> Result<Option<(&Marks, &Tree, &Sighting)>> {
        let Some(marks) = self.marks.as_ref().filter(|marks| !self.roster.contains(marks.roster)) else {
            return Ok(None);
        };
        let Some(tree) = self.tree()? else { return Ok(None) };
        let hash = marks.roster.hash;
        let is_held = |missing: &Missing| missing.hash == hash && missing.judged.is_held();
        if !self.missing_rosters(tree, marks)?.iter().any(|roster| is_held(&roster.missing)) {
            return Ok(None);
        }
        Ok(tree
            .branches
            .sightings_of(None, 0)
            .find(|sighting| sighting.hash == hash)
            .map(|sighting| (marks, tree, sighting)))
    }

    /// Returns the newest file with the highest roster seen.
    fn newer_file(&self) -> Result<Option<File>> {
        let Some((_, tree, sighting)) = self.newer_roster()? else { return Ok(None) };
        let Some(head) = tree.head.commit.as_deref() else { return Ok(None) };
        let (git, path) = (tree.git(), Path::new(&sighting.path));
        let commit = git.newest_with(Commits::BesidesOf(head), path, &sighting.signature.to_string())?;
        let Some(commit) = commit else { return Ok(None) };
        match git.revision(&commit)?.read(path, MAX_FILE)? {
            AtRevision::File(bytes) => File::parse(bytes).map(Some),
            AtRevision::Absent | AtRevision::BehindLink(_) => Ok(None),
        }
    }
}

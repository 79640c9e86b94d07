//! A branch that does not know a user's new keys yet: what opens the file that has them opens this one, too.

use super::Tree;
use super::loss::plain;
use crate::agent::Status;
use crate::error::{Reason, Result};
use crate::file::{File, MAX_FILE, Slot, SlotKind};
use crate::git::{AtRevision, Commits};
use crate::identity::{Identity, Key, PublicKeys};
use crate::marks::{Marks, Sighting};
use crate::name::UserName;
use crate::secret::SecretString;
use crate::vault::Vault;
use crate::vault::unlock::{not_yours, open_with};
use std::path::Path;

/// An identity, and whose slot it was in, if one was opened.
type Found = Option<(Identity, UserName)>;

impl Vault {
    /// The user's keys as this file knows them, out of a slot of the newer file that an ordinary branch has, however often
    /// they were renewed since. Where that file was lost from here there is nothing to open.
    ///
    /// Nothing of the newer file counts but that the slot opens: the keys in it must be those of the highest roster seen here.
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

    /// Whose newest keys an agent holds, on an ordinary branch that does not know of them yet, with the keys that they have
    /// here. What it opens with the earlier ones is the user's own.
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

    /// What has a file that this key opens, of all that branches, remote branches and tags have and the one at hand has not:
    /// only to say so. Nothing of that file is verified.
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

    /// The passphrase slot in a newer file of the user named, else of the only one, else of who was here last.
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

    /// As [`Vault::passphrase_user`], but on a branch that does not know of a user's first passphrase yet it asks for that.
    ///
    /// # Errors
    /// As [`Vault::passphrase_user`].
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

    /// The marks with the highest roster that was seen, if a branch has it that is just not the one at hand, and where it was
    /// seen.
    fn newer_roster(&self) -> Result<Option<(&Marks, &Tree, &Sighting)>> {
        let Some(marks) = self.marks.as_ref().filter(|marks| !self.roster.contains(marks.roster)) else {
            return Ok(None);
        };
        let Some(tree) = self.tree()? else { return Ok(None) };
        let hash = marks.roster.hash;
        let is_held = |missing: &super::Missing| missing.hash == hash && missing.judged.is_held();
        if !self.missing_rosters(tree, marks)?.iter().any(|roster| is_held(&roster.missing)) {
            return Ok(None);
        }
        Ok(tree.branches.of(None, 0).find(|sighting| sighting.hash == hash).map(|sighting| (marks, tree, sighting)))
    }

    /// The newest file with that roster.
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

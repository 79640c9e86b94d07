//! Finishes a change: writes the log entries, encrypts, signs, and replaces the file in one step.

use super::restart::no_version_left;
use super::{Edit, Saved};
use crate::error::{Error, Remedy, Result};
use crate::file::{Block, BlockStatement, File, Lineage, MAX_FILE};
use crate::fs::{self, Lock};
use crate::identity::encrypt_to;
use crate::item::Place;
use crate::log::{Action, Entry, Outcome};
use crate::name::EnvironmentName;
use crate::progress::{Progress, Steps};
use crate::signature::Hash;
use crate::vault::Vault;
use crate::vault::block;
use crate::vault::proven::missing_block;
use crate::vault::seal::{replace, sign};
use crate::vault::session::replace_anchors;
use crate::vault::verified::Standing;

impl Edit<'_> {
    /// Logs, encrypts and signs the change, and replaces the file.
    pub(in crate::vault) fn save(mut self, lock: &Lock) -> Result<Saved> {
        let entries = std::mem::take(&mut self.entries);
        let action = entries.first().map(|entry| entry.action);
        let vault = &self.session.vault;
        let changed = !self.touched.is_empty()
            || self.roster.head() != vault.roster.head()
            || !self.slots.iter().eq(vault.slots());
        if !changed {
            self.session.log(entries)?;
            return Ok(Saved::default());
        }
        let attempt = entries.clone();
        let session = self.session;
        let log = |error: &Error| session.log(attempt.iter().map(|entry| failure(entry, error)).collect());
        // These come before the log says that the change was made, and whether they fail can depend on a value. So without
        // an entry, nobody gets their error.
        let refused = |error: Error| log(&error).err().unwrap_or(error);
        self.restart().map_err(refused)?;
        self.check_variables().map_err(refused)?;
        self.check_size().map_err(refused)?;
        self.log_and_anchor(entries)?;
        let saved = self.replace_file(action, lock).inspect_err(|error| {
            if !error.is_after_the_change() {
                // The log has an entry. This error says more than one about the log would.
                let _ = log(error);
            }
        })?;
        Ok(Saved { entries: attempt.clone(), ..saved })
    }

    fn replace_file(mut self, action: Option<Action>, lock: &Lock) -> Result<Saved> {
        let blocks = self.blocks(self.session.progress())?;
        let saves = self.saves(&blocks)?;
        let text = self.text(blocks);
        if text.len() > MAX_FILE {
            return Err(self.too_large());
        }
        if let Some(action) = action {
            self.remember(action, &saves);
        }
        let vault = &self.session.vault;
        let replaced = replace(lock, &vault.location.real, text.as_bytes(), Some(vault.stamp));
        replaced.inspect_err(|error| self.forget(error))?;
        let saved = read_back(vault, text.as_bytes()).map_err(Error::after_the_change)?;
        Ok(Saved { vault: Some(saved), new_keys: self.new_keys, replaced: self.replaced, entries: Vec::new() })
    }

    /// Checks that the file will be small enough. If the sizes of names and values can't tell, the file is built once
    /// to find out, with room for the anchors of log entries that are not written yet. Fallbacks are used if necessary.
    pub(in crate::vault) fn check_size(&mut self) -> Result<()> {
        // In armor, three bytes take four, plus a line feed every 64 characters.
        let touched = |name: &EnvironmentName| self.contents.get(name).map_or(0, |content| content.bound() / 2 * 3);
        let kept = self.session.vault.file.blocks.iter().map(|block| block.data.len());
        let roster = 1024 * self.roster.statements().len();
        let most = roster + kept.sum::<usize>() + self.touched.iter().map(touched).sum::<usize>();
        if most <= MAX_FILE {
            return Ok(());
        }
        if !self.is_too_large()? || (self.use_remaining_fallbacks()? && !self.is_too_large()?) {
            return Ok(());
        }
        Err(self.too_large())
    }

    fn is_too_large(&self) -> Result<bool> {
        const ROOM_FOR_AN_ANCHOR: usize = 1024;
        // A listener would learn from this, before the log has the entry, whether a value made a new version.
        Ok(self.text(self.blocks(None)?).len() + ROOM_FOR_AN_ANCHOR * self.touched.len() > MAX_FILE)
    }

    fn text(&self, blocks: Vec<(Block, Hash)>) -> String {
        let blocks = blocks.into_iter().map(|(block, _)| block).collect();
        File { roster: self.roster.statements().to_vec(), slots: self.slots.clone(), blocks }.to_text()
    }

    /// Writes the entries to the log before the file changes, and puts their anchor into the file.
    fn log_and_anchor(&mut self, entries: Vec<Entry>) -> Result<()> {
        if entries.is_empty() {
            return Err(Error::failed("a change without a log entry"));
        }
        let (device, anchor) = self.session.log_change(entries)?;
        let touched: Vec<_> = self.touched.iter().cloned().collect();
        for name in touched {
            let roster = &self.session.vault.roster;
            let content = self.load(&name)?;
            replace_anchors(content, &device, &anchor, roster);
        }
        // The anchor must not be later than the block that carries it.
        self.now = self.now.max(anchor.time);
        Ok(())
    }

    /// Returns every block, with the hash of its statement.
    fn blocks(&self, listener: Option<&dyn Progress>) -> Result<Vec<(Block, Hash)>> {
        let steps = Steps::begin(listener, self.touched.len());
        let mut blocks = Vec::new();
        for name in self.roster.state().environments.keys() {
            if self.touched.contains(name) {
                blocks.push(self.seal(name)?);
                steps.step();
            } else {
                blocks.push(self.session.vault.block(name)?.clone());
            }
        }
        // An invalid block must not be written, because it would lock everybody out.
        let checked = |block: Block| {
            let (dearmored, standing) = block::verify(&self.roster, &block)?;
            debug_assert!(standing == Standing::Valid || !self.touched.contains(&block.statement.name));
            Ok((block, dearmored.hash))
        };
        blocks.into_iter().map(checked).collect()
    }

    fn seal(&self, name: &EnvironmentName) -> Result<Block> {
        let content = self.contents.get(name).ok_or_else(|| missing_block(name))?;
        let state = self.roster.state();
        let environment = state.environment(name)?;
        let Lineage { version, previous, ancestors } = self.next(name, environment.added)?;
        let readers = environment.grants.keys().filter_map(|user| Some(&state.users.get(user)?.keys.recipient));
        let plaintext = content.to_readable_json(&Place { vault: &self.roster.id(), environment: name, version })?;
        let data = encrypt_to(readers, &plaintext)?;
        let statement = BlockStatement {
            name: name.clone(),
            version,
            previous,
            ancestors,
            roster: self.roster.head(),
            author: self.user().clone(),
            time: self.now,
        };
        match &self.new_keys {
            Some(keys) => sign(statement, data, &self.roster.id(), keys),
            None => self.session.keys.sign(statement, data, &self.roster.id()),
        }
    }

    /// Returns the version and the ancestors of an environment's next block. `added` is the roster version that added
    /// the environment.
    fn next(&self, name: &EnvironmentName, added: u32) -> Result<Lineage> {
        // If the environment was removed and added again, the new block does not descend from the old one.
        let Some(before) = self.verified.get(name).filter(|verified| verified.seen.added == added) else {
            return Ok(Lineage::first());
        };
        let statement = &self.session.vault.block(name)?.statement;
        // A version that was reverted on purpose is not lost: the new block descends from it, so that devices which
        // have seen it accept the new block.
        let reverted = self.session.vault.reverted(name);
        let sides = reverted.iter().map(|(statement, hash)| (statement, *hash));
        let before: Vec<_> = std::iter::once((statement, before.seen.hash)).chain(sides).collect();
        let next = Lineage::after(&before);
        next.ok_or_else(|| no_version_left(name))
    }
}

/// Returns the log entry for a change that failed.
fn failure(entry: &Entry, error: &Error) -> Entry {
    let note = entry.note.as_ref().map_or(error.to_string(), |note| format!("{note}; {error}"));
    entry.clone().note(note).outcome(Outcome::Failed)
}

/// Reads the file back after its rename. Only then are the marks raised.
fn read_back(before: &Vault, written: &[u8]) -> Result<Vault> {
    let (bytes, stamp) = fs::read(&before.location.real, MAX_FILE)?;
    if bytes != written {
        return Err(Error::integrity("the file does not hold what was just written").hint((
            "another program may be writing to it, or the disk may be failing; to check it: ",
            Remedy::Verify,
        )));
    }
    let vault = before.renewed(bytes, stamp)?;
    let seen = vault.seen_blocks()?;
    vault.note_seen(&seen, &[before])?;
    vault.with_marks()
}

#[cfg(test)]
mod tests {
    use crate::dangerous::AllowedOnce;
    use crate::error::Error;
    use crate::identity::Key;
    use crate::item::{Content, Metadata};
    use crate::log::{Action, Caller, Entry};
    use crate::name::{EnvironmentName, ItemName, UserName};
    use crate::progress::Progress;
    use crate::secret::SecretBytes;
    use crate::vault::{Creation, KeySession, Keyring, Settings, create};
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    /// The reports, one word each.
    #[derive(Default)]
    struct Listener(Mutex<Vec<String>>);

    impl Listener {
        fn take(&self) -> String {
            std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
        }
    }

    impl Progress for Listener {
        fn begin(&self, steps: usize) {
            self.0.lock().unwrap().push(format!("begin {steps}"));
        }

        fn step(&self) {
            self.0.lock().unwrap().push("step".to_owned());
        }

        fn end(&self) {
            self.0.lock().unwrap().push("end".to_owned());
        }
    }

    fn session(directory: &Path, listener: &Arc<Listener>) -> KeySession {
        let settings = Settings::at(directory.join("state"));
        let environments = ["dev", "prod", "qa"].map(|name| (EnvironmentName::new(name).unwrap(), Content::default()));
        let key = Key::generate().unwrap();
        let creation = Creation {
            user: UserName::new("mia").unwrap(),
            email: None,
            environments: environments.into(),
            slots: Keyring { passphrase: None, key: &key },
            allowed: AllowedOnce::default(),
            caller: Caller::default(),
        };
        let mut session = create(&directory.join("secrets.vault"), creation, &settings, |_, _| Ok(())).unwrap();
        session.set_progress(Arc::<Listener>::clone(listener));
        session
    }

    #[test]
    fn progress_is_reported_for_each_environment_unless_there_is_only_one() {
        let (directory, listener) = (tempfile::tempdir().unwrap(), Arc::new(Listener::default()));
        let mut session = session(directory.path(), &listener);
        let key = Key::generate().unwrap();
        let attempt = Entry::new(Action::Passwd);
        let replace = |session: &mut KeySession| {
            session.edit_with_keys(std::slice::from_ref(&attempt), |edit| {
                edit.log(attempt.clone());
                edit.replace_keys(&Keyring { passphrase: None, key: &key })
            })
        };
        replace(&mut session).unwrap();
        assert_eq!(listener.take(), "begin 3 step step step end");
        // The reopened session reports, too.
        let mut session = session.reopen().unwrap();
        replace(&mut session).unwrap();
        assert_eq!(listener.take(), "begin 3 step step step end");
        let (dev, name) = (EnvironmentName::new("dev").unwrap(), ItemName::new("TOKEN").unwrap());
        let attempt = Entry::new(Action::Set).environment(&dev);
        let mut set = |result: crate::Result<()>| {
            session.edit(std::slice::from_ref(&attempt), |edit| {
                let (now, user) = (edit.now(), edit.user());
                let value = SecretBytes::new(b"hunter2".to_vec());
                edit.content_mut(&dev)?.set(&name, value, &Metadata::default(), user, now)?;
                edit.log(attempt.clone());
                result
            })
        };
        set(Ok(())).unwrap();
        assert_eq!(listener.take(), "");
        set(Err(Error::failed("no"))).unwrap_err();
        assert_eq!(listener.take(), "");
    }
}

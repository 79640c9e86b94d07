//! Finds and undoes the last change of a user on this device.

use super::sealed_record::SealedRecord;
use super::{Edit, Session};
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::Origin;
use crate::log::{Action, Entry};
use crate::time::Time;
use crate::undo::{MAX_BODY, Part, Record};

/// Base64 encodes 3 bytes as 4, and there are a header and line feeds.
const MAX_SEALED: usize = MAX_BODY / 2 * 3;

/// The last change of a user on this device, with the values before it, which nobody has read. Only the session that
/// decrypted it can undo it, so the values come back in the vault that they are from, and nowhere else.
pub struct LastChange {
    origin: Origin,
    record: Record,
}

impl LastChange {
    /// Returns what was done, as a noun phrase: `import of 4 items into dev`. It has names, but no values.
    #[must_use]
    pub fn summary(&self) -> String {
        self.record.summary()
    }

    /// Returns whether the change undid another one, so that undoing it redoes that one.
    #[must_use]
    pub fn is_undo(&self) -> bool {
        self.record.is_undo
    }

    /// Returns the time of the change.
    #[must_use]
    pub fn time(&self) -> Time {
        self.record.time
    }

    /// Returns whether undoing the change is a change of the roster.
    pub(super) fn changes_roster(&self) -> bool {
        self.record.changes_roster()
    }
}

impl Session {
    /// Returns the last change of this user on this device.
    ///
    /// # Errors
    /// If there was none in the last 24 hours, or its record was not made with the user's keys.
    pub fn last_change(&self) -> Result<LastChange> {
        let user = self.user();
        let none = || {
            let what = format!("{user} has changed nothing on this device in the last 24 hours");
            let hint = ("for an earlier value of an item: ", Remedy::History, ", then ", Remedy::Rollback);
            Error::new(Reason::NothingToUndo, what).hint(hint)
        };
        let Some(bytes) = self.read_record(SealedRecord::Undo, MAX_SEALED)? else { return Err(none()) };
        let record = Record::from_bytes(&bytes, &self.vault.id());
        let record = record.map_err(|_| Error::failed("the record of your last change can't be read"))?;
        if record.is_expired(Time::now()) {
            self.remove_record(SealedRecord::Undo);
            return Err(none());
        }
        Ok(LastChange { origin: self.origin, record })
    }

    /// Undoes a change, by making a new change.
    ///
    /// # Errors
    /// An unlock error if this needs the keys ([`Session::need_to_undo`]) and an agent holds them; otherwise why it can't
    /// be undone, with the names of items that somebody changed since; an error if another session has decrypted it.
    pub fn undo(&mut self, last: &LastChange) -> Result<()> {
        let record = self.checked(last)?;
        let attempt = entries(record);
        self.change(&attempt, |edit: &mut Edit<'_>| {
            edit.take_back(record)?;
            attempt.iter().for_each(|entry| edit.log(entry.clone()));
            Ok(())
        })
    }

    /// Checks whether a change can be undone, without changing anything.
    ///
    /// # Errors
    /// The same as for [`Session::undo`].
    pub fn rehearse_undo(&self, last: &LastChange) -> Result<()> {
        let record = self.checked(last)?;
        self.try_out(&entries(record), |edit| edit.take_back(record))
    }

    /// Returns the record of a change that this session may undo.
    fn checked<'l>(&self, last: &'l LastChange) -> Result<&'l Record> {
        self.check_meets(self.need_to_undo(last))?;
        self.check_origin(last.origin)?;
        Ok(&last.record)
    }
}

/// Returns a log entry for each environment in the record, or one without an environment if it has none.
fn entries(record: &Record) -> Vec<Entry> {
    let parts = record.done.as_deref().unwrap_or_default();
    if parts.is_empty() {
        return vec![Entry::new(Action::Undo)];
    }
    let entry = |part: &Part| Entry::new(Action::Undo).environment(&part.environment).items(part.after.keys());
    parts.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dangerous::AllowedOnce;
    use crate::identity::Key;
    use crate::item::{Content, Metadata};
    use crate::log::Caller;
    use crate::name::{EnvironmentName, ItemName, UserName};
    use crate::secret::SecretBytes;
    use crate::vault::{Creation, Credential, KeySession, Keyring, Settings, Vault, create};

    fn session(directory: &std::path::Path) -> KeySession {
        let (path, key) = (directory.join("secrets.vault"), Key::generate().unwrap());
        let settings = Settings::at(directory.join("state"));
        let creation = Creation {
            user: UserName::new("mia").unwrap(),
            email: None,
            environments: [(EnvironmentName::new("dev").unwrap(), Content::default())].into(),
            slots: Keyring { passphrase: None, key: &key },
            allowed: AllowedOnce::default(),
            caller: Caller::default(),
        };
        create(&path, creation, &settings, |_, _| Ok(())).unwrap();
        Vault::open(&path, &settings).unwrap().unlock(&Credential::Key(key), None, &Caller::default()).unwrap()
    }

    #[test]
    fn a_change_from_two_days_ago_cannot_be_undone_and_its_record_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let mut session = session(directory.path());
        let dev = EnvironmentName::new("dev").unwrap();
        let entry = Entry::new(Action::Set).environment(&dev);
        let set = |edit: &mut Edit<'_>| {
            let (user, now, value) = (edit.user(), edit.now(), SecretBytes::from("1"));
            edit.content_mut(&dev)?.set(&ItemName::new("A")?, value, &Metadata::default(), user, now)?;
            edit.log(entry.clone());
            Ok(())
        };
        session.edit(std::slice::from_ref(&entry), set).unwrap();
        let LastChange { record, .. } = session.last_change().unwrap();
        let (key, id) = (session.fingerprint_key().unwrap(), session.vault().id());
        let recipient = &session.vault().roster().state().user(session.user()).unwrap().keys.recipient;
        let put = |hours: i64| {
            let time = Time::from(record.time.utc() - chrono::TimeDelta::hours(hours));
            let old = Record { time, ..record.clone() };
            let sealed = SealedRecord::Undo.seal(&old.to_bytes(&id), &key, recipient, &id).unwrap();
            session.vault().marks_store().put(&SealedRecord::Undo.file(session.user()), sealed.as_bytes()).unwrap();
        };
        put(23);
        session.rehearse_undo(&session.last_change().unwrap()).unwrap();
        put(25);
        let path = session.vault().state_directory().join("undo-mia.age");
        assert!(path.exists());
        let error = session.last_change().err().unwrap();
        assert_eq!(error.reason(), Reason::NothingToUndo, "{error}");
        assert!(!path.exists());
    }
}

//! Writes and reads the access log.

use super::{KeySession, Session};
use crate::error::{Error, Kind, Result};
use crate::item::{Anchor, Content};
use crate::log::{self, Action, Archive, Entry, Extent, Measure, Outcome, ReadBack, Reading, Remembered, Signer};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Roster, State, User};
use crate::time::Time;
use crate::vault::Purpose;
use std::io;
use std::path::Path;

/// Puts the anchor of a device's log into an environment, and drops anchors that somebody planted.
pub(in crate::vault) fn replace_anchors(content: &mut Content, device: &str, anchor: &Anchor, roster: &Roster) {
    content.retain_anchors(|device, anchor| log::is_signed(anchor, device, roster));
    content.anchor(device, anchor.clone());
}

impl Session {
    /// Writes log entries. Nothing may be handed out before this has succeeded.
    ///
    /// # Errors
    /// If the log can't be written.
    pub(crate) fn log(&self, entries: Vec<Entry>) -> Result<()> {
        let id = self.vault.id();
        let signer = self.signer(&id)?;
        self.vault.log_writer(self.user()).append(self.asked_for(entries), &signer)
    }

    /// Logs a refusal or failure, and returns the error.
    pub(crate) fn log_refusal(&self, entry: Entry, error: Error) -> Error {
        self.log_refusals(vec![entry], error)
    }

    /// Does the same as [`Session::log_refusal`] with several entries.
    pub(in crate::vault) fn log_refusals(&self, entries: Vec<Entry>, error: Error) -> Error {
        let outcome = if error.kind() == Kind::Denied { Outcome::Denied } else { Outcome::Failed };
        let entries = entries.into_iter().map(|entry| entry.outcome(outcome)).collect();
        self.log(entries).err().unwrap_or(error)
    }

    /// Logs that a file was refused before any environment in it was decrypted: an entry for each environment that would
    /// have been, which are those that this user may read and that `wanted` accepts. Without any, nothing is logged.
    /// Returns the error.
    pub(in crate::vault) fn log_refused_file(
        &self,
        purpose: &Purpose,
        wanted: impl Fn(&EnvironmentName) -> bool,
        error: Error,
    ) -> Error {
        let note = error.to_string();
        let names = self.readable().into_iter().filter(wanted);
        let entries: Vec<_> = names.map(|name| purpose.entry(&name).note(note.as_str())).collect();
        if entries.is_empty() { error } else { self.log_refusals(entries, error) }
    }

    /// Logs that values were refused for this purpose, and returns the error.
    pub(crate) fn log_refused_use(&self, purpose: &Purpose, environment: &EnvironmentName, error: Error) -> Error {
        self.log_refusal(purpose.entry(environment).note(error.to_string()), error)
    }

    /// Reads a user's log on this device: this user's own log or, as an admin, that of another user. The log is checked
    /// against the anchors in all environments that this session can read. Problems with the log are part of the
    /// result. If one of these environments is refused, that is logged.
    ///
    /// # Errors
    /// If files can't be read; an integrity error if an environment is not valid.
    pub fn read_log_of(&self, user: &UserName, extent: Extent) -> Result<Reading> {
        self.read_log_measuring(user, extent, None)
    }

    /// Does the same as [`Session::read_log_of`], for this action.
    ///
    /// # Errors
    /// The same as for [`Session::read_log_of`].
    pub(crate) fn read_log_for(&self, action: Action, user: &UserName, extent: Extent) -> Result<Reading> {
        self.read_log(action, user, extent, None)
    }

    /// Does the same as [`Session::read_log_of`], and measures the entries as they are verified.
    ///
    /// # Errors
    /// The same as for [`Session::read_log_of`].
    pub fn read_log_measuring(
        &self,
        user: &UserName,
        extent: Extent,
        measure: Option<&mut dyn Measure>,
    ) -> Result<Reading> {
        self.read_log(Action::Log, user, extent, measure)
    }

    fn read_log(
        &self,
        action: Action,
        user: &UserName,
        extent: Extent,
        measure: Option<&mut dyn Measure>,
    ) -> Result<Reading> {
        let id = self.vault.id();
        let open = |bytes: &[u8]| self.keys.open(bytes.to_vec(), 0, &id);
        let roster = self.vault.newest_roster()?;
        log::read(&self.vault.state_directory(), user, roster, &open, &self.anchors(action)?, extent, measure)
    }

    /// Reads an exported log or an archive for its user or an admin, and verifies it like the log itself. Problems in the
    /// log are part of the result. If an environment that it is checked against is refused, that is logged.
    ///
    /// # Errors
    /// A denied error if it is not encrypted to this user; an integrity error if its user didn't sign it, or if an
    /// environment is not valid.
    pub fn open_exported_log(&self, armored: &str, extent: Extent) -> Result<log::Exported> {
        let id = self.vault.id();
        let open = |bytes: &[u8]| self.keys.open(bytes.to_vec(), 0, &id);
        log::open_export(armored, &self.vault.roster, &open, &self.anchors(Action::Log)?, extent)
    }

    /// Does the same as [`Session::log`], for a change of the vault: see [`log::Writer::append_anchored`].
    pub(in crate::vault) fn log_change(&self, entries: Vec<Entry>) -> Result<(String, Anchor)> {
        let id = self.vault.id();
        let signer = self.signer(&id)?;
        self.vault.log_writer(self.user()).append_anchored(self.asked_for(entries), &signer)
    }

    /// Adds to entries who asked for what they say, and why.
    fn asked_for(&self, entries: Vec<Entry>) -> Vec<Entry> {
        entries.into_iter().map(|entry| self.caller.asked_for(entry)).collect()
    }

    pub(super) fn signer<'a>(&'a self, id: &'a crate::signature::Hash) -> Result<Signer<'a>> {
        let state: &State = self.vault.roster.state();
        let user = state.user(self.user())?;
        let admins = state.admins().filter(|admin| *admin != self.user()).filter_map(|admin| state.users.get(admin));
        let readers = std::iter::once(user).chain(admins).map(|user: &User| &user.keys.recipient).collect();
        Ok(Signer { vault: id, user: self.user(), keys: &self.keys, readers, roster: &self.vault.roster })
    }

    /// Returns the anchors in all environments that this user can read, for this action. A refusal is logged.
    pub(super) fn anchors(&self, action: Action) -> Result<Vec<Remembered>> {
        let (purpose, mut anchors) = (Purpose::for_action(action), Vec::new());
        for environment in self.readable() {
            let opened = self.content_as_written(&environment);
            let opened = opened.map_err(|error| self.log_refused_use(&purpose, &environment, error))?;
            let Some((content, _)) = opened else { continue };
            for (device, anchor) in content.anchors() {
                let (device, anchor, environment) = (device.clone(), anchor.clone(), environment.clone());
                anchors.push(Remembered { device, anchor, environment });
            }
        }
        Ok(anchors)
    }
}

impl KeySession {
    /// Appends an entry which says that the log was exported, then encrypts this user's log on this device for the user
    /// and the admins into `sealed`, which is returned.
    ///
    /// # Errors
    /// If `sealed` can't be written to; an error of this library ([`Error::io`]) if the log can't be written or read.
    pub fn export_log<W: io::Write>(&self, sealed: W) -> io::Result<W> {
        let keys = &self.identity().map_err(io::Error::other)?.keys;
        let entry = self.caller.entry(Action::LogExport);
        let id = self.vault.id();
        let signer = self.signer(&id).map_err(io::Error::other)?;
        self.vault.log_writer(self.user()).export(entry, &signer, keys, sealed)
    }

    /// Checks this user's log on this device, and encrypts the oldest segments whose entries are all from before a time,
    /// up to `most` bytes. Returns `None` if there are none. The current segment is never archived.
    ///
    /// # Errors
    /// If the log can't be read, or has any problem.
    pub fn seal_archive(&self, before: Time, most: u64) -> Result<Option<Archive>> {
        let keys = &self.identity()?.keys;
        let reading = self.read_log_for(Action::LogArchive, self.user(), Extent::Checked)?;
        let id = self.vault.id();
        self.vault.log_writer(self.user()).seal_archive(&reading, (before, most), &self.signer(&id)?, keys)
    }

    /// Moves encrypted segments from the log into a new file. They are removed from the log only after the file was read
    /// back, and the entry about it was written.
    ///
    /// # Errors
    /// If the file already exists, or the file or the log can't be written.
    pub fn move_into_archive(&self, archive: &Archive, path: &Path) -> Result<()> {
        let keys = &self.identity()?.keys;
        let entry = self.caller.entry(Action::LogArchive);
        let (id, anchors) = (self.vault.id(), self.anchors(Action::LogArchive)?);
        let back = ReadBack { open: &|bytes| self.keys.open(bytes.to_vec(), 0, &id), anchors: &anchors };
        self.vault.log_writer(self.user()).move_into(path, archive, entry, &self.signer(&id)?, keys, &back)
    }
}

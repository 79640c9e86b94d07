//! Drafts: text that a user typed in an editor and has not saved yet. A draft is kept in the state directory, encrypted
//! to the user, until it is saved, dropped, or a week old.
//!
//! Anybody who can write to that directory can remove a draft or put back an earlier one, but can't forge one (see
//! [`super::sealed_record`]). An earlier draft opens in the editor before anything in it is saved, and items that were changed
//! since are reported as conflicts.

use super::sealed_record::SealedRecord;
use super::{Purpose, Session, Vault};
use crate::dangerous::AllowedOnce;
use crate::draft::{Changes, Collision, Draft, KEPT_FOR, MAX_BODY, MOST, Merged};
use crate::error::Result;
use crate::fs;
use crate::identity::{FingerprintKey, Recipient};
use crate::item::{Origin, random_id};
use crate::log::{Action, Entry, Outcome};
use crate::marks::Store;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::secret::TextPart;
use crate::signature::Hash;
use crate::time::Time;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Base64 encodes 3 bytes as 4, and there are a header and line feeds.
const MAX_SEALED: usize = MAX_BODY / 2 * 3;
const PREFIX: &str = "draft-";
const SUFFIX: &str = ".age";

/// The id of a draft. It reveals nothing about the draft's subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftId(String);

impl DraftId {
    /// Makes a new id.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn new() -> Result<Self> {
        random_id().map(Self)
    }
}

/// The file of a draft, as it appears without any key.
#[derive(Debug, Clone)]
pub struct DraftFile {
    /// The user who wrote it.
    pub user: UserName,
    /// When it was written.
    pub time: Time,
    modified: SystemTime,
    id: DraftId,
}

impl DraftFile {
    fn name(user: &UserName, id: &DraftId) -> String {
        format!("{PREFIX}{user}-{}{SUFFIX}", id.0)
    }

    fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let (user, id) = name.rsplit_once('-')?;
        let user = UserName::new(user).ok()?;
        let id = DraftId(Some(id).filter(|id| crate::item::is_id(id))?.to_owned());
        let modified = path.symlink_metadata().and_then(|file| file.modified()).ok()?;
        Some(Self { user, time: time_of(modified), modified, id })
    }

    fn is_expired(&self, now: Time) -> bool {
        (now.utc() - self.time.utc()).num_seconds() > KEPT_FOR
    }
}

fn time_of(time: SystemTime) -> Time {
    Time::from(chrono::DateTime::<chrono::Utc>::from(time))
}

/// A stored draft whose values nobody has read yet. Only the session that decrypted it reads them.
pub struct OpenDraft {
    origin: Origin,
    id: DraftId,
    draft: Draft,
}

impl OpenDraft {
    /// Returns the draft's subject: `dev`, or `dev/NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        self.draft.subject()
    }

    /// Returns when the draft was stored.
    #[must_use]
    pub fn time(&self) -> Time {
        self.draft.time
    }

    /// Returns the draft's id.
    #[must_use]
    pub fn id(&self) -> &DraftId {
        &self.id
    }
}

/// The result of saving a draft.
#[derive(Debug)]
pub enum SavedDraft {
    /// The draft was saved.
    Saved,
    /// Others have changed these items, too. Nothing was saved.
    Conflict(Vec<Collision>),
}

/// Stores drafts of a user, even after the agent that holds the keys has stopped.
pub struct Drafts {
    key: FingerprintKey,
    recipient: Recipient,
    vault: Hash,
    user: UserName,
    directory: PathBuf,
}

impl Drafts {
    /// Stores a draft, replacing an earlier one with the same id.
    ///
    /// # Errors
    /// If the draft is too large, or the state directory can't be written.
    pub fn keep(&self, id: &DraftId, draft: &mut Draft) -> Result<()> {
        draft.time = Time::now();
        let body = draft.to_bytes(&self.vault)?;
        let sealed = SealedRecord::Draft.seal(&body, &self.key, &self.recipient, &self.vault)?;
        self.make_room(id);
        Store::new(self.directory.clone()).put(&DraftFile::name(&self.user, id), sealed.as_bytes())
    }

    /// Deletes a draft.
    pub fn forget(&self, id: &DraftId) {
        let _ = std::fs::remove_file(self.directory.join(DraftFile::name(&self.user, id)));
    }

    fn make_room(&self, id: &DraftId) {
        let mut others = files_in(&self.directory);
        others.retain(|file| file.user == self.user && file.id != *id);
        let surplus = (others.len() + 1).saturating_sub(MOST);
        for file in others.iter().rev().take(surplus) {
            self.forget(&file.id);
        }
    }
}

/// Returns the drafts in a vault's state directory, newest first.
fn files_in(directory: &Path) -> Vec<DraftFile> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.filter_map(|entry| DraftFile::from_path(&entry.path())).collect();
    files.order_by(|one, other| (other.modified, &other.id.0).cmp(&(one.modified, &one.id.0)));
    files
}

impl Vault {
    /// Returns the drafts that are kept on this device, newest first.
    #[must_use]
    pub(crate) fn draft_files(&self) -> Vec<DraftFile> {
        let now = Time::now();
        let mut files = files_in(&self.state_directory());
        files.retain(|file| !file.is_expired(now));
        files
    }

    /// Deletes the drafts that are too old.
    pub(crate) fn forget_old_drafts(&self) {
        let (directory, now) = (self.state_directory(), Time::now());
        for file in files_in(&directory).iter().filter(|file| file.is_expired(now)) {
            let _ = std::fs::remove_file(directory.join(DraftFile::name(&file.user, &file.id)));
        }
    }
}

impl Session {
    /// Returns what is needed to store drafts of this user.
    ///
    /// # Errors
    /// If the agent that holds the keys has stopped.
    pub fn drafts(&self) -> Result<Drafts> {
        let key = self.keys.fingerprint_key()?;
        let recipient = self.keys.public()?.recipient;
        let (vault, user, directory) = (self.vault.id(), self.user().clone(), self.vault.state_directory());
        Ok(Drafts { key, recipient, vault, user, directory })
    }

    /// Returns this user's drafts, newest first, and the number of drafts that can't be used because the user's keys
    /// were replaced since or somebody else wrote the file.
    ///
    /// # Errors
    /// If the agent that holds the keys has stopped.
    pub fn open_drafts(&self) -> Result<(Vec<OpenDraft>, usize)> {
        self.vault.forget_old_drafts();
        let (directory, id, now) = (self.vault.state_directory(), self.vault.id(), Time::now());
        let (mut drafts, mut unusable) = (Vec::new(), 0);
        for file in files_in(&directory).into_iter().filter(|file| file.user == *self.user()) {
            let path = directory.join(DraftFile::name(&file.user, &file.id));
            let sealed = match fs::read_if_there(&path, MAX_SEALED) {
                Ok(Some(sealed)) => sealed,
                Ok(None) => continue,
                Err(_) => {
                    unusable += 1;
                    continue;
                }
            };
            let body = SealedRecord::Draft.open(&sealed, &self.keys, &id)?;
            match body.and_then(|body| Draft::from_bytes(&body, &id).ok()) {
                Some(draft) if draft.is_expired(now) => drop(std::fs::remove_file(path)),
                Some(draft) => drafts.push(OpenDraft { origin: self.origin, id: file.id, draft }),
                None => unusable += 1,
            }
        }
        Ok((drafts, unusable))
    }

    /// Returns a draft, after writing a log entry which says that its items are read for this purpose. The entry also names
    /// the items that the draft left out because of their values.
    ///
    /// # Errors
    /// A denied error without the right to write the environment; if the log can't be written; if the environment is
    /// protected and nobody confirms it; or if another session has decrypted the draft.
    pub fn resume(&self, purpose: &Purpose, open: OpenDraft) -> Result<(DraftId, Draft)> {
        let OpenDraft { origin, id, draft } = open;
        self.check_origin(origin)?;
        let right = self.check_right(&draft.environment, crate::roster::Right::Write);
        right.map_err(|error| self.log_refusal(purpose.entry(&draft.environment), error))?;
        let told = draft.base.items().keys().chain(&draft.left_out);
        let names = told.map(|name| TextPart::from(name.as_str())).collect();
        let entry = purpose.given(&draft.environment, names);
        self.confirm_use(&draft.environment, purpose.action(), || entry.clone())?;
        self.log(vec![entry])?;
        Ok((id, draft))
    }

    /// Deletes all drafts of this user, including those that can't be used. Returns how many were deleted.
    pub fn forget_drafts(&self) -> usize {
        let directory = self.vault.state_directory();
        let files = files_in(&directory).into_iter().filter(|file| file.user == *self.user());
        files.filter(|file| std::fs::remove_file(directory.join(DraftFile::name(&file.user, &file.id))).is_ok()).count()
    }

    /// Saves the changes in a draft, on top of what the vault holds now. New items may have the dangerous names in
    /// `allowed`.
    ///
    /// # Errors
    /// The same as for every change: see [`Edit`](crate::vault::Edit). If a name in the text is refused, the error names its line.
    pub fn save_draft(&mut self, draft: &Draft, changes: &Changes, allowed: &AllowedOnce) -> Result<SavedDraft> {
        let environment = &draft.environment;
        let entry = || Entry::new(Action::Edit).environment(environment);
        self.confirm(environment, || entry().items(changes.names()))?;
        let attempt = entry().items(draft.item.iter());
        let saved = self.edit(std::slice::from_ref(&attempt), |edit| {
            edit.allow(allowed);
            let (time, user) = (edit.now(), edit.user());
            match draft.merged(changes, edit.content(environment)?, user, time)? {
                Merged::Content(merged) => {
                    *edit.content_mut(environment)? = merged;
                    edit.log(entry().items(changes.names()));
                    Ok(SavedDraft::Saved)
                }
                Merged::Conflict(collisions) => {
                    // Nothing changes, so only this entry is written.
                    let failed = attempt.clone().outcome(Outcome::Failed);
                    edit.log(failed.note(draft.conflict(&collisions).to_string()));
                    Ok(SavedDraft::Conflict(collisions))
                }
            }
        });
        saved.map_err(|error| changes.located(error))
    }
}

#[cfg(test)]
mod tests;

//! What somebody typed in an editor and has not saved yet: kept in the state directory, encrypted to them, until it is saved,
//! dropped, or a week old.
//!
//! Whoever can write the directory can remove a draft, or put back one that was there before; none can be made up (see
//! [`super::note`]). One that is put back is opened in the editor before anything of it is saved, and where an item was
//! changed since, it is in conflict.

use super::note::Note;
use super::{Purpose, Session, Vault};
use crate::draft::{Changes, Collision, Draft, KEPT_FOR, MAX_BODY, MOST};
use crate::error::Result;
use crate::fs;
use crate::identity::{FingerprintKey, Recipient};
use crate::item::random_id;
use crate::log::{Action, Entry};
use crate::marks::Store;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::secret::TextPart;
use crate::signature::Hash;
use crate::time::Time;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// In base64 a byte takes 4/3, and there are a header and line ends.
const MAX_SEALED: usize = MAX_BODY / 2 * 3;
const PREFIX: &str = "draft-";
const SUFFIX: &str = ".age";

/// Which draft of a user: nothing of what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftId(String);

impl DraftId {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no randomness to give.
    pub fn new() -> Result<Self> {
        random_id().map(Self)
    }
}

/// A draft's file, as it shows without any key.
#[derive(Debug, Clone)]
pub struct DraftFile {
    /// Whose it is.
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

    fn of(path: &Path) -> Option<Self> {
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

/// A draft that was kept, and of which nothing is read.
pub struct OpenDraft {
    id: DraftId,
    draft: Draft,
}

impl OpenDraft {
    /// What it is of: `dev`, or `dev/NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        self.draft.subject()
    }

    /// When it was kept.
    #[must_use]
    pub fn time(&self) -> Time {
        self.draft.time
    }

    /// Which it is.
    #[must_use]
    pub fn id(&self) -> &DraftId {
        &self.id
    }
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedDraft {
    /// It is saved.
    Saved,
    /// Others have changed these items, too. Nothing is saved.
    Conflict(Vec<Collision>),
}

/// What it takes to keep drafts of a user, whatever becomes of the agent that holds the keys.
pub struct Drafts {
    key: FingerprintKey,
    recipient: Recipient,
    vault: Hash,
    user: UserName,
    directory: PathBuf,
}

impl Drafts {
    /// Keeps a draft; one that was kept under this id before is replaced.
    ///
    /// # Errors
    /// If it is too large, or the state directory can't be written.
    pub fn keep(&self, id: &DraftId, draft: &mut Draft) -> Result<()> {
        draft.time = Time::now();
        let body = draft.to_bytes(&self.vault)?;
        let sealed = Note::Draft.seal(&body, &self.key, &self.recipient, &self.vault)?;
        self.make_room(id);
        Store::new(self.directory.clone()).put(&DraftFile::name(&self.user, id), sealed.as_bytes())
    }

    /// Drops a draft.
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

/// The drafts in a vault's state directory, the newest first.
fn files_in(directory: &Path) -> Vec<DraftFile> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.filter_map(|entry| DraftFile::of(&entry.path())).collect();
    files.order_by(|one, other| (other.modified, &other.id.0).cmp(&(one.modified, &one.id.0)));
    files
}

impl Vault {
    /// The drafts that are kept on this device, the newest first.
    #[must_use]
    pub fn draft_files(&self) -> Vec<DraftFile> {
        let now = Time::now();
        let mut files = files_in(&self.state_directory());
        files.retain(|file| !file.is_expired(now));
        files
    }

    /// Drops the drafts that are too old.
    pub fn forget_old_drafts(&self) {
        let (directory, now) = (self.state_directory(), Time::now());
        for file in files_in(&directory).iter().filter(|file| file.is_expired(now)) {
            let _ = std::fs::remove_file(directory.join(DraftFile::name(&file.user, &file.id)));
        }
    }
}

impl Session {
    /// What it takes to keep drafts of this user.
    ///
    /// # Errors
    /// If the agent that holds the keys is gone.
    pub fn drafts(&self) -> Result<Drafts> {
        let key = self.keys.fingerprint_key()?;
        let recipient = self.keys.public()?.recipient;
        let (vault, user, directory) = (self.vault.id(), self.user().clone(), self.vault.state_directory());
        Ok(Drafts { key, recipient, vault, user, directory })
    }

    /// This user's drafts, the newest first, and how many more there are that can't be used: their keys were replaced since, or
    /// somebody else wrote the file.
    ///
    /// # Errors
    /// If the agent that holds the keys is gone.
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
            let body = Note::Draft.open(&sealed, &self.keys, &id)?;
            match body.and_then(|body| Draft::from_bytes(&body, &id).ok()) {
                Some(draft) if draft.is_expired(now) => drop(std::fs::remove_file(path)),
                Some(draft) => drafts.push(OpenDraft { id: file.id, draft }),
                None => unusable += 1,
            }
        }
        Ok((drafts, unusable))
    }

    /// Gives the draft, once the log says that the items in it are read for this purpose.
    ///
    /// # Errors
    /// A denied error without the right to write the environment; if the log can't be written; or if the environment is
    /// protected and nobody confirms it.
    pub fn resume(&self, purpose: &Purpose, open: OpenDraft) -> Result<(DraftId, Draft)> {
        let OpenDraft { id, draft } = open;
        let right = self.check_right(&draft.environment, crate::roster::Right::Write);
        right.map_err(|error| self.log_refusal(purpose.entry(&draft.environment), error))?;
        self.confirm_use(&draft.environment, purpose.action())?;
        let names = draft.base.items().keys().map(|name| TextPart::from(name.as_str())).collect();
        self.log(vec![purpose.given(&draft.environment, names)])?;
        Ok((id, draft))
    }

    /// Drops all drafts of this user, also those that can't be used.
    pub fn forget_drafts(&self) -> usize {
        let directory = self.vault.state_directory();
        let files = files_in(&directory).into_iter().filter(|file| file.user == *self.user());
        files.filter(|file| std::fs::remove_file(directory.join(DraftFile::name(&file.user, &file.id))).is_ok()).count()
    }

    /// Saves what a draft has changed, on top of what the vault holds now.
    ///
    /// # Errors
    /// As [`Session::edit`].
    pub fn save_draft(&mut self, draft: &Draft, changes: &Changes) -> Result<SavedDraft> {
        let environment = &draft.environment;
        let attempt = Entry::new(Action::Edit).environment(environment).items(draft.item.iter());
        let mut conflict = None;
        let saved = self.edit(&[attempt], |edit| {
            let (time, user) = (edit.now(), edit.user());
            let content = edit.content_mut(environment)?;
            match draft.merged(changes, content, user, time)? {
                Ok(merged) => *content = merged,
                Err(collisions) => {
                    let error = draft.conflict(&collisions);
                    conflict = Some(collisions);
                    return Err(error);
                }
            }
            edit.log(Entry::new(Action::Edit).environment(environment).items(changes.names()));
            Ok(())
        });
        match (saved, conflict) {
            (Ok(()), _) => Ok(SavedDraft::Saved),
            (Err(_), Some(collisions)) => Ok(SavedDraft::Conflict(collisions)),
            (Err(error), None) => Err(error),
        }
    }
}

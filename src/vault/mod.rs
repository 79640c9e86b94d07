//! Puts everything together: open, unlock, read, edit and save a vault.
//!
//! [`Unproven`] is a file that anybody may have written. It can only be used to ask for a passphrase. [`Vault`] is a
//! file whose roster is verified, which needs no key. [`Vault::unlock`] opens an identity with a passphrase or a key,
//! and gives a [`Session`], which opens environments, writes the log, and edits. An environment's block is verified
//! before it is decrypted. What was decrypted is [`Unread`]: it shows names, kinds and dates. A value comes out only
//! for a [`Purpose`], by a call that writes the log entry first.

mod accept;
mod allowed;
mod asked;
mod block;
mod branches;
mod compare;
mod create;
mod default_environment;
mod drafts;
mod earlier;
mod edit;
mod exposure;
mod find;
mod freshness;
mod join;
mod keys;
mod last_user;
mod left_out;
mod merge;
mod names;
mod note;
mod open;
mod pending;
mod protected;
mod purpose;
mod request;
mod saved;
mod seal;
mod session;
mod sighting;
mod since;
mod snapshot;
mod undo;
mod unlock;
mod unmerged;
mod unproven;
mod unread;
mod warning;

pub use allowed::{allowed_at, deny};
pub use asked::{Asking, OpenAsked};
pub use block::Standing;
pub use branches::Elsewhere;
pub use compare::EnvironmentDifference;
pub use create::{Creation, check_absent, create};
pub use default_environment::DefaultEnvironment;
pub use drafts::{DraftFile, DraftId, Drafts, OpenDraft, SavedDraft};
pub use edit::{Edit, Lost, NewUser, Removed};
pub use exposure::{Exposed, Fate};
pub use find::{DEFAULT_NAME, find, find_all};
pub use join::Joining;
pub use merge::{Beside, HalfRemoved, Merge, Opened, Target, Versions, put_back};
pub use names::{Allowed, NewName};
pub use protected::{Ask, Question};
pub use purpose::Purpose;
pub use request::{KeyRequest, Requested, not_added};
pub use saved::{Save, Saved};
pub use seal::Keyring;
pub use session::{ByAgent, FirstRead, Session, Unheard};
pub use since::{Changes, InGit, Since};
pub use snapshot::{Sight, Snapshot};
pub use unlock::Credential;
pub use unproven::Unproven;
pub(crate) use unread::exported_as_variable;
pub use unread::{Held, Uncarried, Unread, UnreadInjectables, WrittenAs};
pub use warning::Warning;

use crate::error::{Error, Result};
use crate::file::{Block, File};
use crate::fs::Stamp;
use crate::log::Writer;
use crate::marks::{Marks, Pin, Seen, Store};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use branches::Asked;
use freshness::Access;
use open::Location;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use warning::Warnings;

/// The settings of one run, for all its vaults.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The state directory: logs and marks, by vault.
    pub state: PathBuf,
    /// Whether warnings about the state of a vault are errors.
    pub strict: bool,
    /// Whether each log entry is flushed to disk before the command continues.
    pub log_sync: bool,
    /// The oldest state of the file that is accepted.
    pub pin: Option<Pin>,
    /// Whether files of any age are read, without comparing them with what this device has seen or recording them as
    /// seen. Changes are compared nevertheless.
    pub looks_back: bool,
    /// Whether the file is one side of a merge, which may lack what the other side has.
    pub is_side: bool,
}

/// A file whose roster is verified.
#[derive(Debug)]
pub struct Vault {
    location: Location,
    file: File,
    roster: Roster,
    stamp: Stamp,
    marks: Option<Marks>,
    /// The roster that the marks name; empty until it is first needed.
    highest: OnceCell<Roster>,
    /// The answers that git gave.
    asked: Asked,
    settings: Settings,
    warnings: RefCell<Warnings>,
    /// For a file that git could not merge, the environments that both sides have changed.
    unmerged: Option<BTreeSet<EnvironmentName>>,
    /// A block that was verified before it is read, until then.
    ahead: RefCell<Option<(EnvironmentName, Verified)>>,
}

/// A block that passed every check, with its binary age file.
#[derive(Debug)]
struct Verified {
    bytes: Vec<u8>,
    seen: Seen,
    standing: Standing,
}

impl Vault {
    /// Returns the path of the file, with links resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.location.real
    }

    /// Returns the command that lists the commits of the file, for hints.
    #[must_use]
    pub fn git_log(&self) -> String {
        self.location.git_log()
    }

    /// Returns whether the file on disk is still the one that this was read from, according to its stamp.
    #[must_use]
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.location.real).is_ok_and(|metadata| Stamp::of(&metadata) == self.stamp)
    }

    /// Returns the vault's id.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.roster.id()
    }

    /// Returns the roster: the users and their rights.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the parsed file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns the names of the environments.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.roster.state().environments.keys()
    }

    /// Returns the settings of this run.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns whether this device has seen the vault before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.marks.is_some()
    }

    /// Returns this vault's directory for logs and marks.
    #[must_use]
    pub fn state_directory(&self) -> PathBuf {
        state_directory(&self.settings, &self.id())
    }

    /// Verifies every block and its freshness, without any key.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn verify(&self) -> Result<BTreeMap<EnvironmentName, Standing>> {
        self.check_merged()?;
        self.check_sighting()?;
        let verified = self.verify_all(Access::Read)?;
        // With a pin, the check does not depend on what this device remembers.
        let noted = self.note_seen(&seen_of(&verified), &[]);
        if let Err(error) = noted.or_else(|error| self.settings.pin.as_ref().map(|_| ()).ok_or(error)) {
            self.warn(format!("this device can't remember what it has seen (VAULT_STATE_DIR): {error}"))?;
        }
        Ok(standings_of(verified))
    }

    /// Does the same as [`Vault::verify`], without recording the file as seen on this device.
    ///
    /// # Errors
    /// The same as for [`Vault::verify`].
    pub fn standings(&self) -> Result<BTreeMap<EnvironmentName, Standing>> {
        Ok(standings_of(self.verify_all(Access::Read)?))
    }

    /// Verifies every signature and right, without comparing the file with what this device has seen.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn verify_signatures(&self) -> Result<BTreeMap<EnvironmentName, Standing>> {
        self.check_merged()?;
        let mut standings = BTreeMap::new();
        for block in &self.file.blocks {
            let (_, standing) = self.verify_standing(block)?;
            standings.insert(block.statement.name.clone(), standing);
        }
        Ok(standings)
    }

    /// Returns the pin of this file, for a machine without state: see [`Pin`].
    ///
    /// # Errors
    /// The same as for [`Vault::verify`].
    pub fn pin(&self) -> Result<Pin> {
        Ok(Pin::of(&self.roster, &seen_of(&self.verify_all(Access::Read)?)))
    }

    /// Returns a writer for a user's log of this vault.
    #[must_use]
    pub fn log_writer(&self, user: &UserName) -> Writer {
        log_writer(&self.settings, &self.id(), user)
    }

    /// Returns when somebody last lost the right to read what a block holds; `None` if nobody did since it was written.
    fn lost_at(&self, block: &Block) -> Result<Option<Time>> {
        let losses = self.roster.losses(&block.statement.name, block.statement.roster.version)?;
        Ok(losses.last().copied())
    }

    fn block(&self, name: &EnvironmentName) -> Result<&Block> {
        self.roster.state().environment(name)?;
        self.check_environment_merged(name)?;
        self.file.block(name).ok_or_else(|| missing_block(name))
    }

    /// Verifies the signature, the right and the freshness of one block.
    fn verify_block(&self, block: &Block, access: Access) -> Result<Verified> {
        let is_it = |(name, _): &mut (EnvironmentName, Verified)| *name == block.statement.name;
        if access == Access::Read
            && let Some((_, verified)) = self.ahead.borrow_mut().take_if(is_it)
        {
            return Ok(verified);
        }
        let (dearmored, standing) = self.verify_standing(block)?;
        let seen = self.seen(block, dearmored.hash);
        self.check_freshness(block, (&seen, standing), access)?;
        Ok(Verified { bytes: dearmored.bytes, seen, standing })
    }

    fn verify_all(&self, access: Access) -> Result<BTreeMap<EnvironmentName, Verified>> {
        let verify = |block: &Block| Ok((block.statement.name.clone(), self.verify_block(block, access)?));
        self.check_roster_freshness(access)?;
        let merged = self.file.blocks.iter().filter(|block| !self.is_open(&block.statement.name));
        merged.map(verify).try_ordered()
    }

    fn seen(&self, block: &Block, hash: Hash) -> Seen {
        let environment = self.roster.state().environments.get(&block.statement.name);
        Seen { added: environment.map_or(0, |environment| environment.added), version: block.statement.version, hash }
    }

    /// Returns what would be recorded as seen for every block. The blocks are verified, but not their freshness.
    fn seen_blocks(&self) -> Result<BTreeMap<EnvironmentName, Seen>> {
        let seen = |block: &Block| {
            let hash = block::verify(&self.roster, block)?.0.hash;
            Ok((block.statement.name.clone(), self.seen(block, hash)))
        };
        self.file.blocks.iter().map(seen).try_ordered()
    }

    fn is_in_git(&self) -> bool {
        freshness::in_git_work_tree(&self.location.real)
    }

    fn marks_store(&self) -> Store {
        marks_store(&self.settings, &self.id())
    }
}

fn seen_of(verified: &BTreeMap<EnvironmentName, Verified>) -> BTreeMap<EnvironmentName, Seen> {
    verified.iter().map(|(name, verified)| (name.clone(), verified.seen)).ordered()
}

fn standings_of(verified: BTreeMap<EnvironmentName, Verified>) -> BTreeMap<EnvironmentName, Standing> {
    verified.into_iter().map(|(name, verified)| (name, verified.standing)).ordered()
}

/// Returns a writer for a user's log of a vault, which needs no vault file.
#[must_use]
pub fn log_writer(settings: &Settings, id: &Hash, user: &UserName) -> Writer {
    Writer::new(&state_directory(settings, id), user, settings.log_sync)
}

fn marks_store(settings: &Settings, id: &Hash) -> Store {
    Store::new(state_directory(settings, id))
}

fn state_directory(settings: &Settings, id: &Hash) -> PathBuf {
    settings.state.join(id.to_string())
}

fn missing_block(name: &EnvironmentName) -> Error {
    Error::integrity(format!("environment {name} is missing from the file"))
        .hint("restore the file from a copy you trust")
}

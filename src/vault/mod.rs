//! Puts everything together: open, unlock, read, edit and save a vault.
//!
//! [`Unproven`] is a file that anybody may have written. It has only [`Claims`], to ask for a passphrase. [`Vault`] is a
//! file whose roster is verified, which needs no key. [`Vault::unlock`] opens an identity with a passphrase or a key,
//! and gives a [`Session`], which opens environments, writes the log, and edits. An environment's block is verified
//! before it is decrypted. What was decrypted is [`Unread`]: it shows names, kinds and dates. A value comes out only
//! for a [`Purpose`], by a call that writes the log entry first.

mod accept;
mod access;
mod agents;
mod agreed;
mod allowed;
mod blame;
mod block;
mod branches;
mod chosen;
mod claims;
mod compare;
mod confirmation;
mod create;
mod credential;
mod default_environment;
mod drafts;
mod earlier;
mod edit;
mod exposure;
mod find;
mod freshness;
mod git_answers;
mod join;
mod join_request;
mod kept;
mod keys;
mod last_user;
mod location;
mod merge;
mod names;
mod need;
mod older;
mod open;
mod parsed;
mod pending;
mod protected;
mod proven;
mod purpose;
mod saved;
mod seal;
mod sealed_record;
mod server_requests;
mod session;
mod settings;
mod side;
mod sighting;
mod since;
mod slot;
mod snapshot;
mod snapshot_lines;
mod state;
mod uncarried;
mod undo;
mod unlock;
mod unmerged;
mod unread;
mod users;
mod verified;
mod verify;
mod versions;
mod warning;

pub use crate::crypto::WorkFactor;
pub use crate::diff::{Field, ItemDifference, RosterDifference};
pub use crate::file::{
    Ancestors, Armor, Block, BlockStatement, Dearmored, File, HEADING, Lineage, MAX_FILE, Slot, SlotKind, is_vault,
    outline_lines,
};
pub use crate::fs::Stamp;
pub use crate::git::Operation;
pub use crate::marks::Pin;
pub use crate::merge::{Applied, Choice, Conflict, Merging, Names, Rosters, Side, Subject, Way};
pub use crate::progress::Progress;
pub use crate::signature::Hash;
pub use agents::{Agents, Outdated};
pub use agreed::Agreed;
pub(crate) use agreed::no_longer_as_shown;
pub use allowed::{allowed_at, deny};
pub use branches::Elsewhere;
pub use chosen::{Changed, Chosen, First, Meant};
pub use claims::Claims;
pub use compare::EnvironmentDifference;
pub use confirmation::{Ask, Confirmation, Question};
pub use create::{Creation, check_absent, create};
pub use credential::{Credential, CredentialKind, MAX_SOURCE, Readers, check_no_key, check_source, read_source};
pub use drafts::{DraftFile, DraftId, Drafts, OpenDraft, SavedDraft};
pub(crate) use edit::KeyEdit;
pub use edit::{Edit, Fallbacks, Lost, NewUser, Removed};
pub use exposure::{Exposed, Fate};
pub(crate) use find::find_all;
pub use find::{DEFAULT_NAME, find};
pub use join::Joining;
pub use join_request::{KeyRequest, Requested, not_added};
pub use merge::{Abort, Beside, Conflicted, Decisions, HalfRemoved, Merge, Opened, Unresolved};
pub use names::{Allowed, NewName};
pub use need::Need;
pub use protected::CONFIRMATION_HOLDS;
pub use proven::{Unproven, Vault};
pub use purpose::{Purpose, Use};
pub use saved::{Pending, Saved};
pub use seal::Keyring;
pub use server_requests::Asking;
pub use session::{ByAgent, Continued, KeySession, Session, Unheard};
pub(crate) use settings::log_writer;
pub use settings::{Settings, is_strict};
pub use since::{Changes, InGit, Since};
pub use snapshot::{Sight, Snapshot, UnprovenSnapshot};
pub(crate) use state::StateDirectory;
pub(crate) use uncarried::{Uncarried, WrittenAs, exported_as_variable};
pub use undo::LastChange;
pub use unread::{Held, Unread, UnreadInjectables};
pub use verified::{LastSave, Standing};
use versions::Versions;
pub use warning::{Warning, WarningReason};

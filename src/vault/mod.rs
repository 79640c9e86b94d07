//! Puts everything together: open, unlock, read, edit and save a vault.
//!
//! [`Unproven`] is a file that anybody may have written. It can only be used to ask for a passphrase. [`Vault`] is a
//! file whose roster is verified, which needs no key. [`Vault::unlock`] opens an identity with a passphrase or a key,
//! and gives a [`Session`], which opens environments, writes the log, and edits. An environment's block is verified
//! before it is decrypted. What was decrypted is [`Unread`]: it shows names, kinds and dates. A value comes out only
//! for a [`Purpose`], by a call that writes the log entry first.

mod accept;
mod access;
mod allowed;
mod ask;
mod asked;
mod asked_git;
mod blame;
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
mod location;
mod merge;
mod names;
mod note;
mod older;
mod open;
mod parsed;
mod pending;
mod protected;
mod proven;
mod purpose;
mod request;
mod saved;
mod seal;
mod session;
mod settings;
mod side;
mod sighting;
mod since;
mod slot;
mod snapshot;
mod snapshot_lines;
mod undo;
mod state;
mod unlock;
mod unmerged;
mod unproven;
mod unread;
mod users;
mod verified;
mod verify;
mod versions;
mod warning;

pub use crate::marks::Pin;
pub use crate::progress::Progress;
pub use allowed::{allowed_at, deny};
pub use ask::{Ask, Question};
pub use asked::{Asking, OpenAsked};
pub use branches::Elsewhere;
pub use compare::EnvironmentDifference;
pub use create::{Creation, check_absent, create};
pub use default_environment::DefaultEnvironment;
pub use drafts::{DraftFile, DraftId, Drafts, OpenDraft, SavedDraft};
pub use edit::{Edit, Lost, NewUser, Removed};
pub use exposure::{Exposed, Fate};
pub use find::{DEFAULT_NAME, find, find_all};
pub use join::Joining;
pub use merge::{Beside, HalfRemoved, Merge, Opened, Target, put_back};
pub use names::{Allowed, NewName};
pub use proven::Vault;
pub use purpose::{Purpose, Use};
pub use request::{KeyRequest, Requested, not_added};
pub use saved::{Save, Saved};
pub use seal::Keyring;
pub use session::{ByAgent, FirstRead, Session, Unheard};
pub use settings::{Settings, is_strict, log_writer};
pub use since::{Changes, InGit, Since};
pub use snapshot::{Sight, Snapshot};
pub use unlock::Credential;
pub use unproven::Unproven;
pub use state::StateDirectory;
pub(crate) use unread::exported_as_variable;
pub use unread::{Held, Unread, UnreadInjectables};
pub(crate) use unread::{Uncarried, WrittenAs};
pub use verified::Standing;
pub use versions::Versions;
pub use warning::Warning;

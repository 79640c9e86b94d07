//! Records what this device has seen of a vault, so that it notices an older or a forked file (vault-format(5),
//! "Freshness").
//!
//! `marks.json` holds the highest roster head and the highest version of each environment. `roster.toml` holds that
//! roster. `accepted` holds the hashes of the last statements accepted here, 32 bytes each. [`branches`] records what was
//! seen on each branch of a git work tree.
//!
//! Only a new roster is flushed to disk before the change continues. New versions of environments are not, because that
//! would take two more flushes per change. Their writing is started before the file gets its name. A power cut can at
//! worst lose the mark of the last version, which the next use of the vault sets again.

pub mod branches;
mod highest;
pub mod judge;
mod names;
mod pin;
mod seen;
mod store;
mod verified_roster;

pub use branches::{Branches, Observation, Side, Sighting};
pub use highest::{Looked, Marks};
pub use names::{Names, Place};
pub use pin::Pin;
pub use seen::Seen;
pub use store::Store;
pub use verified_roster::VerifiedRoster;

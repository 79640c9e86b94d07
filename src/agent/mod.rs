//! The agent: a process that holds one user's keys for one vault, so that the user types the passphrase once.
//!
//! The rules:
//!
//! - It works with the keys and never gives them away: it opens the header of an environment's age file, signs an
//!   environment, or a header or an anchor of the access log, that it is told the fields of, gives the key of fingerprints,
//!   which opens nothing, says how long it will live, and ends. Roster changes and slots need the passphrase or key again.
//! - Of the library only a [`crate::vault::Session`] asks it for any of this: no value is decrypted without its log entry.
//! - It is one process for each vault and user: nothing proves to a client that a process of the same user is the agent,
//!   so that no running one is ever handed keys; and the end of the process, which a lock, a time-out and a signal all
//!   are, takes every copy with it, down to the last on a stack. A lock and a time-out wipe the identity before.
//! - A use makes it live until the idle time is over; nothing makes it live beyond the time that it was started with.
//! - It listens in a directory that only its user can enter, and both ends ask the kernel who the other one is.
//! - Its times are measured by a clock that goes on in suspend and that nobody can set back.
//!
//! This is the limit: another process of the same user can ask the agent directly, and gets file keys, one at a time
//! and until the time-out, without an entry in the log. It never gets the identity.

mod client;
mod clients;
mod clock;
mod directory;
mod kept;
mod limits;
mod peer;
mod protocol;
mod server;
mod sockets;

pub(crate) use client::RemoteKey;
pub use client::{Client, Ended};
pub use clock::now;
pub use kept::{HandedOver, KeptText};
pub use limits::{Limits, duration};
pub(crate) use peer::is_own;
pub use protocol::Status;
pub(crate) use protocol::{Timed, ended};
pub use server::serve;
pub use sockets::Sockets;

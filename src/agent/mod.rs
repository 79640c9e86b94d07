//! The agent: a process that holds one user's keys of one vault, so that the passphrase is asked for once.
//!
//! The rules:
//!
//! - It works with the keys and never gives them away: it opens the header of an environment's age file ([`Client::file_key`]),
//!   signs an environment it is told the fields of ([`Client::sign`]), says how long it will live, and ends. Roster
//!   changes, slots and the log's own keys need the passphrase or key again.
//! - It is one process for each vault and user: its end, which a lock, a time-out and a signal all are, is what wipes the
//!   keys, down to the last copy on a stack.
//! - It listens in a directory that only its user can enter, and both ends ask the kernel who the other one is.
//! - Its times are measured by a clock that goes on in suspend and that nobody can set back.
//!
//! What another process of the same user asks of it directly is the honest limit: it gets file keys, one file at a time
//! and until the time-out, without an entry in the log; never the identity.

mod client;
mod clients;
mod memory;
mod peer;
mod place;
mod protocol;
mod server;

pub use client::{Client, Ended, RemoteKey};
pub use place::Place;
pub use protocol::Status;
pub use server::{Limits, serve};

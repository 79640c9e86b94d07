//! The agent: a process that holds one user's keys for one vault, so that the user types the passphrase once.
//!
//! The rules:
//!
//! - It uses the keys and never hands them out. It opens the header of an environment's age file. It signs environments,
//!   and headers and anchors of the access log, from given fields. It gives the fingerprint key, which opens nothing. It
//!   tells how long it will live, and stops on request. Roster changes and slots need the passphrase or key again.
//! - With its first request, a client learns whose keys the agent holds, and gets a file key only if they are the keys that
//!   the file has for the user.
//! - In the library, only a [`crate::vault::Session`] asks the agent, so no value is decrypted without a log entry.
//! - There is one process for each vault and user. A running agent is never handed more keys, because nothing proves to a
//!   client that a process of the same user is the agent. Locking, a timeout and a signal all end the process, which frees
//!   every copy of the keys, even those on stacks. Unless the signal can't be caught, the identity is wiped first.
//! - A use restarts the idle time. Nothing extends the total time with which the agent was started.
//! - It listens in a directory that only its user can enter, and both ends ask the kernel which user the other end is.
//! - Its times are measured with a clock that runs during suspend and that nobody can set back.
//!
//! - A front end starts it with [`KeySession::start_agent`](crate::vault::KeySession::start_agent) and becomes it with [`run`].
//!   These two keep the keys out of pipes, core dumps, debuggers, and the environment, whichever program it is.
//!
//! The limit of this protection: another process of the same user can ask the agent directly. It gets file keys, one at a
//! time and until the timeout, without an entry in the log. It never gets the identity.

mod arguments;
mod client;
mod clients;
mod clock;
mod directory;
mod limits;
mod locked_memory;
mod peer;
mod private;
mod protocol;
mod run;
mod server;
mod sockets;
mod spare;
mod start;
mod status;

pub use client::{Client, Ended};
pub(crate) use client::{Reached, RemoteKey};
pub use clock::now;
pub use limits::{Limits, duration};
pub use locked_memory::{HandedOver, KeptText};
pub(crate) use peer::is_own;
pub use protocol::Patience;
pub(crate) use protocol::{Timed, ended};
pub use run::run;
pub use sockets::{Sockets, check_is_on, is_off};
pub use start::Program;
pub(crate) use status::CurrentKeys;
pub use status::Status;

//! `vault` keeps the secrets of a project's environments in one encrypted file.
//!
//! The library holds every rule, and uses neither a terminal nor a command line. In this example, a program opens a
//! vault with a key and reads a value. The call that returns the value writes the entry in the access log first.
//!
//! ```
//! use vault::dangerous::AllowedOnce;
//! use vault::identity::Key;
//! use vault::item::{Content, Metadata};
//! use vault::log::{Action, Caller, Extent, ProgramName};
//! use vault::name::{EnvironmentName, ItemName, UserName};
//! use vault::secret::SecretBytes;
//! use vault::time::Time;
//! use vault::vault::{Creation, Credential, Keyring, Purpose, Settings, Use, Vault, create};
//!
//! # fn main() -> vault::Result<()> {
//! # let directory = tempfile::tempdir().unwrap();
//! # let directory = directory.path();
//! let file = directory.join("secrets.vault");
//! let settings = Settings::at(directory.join("state"));
//! let (mia, dev, token) = (UserName::new("mia")?, EnvironmentName::new("dev")?, ItemName::new("TOKEN")?);
//!
//! // The log names this program.
//! let caller = Caller::new(ProgramName::new("example")?);
//!
//! // Create a vault with one item and a key that opens it.
//! let key = Key::generate()?;
//! let mut content = Content::default();
//! content.set(&token, SecretBytes::new(b"s3cret".to_vec()), &Metadata::default(), &mia, Time::now())?;
//! let creation = Creation {
//!     user: mia.clone(),
//!     email: None,
//!     environments: [(dev.clone(), content)].into(),
//!     slots: Keyring { passphrase: None, key: &key },
//!     allowed: AllowedOnce::default(),
//!     caller: caller.clone(),
//! };
//! create(&file, creation, &settings, |_, _| Ok(()))?;
//!
//! // Open the vault, and read the value.
//! let session = Vault::open(&file, &settings)?.unlock(&Credential::Key(key), None, &caller)?;
//! let purpose = Purpose::new(Use::Get);
//! let unread = session.open(&purpose, &dev)?.only(|item| *item.name() == token);
//! let content = session.read(&purpose, unread)?;
//! assert_eq!(&*content.item(&dev, &token)?.current.value, b"s3cret");
//!
//! // The log has an entry about this.
//! let log = session.read_log_of(&mia, Extent::Whole)?;
//! let entry = log.lines().last().unwrap()?.entry;
//! assert_eq!((entry.action, entry.program.as_str()), (Action::Get, "example"));
//! assert_eq!(entry.items, ["TOKEN"]);
//! # Ok(())
//! # }
//! ```
//!
//! What a program needs:
//!
//! - [`vault`](mod@vault) opens, unlocks, reads, changes, compares, merges and saves a vault; [`settings`] are what it
//!   reads from the environment.
//! - [`identity`] has keys, [`name`] the names of users, environments and items, [`item`] items, [`roster`] users and
//!   rights, [`log`] the access log, [`secret`] and [`time`] the types of values and times, [`dangerous`] the names that
//!   an item gets only with permission.
//! - [`error`] has the reasons of errors and what to do about them, to match.
//! - [`actions`] are what commands such as `set`, `exec` and `rotate` decide; [`view`] has the objects of `--json` and the
//!   exit codes.
//! - [`mod@format`] reads and writes dotenv files and other formats. [`generate`] and [`passphrase`] make and judge values.
//! - [`hardening`] is what a program begins with, so that nothing leaves its memory.
//! - [`agent`] keeps keys for a time, and [`serving`] finds the servers that run.
//! - [`output`] writes values to files. [`words`] and [`path`] write numbers, times, lists and paths as messages and commands show them.
//! - [`doctor`] finds what is wrong around a vault, [`drivers`] sets git up, and [`hook`] puts variables into a shell.
//!
//! A module uses only modules in lower rows or its own. Those without a link are not for programs:
//!
//! | layer | modules |
//! | --- | --- |
//! | decisions | [`actions`] |
//! | data for programs | [`view`] |
//! | diagnosis | [`doctor`] |
//! | git setup | [`drivers`] |
//! | the vault as a whole | [`vault`] |
//! | editing as text | `draft` |
//! | merging | `merge` |
//! | scanning | `scan` |
//! | checking | `check` |
//! | comparing | `diff` |
//! | undo | `undo` |
//! | the shell | [`hook`] |
//! | formats and generated values | [`mod@format`], `template`, [`generate`], [`passphrase`] |
//! | the agent and servers | [`agent`], [`serving`] |
//! | files with values | [`output`] |
//! | stored data | [`roster`], [`item`], `file`, [`log`], `marks` |
//! | cryptography | `crypto`, [`identity`], `signature` |
//! | the operating system | `fs`, `git`, [`hardening`], `random` |
//! | settings | [`settings`], [`dangerous`] |
//! | basics | [`error`], [`secret`], [`name`], `redact`, [`time`], [`path`], [`words`], `progress`, `packed`, `ordered`, `thread` |
//! | separate crates | `mask`, `search`, `encodings`, `parts` |

pub mod actions;
pub mod agent;
mod check;
mod crypto;
pub mod dangerous;
mod diff;
pub mod doctor;
mod draft;
pub mod drivers;
pub mod error;
mod file;
pub mod format;
pub mod generate;
mod git;
pub mod hardening;
pub mod hook;
pub mod identity;
pub mod item;
pub mod log;
mod marks;
mod merge;
pub mod name;
pub mod output;
pub mod passphrase;
pub mod path;
mod progress;
mod random;
mod redact;
pub mod roster;
mod scan;
pub mod secret;
pub mod serving;
pub mod settings;
mod signature;
mod template;
pub mod time;
mod undo;
pub mod vault;
pub mod view;
pub mod words;

// The command line and the server are separate crates, and use these modules of the library. No other program needs them.
#[doc(hidden)]
pub mod fs;
#[doc(hidden)]
pub mod ordered;
#[doc(hidden)]
pub mod packed;
#[doc(hidden)]
pub mod thread;

// A measurement compares it with age's own reader.
#[doc(hidden)]
pub use crypto::dearmor;

use vault_quick::{encodings, search};
use vault_values::parts;

pub use error::{Error, Result};

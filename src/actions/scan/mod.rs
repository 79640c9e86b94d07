//! Scanning: which values are searched for, where, and what was found. The values stay inside this module.
//!
//! [`Sought`] collects values, after an entry in the log, and a single search uses it up. So each search for values has
//! its own entry. How many texts one search goes through is not limited.

mod event;
mod excluded;
mod others_vaults;
mod outcome;
mod search;
mod sought;
mod tally;
mod texts;
mod vaults;

pub use crate::scan::{Ignore, LeftOut};
pub use event::Event;
pub use outcome::{Lack, Lacks, Outcome, Undecrypted};
pub use sought::{Counts, Sought};
pub use texts::{Texts, install_hook};
pub use vaults::{Opener, Vaults};

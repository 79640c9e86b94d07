//! Scanning: which values are searched for, where, and what was found. The values stay inside this module.
//!
//! [`Sought`] collects values, after an entry in the log, and a single search uses it up. So nobody can try one guess
//! after the other against values that were logged once.

mod excluded;
mod search;
mod sought;

pub use crate::scan::{Ignore, LeftOut};
pub use search::{Event, Texts};
pub use sought::{Counts, Sought};

//! The access log. Somebody who takes over the machine can neither read nor change its past entries (vault-format(5)).
//!
//! Each entry is encrypted under its own key, and each key is derived from the one before. The key file holds only the
//! next key, which opens no past entry. A segment's first key is stored encrypted to the user and the admins, who can
//! read and verify everything. Anchors in the encrypted environments reveal that entries were cut off at the end.

mod action;
mod append;
mod archive;
mod caller;
mod device;
mod directory;
mod end;
mod entry;
mod export;
mod failed_unlocks;
mod files;
mod frames;
mod join;
mod key;
mod line;
mod lists;
mod logs;
mod measure;
mod query;
mod read;
mod reading;
mod reason;
mod segment;
mod segment_end;
mod signer;
mod stamps;
mod statement;
mod stats;
mod stretch;
mod together;
mod walk;
mod writers;

pub use action::Action;
pub(crate) use action::Edits;
pub use append::FULL_SEGMENT;
pub(crate) use append::Writer;
pub(crate) use archive::ReadBack;
pub use archive::{Archive, MAX_ARCHIVE};
pub use caller::Caller;
pub(crate) use directory::users_here;
pub use entry::{Entry, Outcome};
pub use export::{Exported, Form, MAX_EXPORT};
pub(crate) use export::{open as open_export, reseal};
pub(crate) use failed_unlocks::failed_unlock;
pub use failed_unlocks::failed_unlocks;
pub use join::Fit;
pub use line::Line;
pub use logs::{DeviceLog, Logs};
pub use measure::{Measure, UnprovenEntry};
pub use query::{Query, Reach};
pub(crate) use read::read;
pub(crate) use reading::is_signed;
pub use reading::{Archived, Extent, Problem, Reading, Remembered};
pub use reason::{GivenReason, ProgramName};
pub(crate) use segment::{Header as SegmentHeader, Opener, SegmentKeys};
pub use segment_end::SegmentEnd;
pub(crate) use signer::Signer;
pub use stamps::{Stamp, stamps};
pub use statement::Statement;
pub use stats::{Counter, Stats, Tally};
pub use stretch::Lines;

#[cfg(test)]
mod tests;

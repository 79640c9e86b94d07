//! Options that several commands share, and what is read from them.

pub mod input;
pub mod metadata;
pub mod moment;
pub mod names;
pub mod selection;
pub mod taking;

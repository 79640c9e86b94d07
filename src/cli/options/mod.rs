//! Options that several commands share, and reading their values.

pub mod action;
pub mod exported;
pub mod input;
pub mod metadata;
pub mod moment;
pub mod names;
pub mod reading;
pub mod recipe;
pub mod selection;
pub mod taking;

//! Asking a person.

pub mod terminal;

//! Prompts.

pub mod terminal;

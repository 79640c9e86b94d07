//! What a value reveals by itself: which parts of it are secret, and what its name says about it.

pub mod parts;
pub mod secret;
pub mod words;

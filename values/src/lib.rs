//! What can be told of a value by itself: which parts of it are secret, and what its name says of it.

pub mod parts;
pub mod secret;
pub mod words;

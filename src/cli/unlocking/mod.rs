//! Unlocking: which vault, which user, which passphrase or key, and the agent.

pub mod agent;
pub mod context;
pub mod credential;
pub mod hint_commands;
pub mod new_keys;
mod protected;
mod question;
mod read_once;
mod session;

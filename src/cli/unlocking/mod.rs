//! Unlocking: which vault, which user, which passphrase or key, and the agent.

pub mod again;
pub mod agent;
pub mod context;
pub mod credential;
mod given;
pub mod new_keys;
mod protected;
mod question;
mod session;

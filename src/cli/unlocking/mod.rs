//! Unlocking: which vault, who is asking, which passphrase or key, and the agent.

pub mod again;
pub mod agent;
pub mod context;
pub mod credential;
mod given;
pub mod new_keys;
mod protected;
mod question;

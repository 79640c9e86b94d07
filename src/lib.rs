//! `vault`: one binary, one encrypted file, one passphrase.
//!
//! The library is the domain: it knows no terminal and no command line. Dependencies point downward only.
//!
//! | layer | modules |
//! | --- | --- |
//! | composes | [`vault`] |
//! | merging | [`merge`] |
//! | scanning | [`scan`] |
//! | comparing | [`diff`] |
//! | the shell | [`hook`] |
//! | interchange | [`mod@format`], [`template`], [`generate`], [`mask`], [`search`], [`encodings`], [`parts`], [`passphrase`] |
//! | the agent | [`agent`] |
//! | what is kept | [`roster`], [`item`], [`mod@file`], [`log`], [`marks`] |
//! | cryptography | [`crypto`], [`identity`], [`signature`] |
//! | the machine | [`fs`], [`git`], [`random`] |
//! | settings | [`settings`], [`dangerous`] |
//! | words | [`error`], [`secret`], [`name`], [`redact`], [`time`], [`path`] |

pub mod agent;
pub mod crypto;
pub mod dangerous;
pub mod diff;
pub mod encodings;
pub mod error;
pub mod file;
pub mod format;
pub mod fs;
pub mod generate;
pub mod git;
pub mod hook;
pub mod identity;
pub mod item;
pub mod log;
pub mod marks;
pub mod mask;
pub mod merge;
pub mod name;
pub mod parts;
pub mod passphrase;
pub mod path;
pub mod random;
pub mod redact;
pub mod roster;
pub mod scan;
pub mod search;
pub mod secret;
pub mod settings;
pub mod signature;
pub mod template;
pub mod time;
pub mod vault;

pub use error::{Error, Result};

//! `vault exec`: runs a command with the values in its environment. Most of it is in the module [`running`].

use crate::cli::running;

pub use running::{Args, run};

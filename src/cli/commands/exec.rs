//! `vault exec`: a command with the values in its environment. What that takes is a room of its own, [`running`].

use crate::cli::running;

pub use running::{Args, run};

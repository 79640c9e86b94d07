//! `vault shell`: starts an interactive shell with the values in its environment. It is a form of [`running`].

use crate::cli::running;

pub use running::shell::{ShellArgs as Args, run};

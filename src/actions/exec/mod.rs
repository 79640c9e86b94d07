//! What a command gets: which items become which variables, which can't, and what is inherited.
//!
//! A [`Plan`] uses names, kinds and dates only. [`Plan::read`] writes the log entries and returns the values. An
//! [`Environment`] is what the kernel takes. Starting the command is up to the front end.

mod env_file;
mod environment;
mod filter;
mod handed;
mod limits;
mod plan;
mod reached;
mod unfit;
mod variables;

pub use environment::{Environment, Inherit};
pub use filter::NotInjected;
pub use handed::{Handed, Handing};
pub use limits::check as check_limits;
pub use plan::{Before, Injected, Notices, Plan, Request};
pub use reached::{Reach, Reached};
pub use variables::Variables;

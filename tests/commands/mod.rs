//! A file per command.

mod exec;
mod exposure;
mod get_set;
mod hook;
mod interchange;
mod items;
mod unlocking;
mod users;

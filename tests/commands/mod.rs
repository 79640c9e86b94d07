//! A file per command.

mod exec;
mod get_set;
mod interchange;
mod items;
mod unlocking;
mod users;

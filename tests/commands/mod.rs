//! A file per command.

mod exec;
mod get_set;
mod items;
mod unlocking;

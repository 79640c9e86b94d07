//! A file per command.

mod exec;
mod get_set;
mod interchange;
mod items;
mod render;
mod unlocking;

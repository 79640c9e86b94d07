//! A file per command.

mod check;
mod exec;
mod generate;
mod get_set;
mod interchange;
mod items;
mod render;
mod scan;
mod unlocking;

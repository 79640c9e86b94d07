//! A file per command.

mod get_set;

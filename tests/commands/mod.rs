//! A file per command.

mod agent;
mod check;
mod due;
mod edit;
mod env;
mod exec;
mod exec_handing;
mod exec_supervised;
mod exposure;
mod generate;
mod get_set;
mod hook;
mod interchange;
mod issued;
mod items;
mod printed_keys;
mod removed;
mod render;
mod rotate;
mod scan;
mod unlocking;
mod users;

//! A file per command.

mod agent;
mod check;
mod edit;
mod env;
mod exec;
mod exec_handing;
mod exec_supervised;
mod exec_terminal;
mod exposure;
mod generate;
mod get_set;
mod hook;
mod interchange;
mod items;
mod render;
mod rotate;
mod scan;
mod unlocking;
mod users;

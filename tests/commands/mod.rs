//! A file per command.

mod agent;
mod check;
mod completion;
mod due;
mod edit;
mod env;
mod errors;
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
mod prompts;
mod removed;
mod render;
mod rotate;
mod scan;
mod schema;
mod unlocking;
mod users;

//! The command tests: one runner, so that the harness and the program are linked once.

mod commands;
mod faults;
mod forge;
mod harness;

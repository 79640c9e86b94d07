//! The command tests: one runner, so that the harness and the program are linked once.

mod commands;
mod harness;
mod reader;
mod readme;

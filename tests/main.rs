//! The command tests: one runner, so that the harness and the program are linked once.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops at the first thing that is wrong")]

mod ci;
mod commands;
mod device;
mod faults;
mod forge;
mod harness;
mod reader;
mod readme;
mod team;
mod unlocked;
mod vectors;

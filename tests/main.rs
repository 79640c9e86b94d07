//! The command tests: one runner, so that the harness and the program are linked once.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops at the first thing that is wrong")]
#![allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]

mod ci;
mod commands;
mod device;
mod faults;
mod forge;
mod git_page;
mod given_out;
mod guesses;
mod harness;
mod layers;
mod messages;
mod people;
mod reader;
mod readme;
mod security;
mod signals;
mod source;
mod team;
mod unlocked;
mod unused;
mod variables;
mod vectors;

//! The server as clients see it: the real program, a real vault, and HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at its first failure")]
#![allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]

mod agents;
mod apps;
mod asking;
mod clients;
mod functions;
mod graphql;
mod harness;
mod limits;
mod lists;
mod live;
mod many;
mod openapi;
mod page;
mod pages;
mod people;
mod reaching;
mod reading;
mod replay;
mod sessions;
mod signing_in;
mod tls;
mod writing;

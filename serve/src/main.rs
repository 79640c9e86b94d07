//! `vault-serve`: the local API of a vault. Every front end calls [`api`]: [`parse`] is Parse's REST API, [`graphql`]
//! is GraphQL, [`live`] sends live queries, and [`page`] serves the page for people.

mod api;
mod body;
mod control;
mod graphql;
mod guard;
mod listen;
mod live;
mod open;
mod openapi;
mod options;
mod page;
mod parse;
mod peers;
mod refusal;
mod server;
mod start;

use api::steps;
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    vault::hardening::start("vault-serve", || 1);
    let options = options::Options::parse();
    match start::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let hint = error.advice().map_or(String::new(), |hint| format!("hint: {}\n", steps::worded(hint)));
            let _ = write!(std::io::stderr(), "error: {error}\n{hint}");
            ExitCode::from(vault::view::exit_code(error.kind()))
        }
    }
}

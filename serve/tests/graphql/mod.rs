//! GraphQL: the shape that Parse Server has, with the rules and the log that REST has.

mod client;
mod reaching;
mod reading;
mod writing;

use crate::harness::{Answer, Client, Place, Server};
use serde_json::{Value, json};
use vault::log::{Action, Outcome};

/// Asks without a token.
fn asked(server: &Server, query: &str) -> Answer {
    server.ask("POST", "/graphql", &[], Some(&json!({ "query": query })))
}

/// Asks as somebody who is signed in.
fn query(client: &Client<'_>, query: &str, variables: &Value) -> Answer {
    client.ask("POST", "/graphql", Some(&json!({ "query": query, "variables": variables })))
}

/// What was given, where nothing was refused.
#[track_caller]
fn data(mut answer: Answer) -> Value {
    assert_eq!((answer.status, answer.body.get("errors")), (200, None), "{answer:?}");
    answer.body["data"].take()
}

/// The one error must have this code, and its text this in it.
#[track_caller]
fn refused(answer: &Answer, code: u64, text: &str) {
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("no error: {answer:?}"));
    assert_eq!(errors[0]["extensions"]["code"], code, "{answer:?}");
    assert!(errors[0].to_string().contains(text), "{text:?} is not in {answer:?}");
}

/// How often a value was given to a client of this name.
fn reads(place: &Place, user: &str, program: &str) -> usize {
    let log = place.log(user);
    let is_read = |entry: &vault::log::Entry| {
        (entry.action, entry.outcome, &*entry.program) == (Action::Get, Outcome::Ok, program)
    };
    log.iter().filter(|line| is_read(&line.entry)).count()
}

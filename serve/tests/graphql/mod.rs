//! GraphQL: the shape of Parse Server's API, with the rules and the log of the REST API.

mod client;
mod reaching;
mod reading;
mod writing;

use crate::harness::{Answer, Client, Place, Server};
use serde_json::{Value, json};
use vault::log::{Action, Outcome};

/// Sends a query without a session token.
fn query_without_session(server: &Server, query: &str) -> Answer {
    server.ask("POST", "/graphql", &[], Some(&json!({ "query": query })))
}

/// Sends a query with the client's session token.
fn query(client: &Client<'_>, query: &str, variables: &Value) -> Answer {
    client.ask("POST", "/graphql", Some(&json!({ "query": query, "variables": variables })))
}

/// Returns the data of an answer without errors.
#[track_caller]
fn data(mut answer: Answer) -> Value {
    assert_eq!((answer.status, answer.body.get("errors")), (200, None), "{answer:?}");
    answer.body["data"].take()
}

/// Asserts that the first error has this code and contains this text.
#[track_caller]
fn refused(answer: &Answer, code: u64, text: &str) {
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("no error: {answer:?}"));
    assert_eq!(errors[0]["extensions"]["code"], code, "{answer:?}");
    assert!(errors[0].to_string().contains(text), "{text:?} is not in {answer:?}");
}

/// How many values the log says a client with this name was given.
fn reads(place: &Place, user: &str, program: &str) -> usize {
    let log = place.log(user);
    let is_read = |entry: &vault::log::Entry| {
        (entry.action, entry.outcome, &*entry.program) == (Action::Get, Outcome::Ok, program)
    };
    log.iter().filter(|line| is_read(&line.entry)).count()
}

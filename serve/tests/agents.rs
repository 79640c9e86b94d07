//! A server whose keys are at an agent that can't be reached, and one without a directory for sockets.

use crate::harness::{Place, Server};
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

/// What `vault serve --code` passes on if an agent has Mia's keys.
const AT_AGENT: &[&str] = &["--agent-of", "mia", "--code", "--json"];

/// Lets other users enter the directory of sockets, so that it can't be used.
fn open_to_others(place: &Place) {
    std::fs::set_permissions(place.runtime(), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_server_that_needs_an_agent_does_not_start_while_agents_are_off() {
    let place = Place::new();
    let mut command = place.command(AT_AGENT);
    command.env("VAULT_AGENT", "off");
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert_eq!(printed, "error: the agent is off\nhint: to use an agent: unset VAULT_AGENT\n");
}

#[test]
fn a_server_with_keys_of_its_own_does_not_need_agents() {
    let place = Place::new();
    let mut command = place.command(&[]);
    command.env("VAULT_AGENT", "off");
    Server::start(command).mia().get("/parse/users/me").ok();
}

#[test]
fn a_server_that_needs_an_agent_says_why_its_directory_is_unusable() {
    let place = Place::new();
    open_to_others(&place);
    let (code, printed) = place.fails(AT_AGENT);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("(XDG_RUNTIME_DIR): other users can enter it"), "{printed}");
    assert!(printed.contains("without the agent: VAULT_AGENT=off vault serve\n"), "{printed}");
}

#[test]
fn a_sign_in_says_whether_the_agent_has_stopped_or_its_directory_became_unusable() {
    let place = Place::new();
    let sign_in = |is_usable: bool| {
        std::fs::set_permissions(place.runtime(), Permissions::from_mode(0o700)).unwrap();
        let server = place.serve_with(AT_AGENT);
        if !is_usable {
            open_to_others(&place);
        }
        server.ask("POST", "/parse/login", &[], Some(&json!({ "code": server.details["code"] })))
    };
    sign_in(true).refused(209).says("the agent of mia has stopped").says("vault unlock");
    sign_in(false).refused(1).says("other users can enter it").says("VAULT_AGENT=off vault serve");
}

#[test]
fn a_server_without_a_directory_for_sockets_warns_and_runs() {
    let place = Place::new();
    open_to_others(&place);
    let server = place.serve();
    server.mia().get("/parse/users/me").ok();
    server.terminate();
    let (code, printed) = server.wait();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("warning: vault serve sessions won't find this server: "), "{printed}");
    assert!(printed.contains("other users can enter it"), "{printed}");
}

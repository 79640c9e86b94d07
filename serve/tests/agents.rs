//! A server whose keys are at an agent, which may be out of reach, and one without a directory for sockets.

use crate::harness::{Client, Place, Server};
use serde_json::json;
use std::fs::Permissions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use vault::agent::{Limits, Sockets};

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

/// An agent with Mia's keys, which is stopped when it is dropped.
struct Agent(Child);

impl Agent {
    /// The variable that makes this program an agent, with the directory for its socket.
    const DIRECTORY: &str = "VAULT_TEST_AGENT_DIRECTORY";

    /// Runs only this test in a new process, where it calls [`Agent::serve_if_asked`].
    fn start(place: &Place, this: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", this, "--nocapture"]).env(Self::DIRECTORY, place.runtime());
        let mut agent = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        place.session().hand_over().unwrap().write_to(&mut agent.stdin.take().unwrap()).unwrap();
        let printed = BufReader::new(agent.stdout.take().unwrap()).lines();
        assert!(printed.map_while(Result::ok).any(|line| line == "ready"), "no agent");
        Self(agent)
    }

    /// Serves with the keys from standard input if this is the agent's process. Returns whether it is.
    fn serve_if_asked() -> bool {
        let Some(directory) = std::env::var_os(Self::DIRECTORY) else { return false };
        let sockets = Sockets::new(Path::new(&directory)).unwrap();
        let ready = |_| std::io::stdout().write_all(b"\nready\n").unwrap();
        vault::agent::serve(&sockets, std::io::stdin(), Path::new("secrets.vault"), Limits::USUAL, ready, || {
            std::process::exit(0)
        })
        .unwrap();
        true
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn with_the_keys_at_an_agent_items_are_changed_and_users_are_not() {
    if Agent::serve_if_asked() {
        return;
    }
    let place = Place::new();
    let _agent = Agent::start(&place, "agents::with_the_keys_at_an_agent_items_are_changed_and_users_are_not");
    let server = place.serve_with(AT_AGENT);
    let signed_in = server.ask("POST", "/parse/login", &[], Some(&json!({ "code": server.details["code"] }))).ok();
    let mia = Client { server: &server, token: signed_in["sessionToken"].as_str().unwrap().to_owned() };
    let before = std::fs::read(place.vault()).unwrap();
    for (function, fields) in [
        ("addUser", json!({ "username": "eva" })),
        ("removeUser", json!({ "username": "noah" })),
        ("setRole", json!({ "username": "noah", "role": "admin" })),
        ("grant", json!({ "username": "noah", "environment": "prod", "right": "read" })),
        ("grant", json!({ "username": "noah", "environment": "dev", "right": "none" })),
    ] {
        let refused = mia.ask("POST", &format!("/parse/functions/{function}"), Some(&fields)).refused(119);
        refused.says("signed with your keys, which the agent doesn't give away").says("sign in with your passphrase");
    }
    assert!(std::fs::read(place.vault()).unwrap() == before);
    let item = json!({ "environment": "dev", "name": "NEW", "value": "1" });
    mia.ask("POST", "/parse/classes/Secret", Some(&item)).ok();
    assert!(std::fs::read(place.vault()).unwrap() != before);
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

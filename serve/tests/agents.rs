//! A server whose keys are at an agent, which may be out of reach, and one without a directory for sockets.

use crate::harness::{Client, Place, Server};
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use vault::agent::{self, Limits, Program, Sockets};
use vault::log::Caller;

/// What `vault serve --code` passes on if an agent has Mia's keys.
const AT_AGENT: &[&str] = &["--agent-of", "mia", "--code", "--json"];

/// The argument that makes this program an agent, and that no test is named.
const BECOMES_AGENT: &str = "becomes-agent";

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

/// An agent with Mia's keys, which is stopped when it is dropped. This program starts it and becomes it, with nothing but
/// what every front end has.
struct Agent(u32);

impl Agent {
    /// Runs only the test of this name in a new process, where it calls [`Agent::run_if_asked`].
    fn start(place: &Place, this: &str) -> Self {
        let program = Program::this(["--exact", this, "--nocapture", "--test-threads=2", BECOMES_AGENT]).unwrap();
        let (sockets, session) = (Sockets::new(&place.runtime()).unwrap(), place.session());
        let warnings = session.start_agent(&program, &sockets, Limits::USUAL, &Caller::default()).unwrap();
        assert!(session.is_kept(&sockets), "{warnings:?}");
        let socket = sockets.of_user(&session.vault().id(), session.user()).unwrap();
        Self(Agent::at(&socket))
    }

    /// Returns the process of the agent at a socket.
    fn at(socket: &Path) -> u32 {
        agent::Client::connect(socket).unwrap().unwrap().status().pid
    }

    /// Becomes the agent if this process was started for that.
    fn run_if_asked() {
        let given: Vec<_> = std::env::args_os().skip_while(|argument| argument != BECOMES_AGENT).skip(1).collect();
        if !given.is_empty() {
            agent::run(&given).unwrap();
            std::process::exit(0);
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let process = rustix::process::Pid::from_raw(self.0.try_into().unwrap()).unwrap();
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
    }
}

/// Checks that the agent has nothing of its starter and that nobody looks into it.
fn assert_is_hardened(process: u32) {
    let about = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}"));
    let (limits, status) = (about("limits").unwrap(), about("stat").unwrap());
    let core: Vec<_> = limits.lines().find(|line| line.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    // After the name: state, parent, process group, session (proc(5)).
    let (_, fields) = status.rsplit_once(") ").unwrap();
    assert_eq!(fields.split(' ').nth(3), Some(&*process.to_string()), "it has a session of its own");
    // A process that can be dumped has its files in /proc, and root has those of every other one.
    let owner = std::fs::metadata(format!("/proc/{process}/fd")).unwrap().uid();
    assert_eq!(owner, 0);
    if let Ok(environment) = about("environ") {
        assert_eq!(environment.split('\0').filter(|variable| !variable.is_empty()).count(), 1);
    }
}

#[test]
fn with_the_keys_at_an_agent_items_are_changed_and_users_are_not() {
    Agent::run_if_asked();
    let place = Place::new();
    let agent = Agent::start(&place, "agents::with_the_keys_at_an_agent_items_are_changed_and_users_are_not");
    if cfg!(target_os = "linux") {
        assert_is_hardened(agent.0);
    }
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

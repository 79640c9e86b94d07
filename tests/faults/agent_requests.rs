//! I: which requests a command sends to an agent, and how it handles answers that are not the agent's.

use crate::harness::{Sandbox, finish};
use crate::unlocked::{PROTOCOL, Unlocked};
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Changes an answer to a request with this verb. The first byte of an answer says whether the request succeeded.
type Change = fn(&str, Vec<u8>) -> Vec<u8>;

/// Relays between an agent and its clients until it is dropped, and records the verbs of all requests.
struct Relay {
    socket: PathBuf,
    behind: PathBuf,
    verbs: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    fn before(vault: &Unlocked) -> Self {
        Self::changing(vault, |_, answer| answer)
    }

    fn changing(vault: &Unlocked, change: Change) -> Self {
        Self::at(vault.socket(), change)
    }

    fn at(socket: PathBuf, change: Change) -> Self {
        let (behind, verbs) = (socket.with_extension("behind"), Arc::new(Mutex::new(Vec::new())));
        std::fs::rename(&socket, &behind).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        std::fs::set_permissions(&socket, Permissions::from_mode(0o600)).unwrap();
        let (recorded, agent) = (Arc::clone(&verbs), behind.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (recorded, agent) = (Arc::clone(&recorded), UnixStream::connect(&agent).unwrap());
                std::thread::spawn(move || pass_on(client, agent, &recorded, change));
            }
        });
        Self { socket, behind, verbs }
    }

    /// The verbs since the last call.
    fn verbs(&self) -> Vec<String> {
        std::mem::take(&mut self.verbs.lock().unwrap())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        std::fs::rename(&self.behind, &self.socket).unwrap();
    }
}

fn pass_on(mut client: UnixStream, mut agent: UnixStream, verbs: &Mutex<Vec<String>>, change: Change) {
    while let Some(request) = frame(&mut client) {
        let verb = match serde_json::from_slice(&request).unwrap() {
            serde_json::Value::String(verb) => verb,
            serde_json::Value::Object(fields) => fields.keys().next().unwrap().clone(),
            other => panic!("{other}"),
        };
        verbs.lock().unwrap().push(verb.clone());
        send_frame(&mut agent, &request);
        let Some(answer) = frame(&mut agent) else { return };
        send_frame(&mut client, &change(&verb, answer));
    }
}

/// The payload of the next frame, without the protocol number.
fn frame(stream: &mut UnixStream) -> Option<Vec<u8>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    assert_eq!(head[4], PROTOCOL);
    let mut payload = vec![0; u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize - 1];
    stream.read_exact(&mut payload).ok()?;
    Some(payload)
}

fn send_frame(stream: &mut UnixStream, payload: &[u8]) {
    let length = u32::try_from(payload.len() + 1).unwrap().to_be_bytes();
    // A client may be gone before it has read the answer.
    let _ = stream.write_all(&[&length[..], &[PROTOCOL], payload].concat());
}

/// An unlocked vault whose file, log and names this device has seen.
fn warm() -> Unlocked {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    vault.run(&["exec", "--", "true"]).ok();
    vault
}

#[test]
fn a_command_that_reads_one_environment_sends_one_request() {
    let vault = warm();
    let relay = Relay::before(&vault);
    for command in [
        &["exec", "--", "true"][..],
        &["get", "TOKEN"],
        &["get", "dev/TOKEN"],
        &["get", "-e", "dev", "TOKEN", "--json"],
        &["list"],
        &["history", "TOKEN"],
        &["export"],
    ] {
        vault.run(command).ok();
        assert_eq!(relay.verbs(), ["begin"], "{command:?}");
    }
    // A second environment needs a second request.
    finish(vault.command(&["env", "add", "prod"])).ok();
    vault.run(&["exec", "-e", "dev", "-e", "prod", "--", "true"]).ok();
    relay.verbs();
    vault.run(&["exec", "-e", "dev", "-e", "prod", "--", "true"]).ok();
    assert_eq!(relay.verbs(), ["begin", "open"]);
}

#[test]
fn a_file_that_this_device_has_not_seen_is_verified_before_the_agent_opens_anything() {
    let vault = warm();
    let honest = std::fs::read_to_string(vault.sandbox.vault()).unwrap();
    finish(vault.command(&["set", "--kind", "variable", "PORT=3000"])).ok();
    let newer = std::fs::read_to_string(vault.sandbox.vault()).unwrap();
    let relay = Relay::before(&vault);
    let (_, signature) = newer.rsplit_once("signature = \"").unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = newer.replace(signature, &format!("{other}{}", &signature[1..]));
    for (file, why) in [(&forged, "is not signed by"), (&honest, "at version")] {
        std::fs::write(vault.sandbox.vault(), file).unwrap();
        vault.run(&["get", "TOKEN"]).fails(6).says(why);
        let verbs = relay.verbs();
        assert!(!verbs.iter().any(|verb| verb == "begin" || verb == "open"), "{why}: {verbs:?}");
    }
    std::fs::write(vault.sandbox.vault(), newer).unwrap();
    vault.run(&["get", "TOKEN"]).ok();
    assert_eq!(relay.verbs(), ["begin"]);
}

#[test]
fn without_the_right_to_read_the_agent_opens_nothing_and_the_refusal_is_logged() {
    let vault = Unlocked::around(Sandbox::with_vault());
    vault.sandbox.set("TOKEN", b"hunter2");
    finish(vault.command(&["env", "add", "prod"])).ok();
    let key = finish(vault.command(&["user", "add", "ben", "--read", "prod"])).ok().text();
    vault.unlock_with("VAULT_KEY", key.trim()).ok().says("as ben");
    vault.run(&["exec", "-e", "prod", "--", "true"]).ok();
    let relay = Relay::before(&vault);
    vault.run(&["get", "dev/TOKEN"]).fails(5).says("ben may not read dev");
    assert_eq!(relay.verbs(), ["status"]);
    let log = vault.run(&["log", "--json", "--action", "get"]).ok().text();
    assert!(log.contains("\"outcome\":\"denied\""), "{log}");
}

#[test]
fn n9_an_agent_opens_nothing_of_a_different_vault_at_this_path() {
    let (vault, mut other) = (warm(), Unlocked::new());
    other.runtime.clone_from(&vault.runtime);
    let before = vault.socket();
    other.unlock(&[]).ok();
    other.run(&["exec", "--", "true"]).ok();
    let sockets = std::fs::read_dir(vault.runtime.join("vault")).unwrap().map(|entry| entry.unwrap().path());
    let is_others = |path: &PathBuf| path.extension().is_some_and(|end| end == "sock") && *path != before;
    let relay = Relay::at(sockets.into_iter().find(is_others).unwrap(), |_, answer| answer);
    std::fs::copy(other.sandbox.vault(), vault.sandbox.vault()).unwrap();
    vault.run(&["get", "TOKEN"]).fails(6).says("this is not the vault that this device has seen at this path");
    assert_eq!(relay.verbs(), ["status"]);
}

#[test]
fn an_invalid_answer_gives_no_value_and_an_error() {
    let vault = warm();
    let on_begin: [(Change, i32, &str); 5] = [
        (|_, answer| answer[..10].to_vec(), 1, "the agent's status can't be read"),
        (|_, _| vec![1, 16], 1, "the agent's status can't be read"),
        (|_, _| vec![1], 1, "the agent's status can't be read"),
        (|_, _| Vec::new(), 1, "the agent's answer can't be read"),
        (|_, _| b"\0no".to_vec(), 1, "the agent refuses: no"),
    ];
    for (change, code, why) in on_begin {
        let _relay = Relay::changing(&vault, change);
        let run = vault.run(&["get", "TOKEN"]).fails(code).says(why);
        assert!(run.stdout.is_empty(), "{run:?}");
    }
    vault.run(&["get", "TOKEN"]).ok();
}

#[test]
fn a_wrong_file_key_opens_nothing_and_the_failure_is_logged() {
    let vault = warm();
    let relay = Relay::changing(&vault, |verb, mut answer| {
        if verb == "begin" {
            answer[2] ^= 1;
        }
        answer
    });
    let run = vault.run(&["get", "TOKEN"]).fails(6).says("environment dev");
    assert!(run.stdout.is_empty(), "{run:?}");
    drop(relay);
    let log = vault.run(&["log", "--json", "--action", "get"]).ok().text();
    assert!(log.contains("\"outcome\":\"failed\""), "{log}");
}

#[test]
fn a_file_key_in_an_answer_about_other_keys_is_not_used() {
    let vault = warm();
    let _relay = Relay::changing(&vault, |verb, answer| match verb {
        "begin" => {
            let status = String::from_utf8(answer[18..].to_vec()).unwrap();
            let status = status.replace("\"recipient\":\"age1", "\"recipient\":\"age2");
            [&answer[..18], status.as_bytes()].concat()
        }
        _ => answer,
    });
    let run = vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    assert!(run.stdout.is_empty(), "{run:?}");
}

#[test]
fn an_agent_that_omits_the_file_key_is_asked_for_it_separately() {
    let vault = warm();
    let relay = Relay::changing(&vault, |verb, answer| match verb {
        "begin" => [&[1, 0], &answer[18..]].concat(),
        _ => answer,
    });
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    assert_eq!(relay.verbs(), ["begin", "open"]);
}

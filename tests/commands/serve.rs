//! `vault serve` runs the server, which is a separate program in the same directory, and passes its options on.

use crate::harness::{Sandbox, finish, program};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use vault::agent::Sockets;
use vault::identity::Hash;
use vault::serving::{self, Request, Server, SignedIn};

/// The program under test, alone in a directory.
fn alone(sandbox: &Sandbox) -> PathBuf {
    let own = sandbox.home().join("vault");
    if std::fs::hard_link(program(), &own).is_err() {
        std::fs::copy(program(), &own).unwrap();
    }
    own
}

/// A fake server. It prints its arguments, vault's variables, and what it reads from the descriptor.
const SERVER: &str = r#"#!/bin/sh
echo "$*"
env | grep ^VAULT_KEY
while [ $# -gt 0 ]; do [ "$1" = --keys-fd ] && eval "grep user: <&$2"; shift; done
"#;

#[test]
fn without_the_server_program_the_error_says_where_it_belongs() {
    let sandbox = Sandbox::with_vault();
    let own = alone(&sandbox);
    // A program in PATH is not used, because it would be given keys.
    let elsewhere = sandbox.project().join("vault-serve");
    std::fs::write(&elsewhere, SERVER).unwrap();
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = sandbox.other(own.to_str().unwrap(), ["serve", "--code"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.project().display()));
    finish(command).fails(1).says("vault-serve").says("cargo install --path serve");
}

#[test]
fn a_second_environment_is_refused_before_the_server_gets_any_keys() {
    let sandbox = Sandbox::with_vault();
    let run = sandbox.run(["serve", "--code", "-e", "dev", "-e", "prod"]);
    run.fails(2).says("this command takes one environment").says("-e");
}

#[test]
fn the_server_program_gets_the_options_and_only_with_code_the_keys() {
    let sandbox = Sandbox::with_vault();
    let own = alone(&sandbox);
    let server = own.with_file_name("vault-serve");
    std::fs::write(&server, SERVER).unwrap();
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |arguments: &[&str]| finish(sandbox.other(own.to_str().unwrap(), arguments)).ok().text();
    let vault = sandbox.vault().canonicalize().unwrap();
    let plain = run(&["serve", "-e", "dev", "--listen", "127.0.0.1:0", "--allow-origin", "http://localhost:3000"]);
    let rest = plain.strip_prefix("--vault ").unwrap();
    assert!(rest.ends_with(" -e dev --listen 127.0.0.1:0 --allow-origin http://localhost:3000\n"), "{plain}");
    assert!(PathBuf::from(rest.split(' ').next().unwrap()).canonicalize().unwrap() == vault, "{plain}");
    let with_keys = run(&["serve", "--code", "--for", "1h", "--json"]);
    assert!(with_keys.contains("--for 3600s --code --json --keys-fd "), "{with_keys}");
    assert!(with_keys.ends_with("# user: mia\n"), "{with_keys}");
    assert!(!with_keys.contains("VAULT_KEY"), "{with_keys}");
    // That keys were handed over is logged even if nobody uses the code.
    assert!(sandbox.run(["log", "-n", "1"]).ok().text().contains("unlock"));
}

/// A fake server that reports one open session and ends it on request.
fn serve_one_session(sandbox: &Sandbox, vault: Hash) -> PathBuf {
    let sockets = Sockets::new(&sandbox.runtime()).unwrap();
    let (listener, path) = serving::listen(&sockets, &vault).unwrap();
    std::thread::spawn(move || {
        let session = SignedIn {
            id: "3f9a01c2".to_owned(),
            user: "mia".to_owned(),
            client: "shop".to_owned(),
            begun: 600_000,
            used: 5_000,
            idle_in: 895_000,
            ends_in: 3_000_000,
        };
        let mut open = vec![session];
        while let Ok((stream, _)) = listener.accept() {
            let _ = serving::answer(&stream, |request| {
                let is_meant = |one: &SignedIn| match &request {
                    Request::List => false,
                    Request::End(id) => one.id == *id,
                    Request::EndAll => true,
                };
                let (ended, sessions) = open.drain(..).partition(is_meant);
                open.clone_from(&sessions);
                let (path, address) = ("/a/secrets.vault".to_owned(), "http://127.0.0.1:1".to_owned());
                Server { vault, path, address, pid: 1, sessions, ended }
            });
        }
    });
    path
}

#[test]
fn serve_sessions_lists_and_ends_sessions() {
    // This needs no vault, and nothing that unlocks one.
    let sandbox = Sandbox::empty();
    assert_eq!(sandbox.run(["serve", "sessions"]).ok().text(), "No server is running.\n");
    serve_one_session(&sandbox, Hash::of(b"a vault"));
    let shown = sandbox.run(["serve", "sessions"]).ok().text();
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0].join(" "), "http://127.0.0.1:1 · /a/secrets.vault · process 1");
    assert_eq!(lines[2].join(" "), "3f9a01c2 mia shop 10 min ago 5 s ago 15 min 50 min");
    let json = sandbox.run(["serve", "sessions", "--json"]).ok().json();
    assert_eq!(
        (&json[0]["address"], &json[0]["sessions"][0]["program"]),
        (&"http://127.0.0.1:1".into(), &"shop".into())
    );
    sandbox.run(["serve", "sessions", "--end", "ffffffff"]).fails(3).says("no session \"ffffffff\"");
    sandbox.run(["serve", "sessions", "--end", "3f9a01c2"]).ok().says("1 session ended");
    assert!(sandbox.run(["serve", "sessions"]).ok().text().ends_with(": nobody is signed in\n"));
    sandbox.run(["serve", "sessions", "--end-all"]).ok().says("0 sessions ended");
}

#[test]
fn status_and_doctor_show_the_address_of_the_server() {
    let sandbox = Sandbox::with_vault();
    serve_one_session(&sandbox, Hash::of(b"another vault"));
    let status = || sandbox.run(["status"]).ok().text();
    let doctor = || sandbox.run(["doctor"]).text();
    assert!(!status().contains("served") && !doctor().contains("served"));
    let settings = vault::vault::Settings::at(sandbox.state());
    let id = vault::vault::Vault::open(&sandbox.vault(), &settings).unwrap().id();
    let socket = serve_one_session(&sandbox, id);
    assert!(status().contains("served at http://127.0.0.1:1"), "{}", status());
    let printed = doctor();
    let line = printed.lines().find(|line| line.contains("served at")).unwrap_or_else(|| panic!("{printed}"));
    assert!(line.starts_with("note") && line.contains("http://127.0.0.1:1 by process 1: 1 session"), "{line}");
    assert!(line.ends_with("vault serve sessions"), "{line}");
    sandbox.run(["serve", "sessions", "--end-all"]).ok();
    assert!(doctor().contains("nobody is signed in"));
    std::fs::remove_file(socket).unwrap();
    assert!(!status().contains("served"));
}

//! I: where the agent listens, what it answers, and how it ends.

use super::access_log::log_directory;
use crate::harness::{finish, program};
use crate::unlocked::{PROTOCOL, Unlocked, key_forms, lives, send, until};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[test]
fn c6_twenty_unlocks_at_once_leave_one_agent() {
    let vault = Unlocked::new();
    let mut running: Vec<_> = (0..20).map(|_| vault.command(&["unlock"]).spawn().unwrap()).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    let directory = vault.runtime.to_str().unwrap().to_owned();
    let agents = || {
        let processes =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_agent = |process: &String| {
            let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let environment = std::fs::read_to_string(format!("/proc/{process}/environ")).unwrap_or_default();
            line.windows(15).any(|window| window == b"\0agent-process\0") && environment.contains(&directory)
        };
        processes.filter(is_agent).count()
    };
    if rustix::process::geteuid().is_root() {
        until("all agents but one end", || agents() == 1);
    }
    assert!(lives(vault.agent()));
}

#[test]
fn l14_changes_of_users_and_rights_ask_again_and_the_agent_signs_none() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    for command in [
        &["env", "add", "prod"][..],
        &["env", "rm", "dev"],
        &["user", "add", "ben", "--read", "dev"],
        &["user", "rm", "-y", "mia"],
        &["user", "role", "mia", "member"],
        &["grant", "mia", "read", "dev"],
        &["revoke", "mia", "dev"],
        &["passwd", "--key"],
        &["recovery"],
        &["log", "export"],
    ] {
        vault.run(command).fails(4).says("nobody has a passphrase here");
    }
    for verb in ["sign-roster", "sign", "identity", "export"] {
        let answer = vault.ask(PROTOCOL, &format!("{{\"{verb}\":{{\"name\":\"dev\"}}}}"));
        assert_eq!(answer, b"\0it is not a request", "{verb}");
    }
}

#[test]
fn i11_no_answer_contains_the_key() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let status = String::from_utf8(vault.ask(PROTOCOL, "\"status\"")).unwrap();
    let fields: Vec<String> =
        serde_json::from_str::<serde_json::Map<_, _>>(&status[1..]).unwrap().keys().cloned().collect();
    let expected =
        ["vault", "path", "user", "recipient", "verifying_key", "roster", "ends_in", "idle_in", "idle", "pid"];
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        names
    };
    let mut fields = fields;
    fields.sort_unstable();
    assert_eq!(fields, sorted(&expected));
    let vault_id = serde_json::from_str::<serde_json::Value>(&status[1..]).unwrap()["vault"].clone();
    let open = |vault: &str, stanzas: &str| {
        format!("{{\"open\":{{\"vault\":\"{vault}\",\"likely\":0,\"is_use\":true,\"stanzas\":[{stanzas}]}}}}")
    };
    assert_eq!(vault.ask(PROTOCOL, &open(&"0".repeat(64), "")), b"\0it holds keys of another vault");
    let (id, hash) = (vault_id.as_str().unwrap(), "0".repeat(64));
    let sign = format!(
        "{{\"sign-environment\":{{\"name\":\"dev\",\"version\":9,\"previous\":[],\"ancestors\":\"\",\"roster\":{{\"version\":1,\"hash\":\
         \"{hash}\"}},\"time\":\"2026-11-25T00:00:00Z\",\"data\":\"{hash}\"}}}}"
    );
    let keys = key_forms(&vault);
    let real = own_stanza(&vault);
    let mut lengths = Vec::new();
    for request in [&open(id, ""), &open(id, &real), &sign, "\"status\"", "\"lock\""] {
        let answer = vault.ask(PROTOCOL, request);
        assert_eq!(answer.first(), Some(&1), "{request}: {}", String::from_utf8_lossy(&answer));
        for key in &keys {
            assert!(!answer.windows(key.len()).any(|window| window == key), "{request}");
        }
        lengths.push(answer.len() - 1);
    }
    assert_eq!(lengths[..3], [0, 16, 88], "no key, a file's key, a signature");
}

/// Returns the first stanza of the first environment's age file, as a request has it.
fn own_stanza(vault: &Unlocked) -> String {
    let text = std::fs::read_to_string(vault.sandbox.vault()).unwrap();
    let armor = text.split("-----BEGIN AGE ENCRYPTED FILE-----").last().unwrap();
    let armor = armor.split("-----END").next().unwrap().replace('\n', "");
    let file = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, armor).unwrap();
    let header = String::from_utf8_lossy(&file);
    let mut lines = header.lines().skip_while(|line| !line.starts_with("-> X25519 "));
    let share = lines.next().unwrap().trim_start_matches("-> X25519 ");
    format!("{{\"tag\":\"X25519\",\"args\":[\"{share}\"],\"body\":\"{}\"}}", lines.next().unwrap())
}

#[test]
fn i3_a_runtime_directory_that_others_can_enter_is_not_used() {
    let vault = Unlocked::new();
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o755)).unwrap();
    vault.unlock(&[]).fails(1).says("other users can enter it");
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o700)).unwrap();
    let link = vault.sandbox.home().join("link");
    std::os::unix::fs::symlink(&vault.runtime, &link).unwrap();
    vault.unlock_with("XDG_RUNTIME_DIR", &link).fails(1).says("a link");
    let behind = format!("{}/", link.display());
    vault.unlock_with("XDG_RUNTIME_DIR", behind).fails(1).says("a link").says("XDG_RUNTIME_DIR");
    vault.unlock_with("XDG_RUNTIME_DIR", "run").fails(1).says("it is not an absolute path").says("XDG_RUNTIME_DIR");
}

#[test]
fn i3_nor_is_an_accessible_directory_or_socket_of_the_agent() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let (own, socket) = (vault.runtime.join("vault"), vault.socket());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&own), mode(&socket)), (0o700, 0o600));
    std::fs::set_permissions(&socket, Permissions::from_mode(0o666)).unwrap();
    vault.run(&["get", "TOKEN"]).fails(6).says("may be able to connect").says("vault lock --all");
    vault.run(&["lock", "--all"]).ok().says("Locked.");
    std::fs::set_permissions(&own, Permissions::from_mode(0o755)).unwrap();
    vault.unlock(&[]).fails(1).says("other users can enter it");
    std::fs::remove_dir_all(&own).unwrap();
    std::os::unix::fs::symlink(vault.sandbox.home(), &own).unwrap();
    vault.unlock(&[]).fails(1).says("a link");
    std::fs::remove_file(&own).unwrap();
}

#[test]
fn i4_a_path_too_long_for_a_socket_is_an_error() {
    let mut vault = Unlocked::new();
    vault.runtime = vault.sandbox.home().join("x".repeat(120));
    std::fs::create_dir(&vault.runtime).unwrap();
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o700)).unwrap();
    vault.unlock(&[]).fails(1).says("is too long for a socket");
    // Commands without an agent don't need a socket.
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    vault.run(&["status"]).ok();
    vault.run(&["lock"]).ok().says("No agent listens in ");
}

#[test]
fn i5_killing_the_agent_locks_the_vault_and_its_socket_is_replaced() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    send("KILL", agent);
    until("the agent ends", || !lives(agent));
    assert!(vault.socket().exists());
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    vault.unlock(&[]).ok();
    vault.run(&["get", "TOKEN"]).ok();
}

#[test]
fn a_signal_stops_the_agent_even_if_its_parent_ignored_the_signal() {
    let vault = Unlocked::new();
    for signal in ["TERM", "HUP", "INT"] {
        let script = format!("trap '' {signal}; exec '{}' unlock", program().display());
        finish(vault.other("sh", &["-c", &script])).ok();
        let (agent, socket) = (vault.agent(), vault.socket());
        send(signal, agent);
        until("the agent ends", || !lives(agent));
        assert!(!socket.exists(), "{signal}");
    }
}

#[test]
fn i7_an_unused_agent_ends_and_status_does_not_count_as_use() {
    let vault = Unlocked::new();
    vault.unlock(&["--idle", "4s"]).ok();
    let agent = vault.agent();
    until("the agent ends though its status is asked for", || {
        vault.run(&["status"]).ok();
        !lives(agent)
    });
    vault.run(&["get", "TOKEN"]).fails(4);
    vault.unlock(&["--for", "1s"]).ok().says("for 1s");
    let agent = vault.socket();
    until("it ends though it is asked again and again", || {
        vault.run(&["status"]).ok();
        !agent.exists()
    });
    vault.run(&["get", "TOKEN"]).fails(4);
}

#[test]
fn i10_i12_the_agent_dumps_no_core_and_its_keys_are_not_swapped() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    let proc = |file: &str| std::fs::read_to_string(format!("/proc/{agent}/{file}"));
    let limits = proc("limits").unwrap();
    let core: Vec<_> = limits.lines().find(|line| line.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    // The process isn't dumpable, so the rest of /proc belongs to root.
    if let Ok(maps) = proc("smaps") {
        let kept = maps.lines().filter_map(|line| line.strip_prefix("VmFlags:"));
        assert!(kept.into_iter().any(|flags| flags.contains(" lo") && flags.contains(" dd")), "{maps}");
        assert_eq!(proc("environ").unwrap().split('\0').filter(|variable| !variable.is_empty()).count(), 1);
    }
    let status = proc("status").unwrap();
    assert!(
        status.lines().any(|line| line.starts_with("PPid:") && !line.ends_with(&format!("\t{}", std::process::id())))
    );
    assert_eq!(std::fs::read_link(format!("/proc/{agent}/cwd")).unwrap_or_else(|_| "/".into()), Path::new("/"));
}

#[test]
fn the_log_can_continue_in_a_new_segment_with_only_the_agent() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let segments = || std::fs::read_dir(log_directory(&vault.sandbox)).unwrap().count() - 1;
    let before = segments();
    // From here on, another admin can open the log.
    vault.sandbox.run(["user", "add", "ada", "--admin"]).ok();
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    assert_eq!(segments(), before + 1);
    // The same on a device that has no log yet.
    let mut elsewhere = vault.command(&["get", "TOKEN"]);
    elsewhere.env_remove("VAULT_KEY").env("VAULT_STATE_DIR", vault.sandbox.home().join("other"));
    assert_eq!(finish(elsewhere).ok().text(), "hunter2");
    vault.run(&["log", "verify"]).ok();
    vault.sandbox.run(["log", "verify"]).ok();
    vault.run(&["lock"]).ok();
}

#[test]
fn n9_an_agents_keys_for_another_vault_are_not_used_at_a_known_path() {
    let (vault, mut other) = (Unlocked::new(), Unlocked::new());
    other.runtime.clone_from(&vault.runtime);
    vault.unlock(&[]).ok();
    other.unlock(&[]).ok();
    // Somebody who can write to the checkout puts another project's vault of the same user there, or a link to it.
    let honest = std::fs::read(vault.sandbox.vault()).unwrap();
    let path = vault.sandbox.vault();
    std::fs::copy(other.sandbox.vault(), &path).unwrap();
    vault.run(&["exec", "--", "true"]).fails(125).says("this is not the vault that this device has seen at this path");
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(other.sandbox.vault(), &path).unwrap();
    vault.run(&["get", "TOKEN"]).fails(6).says("this is not the vault that this device has seen at this path");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, honest).unwrap();
    vault.run(&["exec", "--", "true"]).ok();
    vault.run(&["lock", "--all"]).ok();
}

//! `unlock` and `lock`, and the agent that they start and stop.

mod elsewhere;
mod needs;
mod several;

use crate::harness::{Sandbox, finish, has, program};
use crate::unlocked::{Unlocked, lives, shown_after_passphrase, until};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

#[test]
fn after_one_unlock_every_command_works_until_lock() {
    let vault = Unlocked::new();
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    vault.unlock(&["--for", "8h"]).ok().says("as mia for 8h. `vault lock` ends it.");
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    vault.run(&["set", "--kind", "variable", "NEW=1"]).ok();
    assert_eq!(vault.run(&["exec", "--", "printenv", "NEW"]).ok().text(), "1\n");
    let status = vault.run(&["status", "--json"]).ok().json();
    assert_eq!((&status["user"], &status["agent"]["idleLimit"]), (&"mia".into(), &(8 * 3600).into()));
    let directory = vault.runtime.join("vault");
    assert_eq!(status["agent"]["directory"], directory.to_str().unwrap());
    assert!(!vault.run(&["status"]).ok().stderr.contains("warning"));
    assert!(vault.run(&["status"]).ok().text().contains("unlocked as mia, 8 h left (agent "));
    let agent = vault.agent();
    vault.run(&["lock"]).ok().says("Locked.");
    until("the agent ends", || !lives(agent));
    vault.run(&["get", "TOKEN"]).fails(4);
    vault.run(&["lock"]).ok().says("No agent listens in ");
    let mut nowhere = vault.command(&["lock"]);
    finish({
        nowhere.current_dir("/");
        nowhere
    })
    .fails(3)
    .says("vault lock --all");
    for off in ["off", "0", "No"] {
        vault.unlock_with("VAULT_AGENT", off).fails(2).says("the agent is off");
    }
    vault.unlock(&[]).ok().says("for 1h, or until unused for 15m");
    let (held, status) = vault.held_for();
    assert!((3500..=3600).contains(&held), "{status}");
    let log = vault.run(&["log", "--json"]).ok().text();
    vault.run(&["log", "verify"]).ok();
    let mut exposure = vault.run(&["exposure", "mia", "--json"]).ok().json();
    assert!(exposure.as_array_mut().is_some_and(|items| !items.is_empty()), "{exposure}");
    for action in ["unlock", "get", "set", "exec", "lock"] {
        assert!(log.contains(&format!("\"action\":\"{action}\"")), "{action}: {log}");
    }
    vault.sandbox.run(["log", "verify"]).ok();
}

#[test]
fn a_stopped_agent_is_logged_with_the_reason_whatever_stops_it() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let stops = || {
        let log = vault.sandbox.run(["log", "--json", "-n", "20"]).ok().text();
        let entries = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let stops = entries.filter(|entry| entry["action"] == "lock");
        stops.map(|entry| entry["reason"].as_str().unwrap_or("none").to_owned()).collect::<Vec<_>>()
    };
    let before = stops().len();
    vault.unlock(&["--for", "2h", "--reason", "longer"]).ok();
    vault.run(&["lock", "--reason", "lunch"]).ok();
    assert_eq!(stops()[before..], ["longer", "lunch"]);
}

#[test]
fn unlock_prints_the_end_time_and_restarts_the_idle_time() {
    let vault = Unlocked::new();
    vault.unlock(&["--for", "2h", "--idle", "30m"]).ok().says("as mia for 2h, or until unused for 30m");
    let times = || {
        let status = vault.run(&["status", "--json"]).ok().json();
        let moment = |field: &str| vault::time::Time::parse(status["agent"][field].as_str().unwrap()).unwrap().utc();
        (moment("heldUntil"), moment("idleUntil"), status["agent"]["pid"].clone())
    };
    let (held, idle, agent) = times();
    std::thread::sleep(Duration::from_millis(2_100));
    let printed = vault.run(&["unlock"]).ok();
    // Between the two runs, the minute may have changed, or the day, which is shown with its date.
    let ends = [held, held + chrono::TimeDelta::minutes(1)];
    let shown = ends.iter().flat_map(|end| [end.format("%R").to_string(), end.format("%F %R").to_string()]);
    let before = "./secrets.vault is unlocked as mia until ";
    assert!(
        shown.into_iter().any(|time| printed.stderr.contains(&format!("{before}{time}, or until "))),
        "{printed:?}"
    );
    let printed =
        printed.says(" if it isn't used.").says("hint: to extend it, with the passphrase: vault unlock --for 8h");
    assert!(printed.stdout.is_empty());
    let (held_now, idle_now, agent_now) = times();
    assert_eq!(agent_now, agent);
    assert!(idle_now > idle, "{idle_now} {idle}");
    assert!((held_now - held).num_seconds().abs() <= 1, "a second unlock must not extend the total time");
    // Other limits need a new agent, and therefore the key.
    vault.unlock(&["--for", "8h"]).ok();
    assert_ne!(times().2, agent);
}

#[test]
fn a_command_run_by_exec_gets_nothing_of_the_agent() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    // The agent is reached over a socket. Other descriptors may be inherited from tests that run at the same time.
    let script = "env -u TOKEN -u _ | sort; ls -l /proc/self/fd | grep -c socket:";
    let mut without = vault.other("sh", &["-c", script]);
    without.env_remove("VAULT_KEY");
    assert_eq!(vault.run(&["exec", "--", "sh", "-c", script]).text(), finish(without).text());
}

#[test]
fn a_command_that_waits_longer_than_the_agents_request_timeout_still_works() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let run = |script: &str| {
        let script = script.replace("vault ", &format!("'{}' ", program().display()));
        let mut shell = vault.other("sh", &["-c", &script]);
        shell.env_remove("VAULT_KEY").spawn().unwrap()
    };
    let waiting =
        [run("(sleep 6; printf new) | vault set SLOW"), run("vault rotate TOKEN --command 'sleep 6; echo newer'")];
    for mut command in waiting {
        assert!(command.wait().unwrap().success());
    }
    assert_eq!(vault.run(&["get", "SLOW"]).ok().text(), "new");
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "newer");
}

#[test]
fn a_passphrase_prompt_starts_the_agent_unless_it_is_off() {
    let vault = Unlocked::with_passphrase();
    let ask = |agent: &str| {
        let mut list = vault.command(&["list"]);
        list.env("VAULT_AGENT", agent);
        shown_after_passphrase(list)
    };
    assert!(!ask("off").contains("Unlocked"));
    vault.run(&["list"]).fails(4);
    assert!(ask("").contains("Unlocked for 1h, or until unused for 15m. `vault lock` ends it."));
    vault.run(&["list"]).ok();
    let (held, status) = vault.held_for();
    assert!((3500..=3600).contains(&held) && status["agent"]["idleLimit"] == 900, "{status}");
    // Unlocking again leaves the running agent unchanged.
    let agent = vault.agent();
    let printed = shown_after_passphrase(vault.command(&["env", "add", "prod"]));
    assert!(printed.contains("Added prod") && !printed.contains("Unlocked"), "{printed}");
    assert_eq!(vault.agent(), agent);
    vault.run(&["lock"]).ok().says("Locked.");
    vault.run(&["list"]).fails(4).says("the vault is locked");
}

#[test]
fn a_command_run_after_a_prompt_does_not_inherit_the_agent_as_a_child() {
    if !has("python3") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let script =
        "import os\ntry: os.waitpid(-1, os.WNOHANG); print('a child')\nexcept ChildProcessError: print('no child')";
    let printed = shown_after_passphrase(vault.command(&["exec", "--", "python3", "-c", script]));
    assert!(printed.contains("Unlocked for 1h") && printed.contains("no child"), "{printed}");
}

#[test]
fn an_agent_of_another_version_gives_a_hint() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let answer = String::from_utf8(vault.ask(9, "\"status\"")).unwrap();
    assert!(answer.contains("another version"), "{answer}");
    vault.run(&["lock"]).ok();
    // An agent of a later version. The hint's command stops it.
    if !has("python3") {
        return;
    }
    let script = "import os, socket, sys\nos.umask(0o177)\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\n\
                  s.listen()\nwhile True:\n  c, _ = s.accept()\n  if c.recv(6): c.send(b'\\0\\0\\0\\2\\x09\\1')\n";
    let socket = vault.socket_of_nobody();
    let mut agent = Command::new("python3").args(["-c", script]).arg(&socket).spawn().unwrap();
    until("the agent of the future listens", || UnixStream::connect(&socket).is_ok());
    vault.run(&["get", "TOKEN"]).fails(1).says("another version").says("vault lock --all");
    assert_eq!(agent.try_wait().unwrap(), None);
    vault.run(&["lock", "--all"]).ok().says("Locked.");
    agent.wait().unwrap();
    vault.unlock(&[]).ok();
    vault.run(&["get", "TOKEN"]).ok();
}

#[test]
fn a_command_connects_to_the_agent_once() {
    if !has("strace") {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let mut traced = vault.other("strace", &["-f", "-e", "trace=connect", "-o", "trace"]);
    traced.arg(program()).args(["get", "TOKEN"]).env_remove("VAULT_KEY");
    assert_eq!(finish(traced).ok().text(), "hunter2");
    let trace = std::fs::read_to_string(vault.sandbox.project().join("trace")).unwrap();
    assert_eq!(trace.matches("connect(").count(), 1, "{trace}");
}

#[test]
fn commit_hooks_and_background_jobs_use_the_agent_and_say_how_to_unlock() {
    if !has("setsid") {
        return;
    }
    let Some(sandbox) = Sandbox::in_repository() else { return };
    sandbox.set("dev/TOKEN", b"hunter2");
    let vault = Unlocked::around(sandbox);
    let program = program().to_str().unwrap();
    let hook = vault.sandbox.write(
        ".git/hooks/pre-commit",
        "#!/bin/sh\n\"$VAULT\" exec -e dev -- sh -c 'printf %s \"$TOKEN\" >seen' && exec \"$VAULT\" scan --staged\n",
    );
    std::fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let commit = |message: &str| {
        let mut git = vault.other("setsid", &["-w", "git", "-c", "user.name=mia", "-c", "user.email=mia@example.com"]);
        git.args(["commit", "-q", "--allow-empty", "-m", message]);
        git.env_remove("VAULT_KEY").env("VAULT", program);
        finish(git)
    };
    vault.unlock(&["--for", "8h"]).ok();
    commit("unlocked").ok();
    assert_eq!(std::fs::read_to_string(vault.sandbox.project().join("seen")).unwrap(), "hunter2");
    vault.sandbox.write("leak", "hunter2");
    vault.sandbox.git(&["add", "leak"]).ok();
    assert_eq!(commit("leaking").code, 1);
    vault.run(&["lock"]).ok();
    assert_eq!(commit("locked").code, 1);
    assert_eq!(vault.sandbox.git(&["log", "--format=%s"]).ok().text(), "unlocked\n");
    // A job that has only the agent gets a hint.
    let locked = Unlocked::with_passphrase();
    let job = finish(locked.other("setsid", &["-w", program, "exec", "--", "true"])).fails(125);
    job.says("the vault is locked and there is no terminal to ask at: ./secrets.vault")
        .says("hint: in a terminal: vault unlock --for 8h; without one: set VAULT_KEY");
    finish(locked.other("setsid", &["-w", program, "user", "add", "ben"]))
        .fails(4)
        .says("(vault unlock is not enough)");
}

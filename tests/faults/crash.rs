//! A: the machine stops at any point.

use crate::forge::Forge;
use crate::harness::{Run, Sandbox, feed, finish, has, program};
use vault::roster::Change;

/// The system calls that change the disk or open a file to change. strace counts each of them separately.
const CALLS: [&str; 14] = [
    "openat",
    "open",
    "write",
    "pwrite64",
    "rename",
    "linkat",
    "fsync",
    "fdatasync",
    "fchmod",
    "unlink",
    "ftruncate",
    "mkdir",
    "flock",
    "fadvise64",
];

/// Runs the program under strace with this fault injection.
pub(super) fn inject(sandbox: &Sandbox, injection: &str, arguments: &[&str]) -> Run {
    inject_traced(sandbox, injection, arguments, "/dev/null")
}

fn inject_traced(sandbox: &Sandbox, injection: &str, arguments: &[&str], trace: &str) -> Run {
    let inject = format!("inject={injection}");
    let prefix = ["-f", "-o", trace, "-e", &inject, program().to_str().unwrap()];
    finish(sandbox.other("strace", [&prefix[..], arguments].concat()))
}

/// Kills the program at the first, second, ... of each of these system calls until it finishes. Checks the vault after
/// each run.
fn kill_everywhere(sandbox: &mut Sandbox, arguments: &[&str], check: impl Fn(&mut Sandbox, Run)) {
    let mut kills = 0;
    for call in CALLS {
        for when in 1.. {
            let run = inject(sandbox, &format!("{call}:signal=KILL:when={when}"), arguments);
            let finished = run.code == 0;
            check(sandbox, run);
            sandbox.run(["verify"]).ok();
            sandbox.run(["log", "verify"]).ok();
            if finished {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 20, "the injections hit only {kills} times");
}

#[test]
fn a1_a4_a5_a_kill_at_any_system_call_of_set_leaves_the_old_or_the_new_value() {
    if !has("strace") {
        return;
    }
    let mut sandbox = Sandbox::with_vault();
    sandbox.set("A", b"old");
    kill_everywhere(&mut sandbox, &["set", "--kind", "variable", "A=new"], |sandbox, _| {
        let value = sandbox.run(["get", "A"]).ok().text();
        assert!(value == "old" || value == "new", "{value:?}");
    });
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "new");
    let left: Vec<_> = std::fs::read_dir(sandbox.project()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secrets.vault"], "the last run must clean up");
}

#[test]
fn a2_a_kill_while_five_environments_are_re_encrypted_leaves_the_old_or_the_new_keys() {
    if !has("strace") {
        return;
    }
    let names = ["dev", "prod", "staging", "test", "ci"];
    let mut sandbox = Sandbox::with_environments(&names);
    names.iter().for_each(|name| sandbox.set(&format!("{name}/A"), name.as_bytes()));
    kill_everywhere(&mut sandbox, &["passwd", "--key"], |sandbox, run| {
        let old = sandbox.run(["get", "dev/A"]);
        if old.code != 0 {
            // The new key was shown before the old one stopped working.
            sandbox.use_key(run.text().trim());
        }
        for name in names {
            assert_eq!(sandbox.run(["get", &format!("{name}/A")]).ok().text(), name);
        }
    });
}

#[test]
fn a2_a_recovery_key_is_shown_before_the_file_that_it_opens_is_in_place() {
    if !has("strace") {
        return;
    }
    let mut sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    let (mut kills, mut changed) = (0, 0);
    for call in ["rename", "fsync", "write"] {
        for when in 1.. {
            let inject = format!("inject={call}:signal=KILL:when={when}");
            let prefix = ["-f", "-o", "/dev/null", "-e", &inject, program().to_str().unwrap()];
            let passwd = ["passwd", "--work-factor", "10", "--new-passphrase-fd", "0"];
            let run = feed(sandbox.other("strace", [&prefix[..], &passwd].concat()), b"owl-tram-fig-77-lamp-oslo");
            if sandbox.run(["get", "A"]).code != 0 {
                let key = run.stderr.lines().find(|line| line.trim().starts_with("AGE-")).unwrap_or_else(|| {
                    panic!("{call} {when}: nobody has seen the key of this file: {run:?}");
                });
                sandbox.use_key(key);
                assert_eq!(sandbox.run(["get", "A"]).ok().text(), "1");
                changed += 1;
            }
            if run.code == 0 {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 10 && changed > 3, "{kills} kills, {changed} of them after the change");
}

#[test]
fn a2_a_kill_while_a_user_is_removed_leaves_all_rights_or_none() {
    if !has("strace") {
        return;
    }
    let names = ["dev", "prod", "staging", "test", "ci"];
    let everywhere = names.join(",");
    let add = |sandbox: &Sandbox| sandbox.run(["user", "add", "ben", "--write", &everywhere]).ok().text();
    let mut sandbox = Sandbox::with_environments(&names);
    names.iter().for_each(|name| sandbox.set(&format!("{name}/A"), name.as_bytes()));
    let key = std::cell::RefCell::new(add(&sandbox));
    kill_everywhere(&mut sandbox, &["user", "rm", "-y", "ben"], |sandbox, _| {
        let forge = Forge::of(sandbox);
        let head = forge.head();
        let removed = matches!(forge.file.roster.last().unwrap().draft.change, Change::RemoveUser { .. });
        let renewed = forge.file.blocks.iter().filter(|block| block.statement.roster == head).count();
        assert!(renewed == names.len(), "{renewed} of {} are from after the last change", names.len());
        for name in names {
            let mut get = sandbox.command(["get", &format!("{name}/A")]);
            get.env("VAULT_KEY", key.borrow().trim());
            assert_eq!(finish(get).code, if removed { 4 } else { 0 });
        }
        if removed {
            key.replace(add(sandbox));
        }
    });
}

#[test]
fn a3_a_kill_during_init_leaves_no_vault_or_a_whole_one() {
    if !has("strace") {
        return;
    }
    let places = CALLS.iter().flat_map(|call| (1..4).map(move |when| (call, when)));
    for (call, when) in places {
        let sandbox = Sandbox::empty();
        let run = inject(&sandbox, &format!("{call}:signal=KILL:when={when}"), &["init", "--key"]);
        if sandbox.vault().exists() {
            sandbox.run(["verify"]).ok();
        } else {
            assert_ne!(run.code, 0, "{run:?}");
            sandbox.run(["init", "--key"]).ok();
        }
    }
}

#[test]
fn a6_a7_a_failing_disk_changes_nothing_and_leaves_no_temporary_file() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"old");
    let before = std::fs::read(sandbox.vault()).unwrap();
    for injection in ["fsync:error=EIO:when=1", "rename:error=EIO:when=2", "rename:error=ENOSPC:when=2"] {
        inject(&sandbox, injection, &["set", "--kind", "variable", "A=new"]).fails(1).says("cannot write");
        assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
        assert_eq!(std::fs::read_dir(sandbox.project()).unwrap().count(), 1, "{injection}");
        let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
        assert_eq!((&last["action"], &last["outcome"]), (&"set".into(), &"failed".into()), "{last}");
        assert!(last["note"].as_str().unwrap().starts_with("cannot write "), "{last}");
        assert_eq!(sandbox.run(["get", "A"]).ok().text(), "old");
    }
    // Without the change, there is nothing to undo, not even the change before it.
    sandbox.run(["undo"]).fails(1).says("mia has changed nothing on this device");
    // The first file that is renamed is the record for undo, and the change doesn't need it.
    let saved = inject(&sandbox, "rename:error=ENOSPC:when=1", &["set", "--kind", "variable", "A=new"]).ok();
    saved.says("this change can't be undone later");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "new");
}

#[test]
fn a6_whichever_system_call_fails_the_message_says_whether_the_change_was_written() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let mut failed = [0, 0];
    for call in ["fsync", "rename", "openat", "write", "flock", "fchmod"] {
        for when in 1.. {
            let value = format!("A={call}-{when}");
            let before = std::fs::read(sandbox.vault()).unwrap();
            let injection = format!("{call}:error=EIO:when={when}");
            let run = inject_traced(&sandbox, &injection, &["set", "--kind", "variable", &value], "trace");
            if !std::fs::read_to_string(sandbox.project().join("trace")).unwrap().contains("(INJECTED)") {
                break;
            }
            let changed = std::fs::read(sandbox.vault()).unwrap() != before;
            if run.code == 0 {
                assert!(changed, "{call} {when}");
                continue;
            }
            failed[usize::from(changed)] += 1;
            assert_eq!(run.stderr.contains(" was written, but "), changed, "{call} {when}: {run:?}");
        }
    }
    assert!(failed[0] > 5 && failed[1] > 5, "before and after the change: {failed:?}");
}

#[test]
fn a8_the_file_is_flushed_before_the_rename_and_the_directory_after_it() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let trace = sandbox.project().join("trace");
    let arguments = ["-o", trace.to_str().unwrap(), "-y", "-e", "trace=fsync,rename,renameat,renameat2"];
    let command = [program().to_str().unwrap(), "set", "--kind", "variable", "A=new"];
    finish(sandbox.other("strace", [&arguments[..], &command].concat())).ok();
    let trace = std::fs::read_to_string(trace).unwrap();
    let calls: Vec<&str> = trace.lines().filter(|line| line.contains("/project")).collect();
    let position = |what: &str| calls.iter().position(|line| line.contains(what)).unwrap();
    let directory = calls.iter().rposition(|line| line.starts_with("fsync") && line.contains("/project>")).unwrap();
    assert!(position(".secrets.vault.tmp>") < position("rename("), "{trace}");
    assert!(position("rename(") < directory, "{trace}");
}

#[test]
fn a9_the_next_change_removes_values_that_a_killed_run_left() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"secret value");
    let mut kills = 0;
    for is_there in [false, true] {
        for call in ["openat", "write", "fsync", "linkat", "rename", "flock"] {
            for when in 1.. {
                let _ = std::fs::remove_file(sandbox.project().join("value"));
                if is_there {
                    sandbox.write("value", "old");
                }
                let run = inject(&sandbox, &format!("{call}:signal=KILL:when={when}"), &["get", "A", "-o", "value"]);
                let value = std::fs::read_to_string(sandbox.project().join("value")).unwrap_or_default();
                assert!(value == "secret value" || value == if is_there { "old" } else { "" }, "{value:?}");
                sandbox.run(["set", "--kind", "variable", "B=1"]).ok();
                let names = std::fs::read_dir(sandbox.project()).unwrap().map(|entry| entry.unwrap().file_name());
                let left: Vec<_> = names.filter(|name| name != "secrets.vault" && name != "value").collect();
                assert!(left.is_empty(), "{call} {when}: {left:?}");
                if run.code == 0 {
                    break;
                }
                kills += 1;
            }
        }
    }
    assert!(kills > 10, "only {kills}");
}

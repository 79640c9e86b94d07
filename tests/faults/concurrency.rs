//! C: many processes at once.

use crate::harness::{Run, Sandbox, has, program};
use std::process::Child;
use std::time::Duration;

fn finish_all(children: Vec<Child>) {
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn c1_fifty_writers_lose_no_update() {
    const WRITERS: usize = 50;
    const KEYS: usize = 20;
    let sandbox = Sandbox::with_vault();
    for key in 0..KEYS {
        let set =
            |writer| sandbox.command(["set", "--kind", "variable", &format!("W{writer}_{key}=1")]).spawn().unwrap();
        finish_all((0..WRITERS).map(set).collect());
    }
    assert_eq!(sandbox.run(["list", "--json"]).ok().json().as_array().unwrap().len(), WRITERS * KEYS);
    sandbox.run(["verify"]).ok();
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn c2_c3_concurrent_writes_leave_no_version_gaps_and_readers_see_whole_values() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"start");
    let set = |n| sandbox.command(["set", "--kind", "variable", &format!("A=value-{n}")]).spawn().unwrap();
    let writers: Vec<Child> = (0..8).map(set).collect();
    for _ in 0..8 {
        let value = sandbox.run(["get", "A"]).ok().text();
        assert!(value == "start" || value.starts_with("value-"), "{value}");
    }
    finish_all(writers);
    let versions = sandbox.run(["history", "A", "--json"]).ok().json();
    let numbers: Vec<u64> =
        versions.as_array().unwrap().iter().map(|version| version["version"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=9).rev().collect::<Vec<_>>());
}

#[test]
fn c5_killing_a_lock_holder_or_waiter_releases_the_lock() {
    let sandbox = Sandbox::with_vault();
    let lock_file = sandbox.write(".secrets.vault.lock", "");
    let held = std::fs::File::open(&lock_file).unwrap();
    held.lock().unwrap();
    let mut waiting = sandbox.command(["set", "--kind", "variable", "A=1"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(waiting.try_wait().unwrap().is_none(), "the writer must wait for the lock");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    // As if the holder was killed: its lock is released, and its lock file stays.
    drop(held);
    sandbox.run(["set", "--kind", "variable", "A=2"]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "2");
    assert!(!lock_file.exists(), "no file may be left that could be committed");
}

#[test]
fn c4_files_that_any_user_can_lock_do_not_block_a_writer() {
    let sandbox = Sandbox::with_vault();
    let readable = [sandbox.project(), sandbox.vault()].map(|path| std::fs::File::open(path).unwrap());
    readable.iter().for_each(|file| file.lock().unwrap());
    sandbox.run(["set", "--kind", "variable", "A=1"]).ok();
    sandbox.run(["user", "add", "ben"]).ok();
    drop(readable);
    let left: Vec<_> = std::fs::read_dir(sandbox.project()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secrets.vault"]);
}

#[test]
fn c8_a_file_that_git_writes_during_the_flush_is_not_overwritten() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"old");
    sandbox.run(["verify"]).ok();
    let theirs = sandbox.write("theirs", std::fs::read(sandbox.vault()).unwrap());
    let delay = ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_enter=400000", program().to_str().unwrap()];
    let set = ["set", "--kind", "variable", "A=new"];
    let writer = sandbox.other("strace", [&delay[..], &set].concat()).spawn().unwrap();
    let temporary = sandbox.project().join(".secrets.vault.tmp");
    for _ in 0..1_000 {
        if temporary.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(temporary.exists(), "the temporary file must exist during the flush");
    std::fs::rename(theirs, sandbox.vault()).unwrap();
    let run = Run::from(writer.wait_with_output().unwrap());
    run.fails(7).says("was replaced by another program while it was being changed");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "old");
    assert!(!temporary.exists());
}

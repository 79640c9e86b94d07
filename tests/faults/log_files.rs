//! The files of the log: what may be in their place, their size limits, and what a crash leaves behind.

use super::access_log::{log_directory, sandbox, segment, verify};
use super::crash::inject;
use crate::harness::{Run, Sandbox, finish, has, program};
use std::path::Path;

/// Runs the program for at most 10 seconds, in 300 MiB of memory.
fn confined(sandbox: &Sandbox, arguments: &str) -> Run {
    let script = format!("ulimit -v 300000; exec timeout 10 '{}' {arguments}", program().display());
    finish(sandbox.other("bash", ["-c", &script]))
}

fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn d4_a_fifo_in_the_place_of_a_state_file_blocks_nothing() {
    for name in ["device-mia", "log/mia/key", "log/mia/000001.log", "log/mia/000002.log"] {
        let sandbox = sandbox();
        fifo(&sandbox.vault_state().join(name));
        for arguments in ["get A", "log verify", "status"] {
            let run = confined(&sandbox, arguments);
            assert!([0, 1, 6].contains(&run.code), "{name}, {arguments}: {run:?}");
        }
    }
}

#[test]
fn d4_a_fifo_in_the_place_of_the_failed_unlocks_blocks_nothing() {
    let sandbox = Sandbox::with_vault();
    std::fs::remove_dir_all(sandbox.vault_state().join("log")).unwrap();
    fifo(&sandbox.vault_state().join("failed-unlocks"));
    let mut wrong = sandbox.other("timeout", ["10", program().to_str().unwrap(), "get", "A"]);
    wrong.env("VAULT_KEY", Sandbox::with_vault().key());
    assert_eq!(finish(wrong).code, 4);
}

#[test]
fn d5_data_planted_after_the_log_uses_no_memory_and_is_never_cut() {
    const HUGE: u64 = 3 << 30;
    let grow = |path: &Path| {
        let file = std::fs::File::options().write(true).create(true).truncate(false).open(path).unwrap();
        file.set_len(HUGE).unwrap();
    };
    let sandbox = sandbox();
    grow(&segment(&sandbox, 2));
    confined(&sandbox, "get A").ok();
    confined(&sandbox, "log verify").ok();
    let sandbox = self::sandbox();
    grow(&segment(&sandbox, 1));
    confined(&sandbox, "get A").ok();
    assert_eq!(std::fs::metadata(segment(&sandbox, 1)).unwrap().len(), HUGE);
}

#[test]
fn k6_a_file_that_is_not_a_segment_is_named_and_never_overwritten() {
    let sandbox = sandbox();
    std::fs::write(segment(&sandbox, 2), "no header\nand no entry").unwrap();
    verify(&sandbox).fails(6).says("segment 2 has no valid header");
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).fails(6).says("segment 2 has no valid header");
    assert!(std::fs::read_to_string(segment(&sandbox, 2)).unwrap().starts_with("no header"));
}

#[test]
fn a4_a_kill_while_the_first_segment_is_created_does_no_damage() {
    if !has("strace") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let mut kills = 0;
    for call in ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "fadvise64"] {
        for when in 1.. {
            let _ = std::fs::remove_dir_all(sandbox.state());
            let run = inject(&sandbox, &format!("{call}:signal=KILL:when={when}"), &["get", "A"]);
            let text = verify(&sandbox).ok().text();
            sandbox.run(["get", "A"]).ok();
            verify(&sandbox).ok();
            if run.code == 0 {
                break;
            }
            assert!(text.contains("0 entries") || text.contains("1 entry"), "{call} {when}: {text}");
            kills += 1;
        }
    }
    assert!(kills > 20, "only {kills}");
}

#[test]
fn a8_a_changes_entry_is_flushed_before_the_vault_is_renamed() {
    if !has("strace") {
        return;
    }
    let traced = |sandbox: &Sandbox, arguments: &[&str]| {
        let trace = sandbox.project().join("trace");
        let options = ["-o", trace.to_str().unwrap(), "-y", "-e", "trace=write,fsync,fdatasync,rename"];
        finish(sandbox.other("strace", [&options[..], &[program().to_str().unwrap()], arguments].concat())).ok();
        std::fs::read_to_string(trace).unwrap()
    };
    let check = |trace: &str| {
        let position = |start: &str, what: &str| {
            let found = trace.lines().position(|line| line.starts_with(start) && line.contains(what));
            found.unwrap_or_else(|| panic!("no {start} of {what} in {trace}"))
        };
        assert!(position("write(", "000001.log") < position("fdatasync(", "000001.log"), "{trace}");
        assert!(position("fdatasync(", "000001.log") < position("rename(", ".secrets.vault.tmp"), "{trace}");
    };
    check(&traced(&Sandbox::empty(), &["init", "--key"]));
    let sandbox = Sandbox::with_vault();
    let log = log_directory(&sandbox).display().to_string();
    let trace = traced(&sandbox, &["set", "--kind", "variable", "A=new"]);
    check(&trace);
    // A change waits only for these and for the flush of the directory. Reading waits for none.
    assert_eq!(trace.lines().filter(|line| line.contains("sync(")).count(), 3, "{trace}");
    let flushes = |trace: &str| trace.lines().filter(|line| line.contains("sync(") && line.contains(&log)).count();
    assert_eq!(flushes(&trace), 1, "{trace}");
    let trace = traced(&sandbox, &["get", "A"]);
    assert_eq!(flushes(&trace), 0, "{trace}");
}

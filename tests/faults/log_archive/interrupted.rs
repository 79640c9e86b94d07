//! A crash, a reader or a full disk while segments move into an archive.

use super::*;

#[test]
fn a4_after_a_kill_at_any_system_call_every_entry_is_in_the_log_or_the_archive() {
    if !has("strace") {
        return;
    }
    let sandbox = sandbox();
    let (whole, all) = (snapshot(&sandbox), shown(&sandbox, &[]));
    let mut kills = 0;
    for call in ["write", "linkat", "fsync", "fdatasync", "pwrite64", "unlink"] {
        for when in 1.. {
            restore(&whole);
            let name = format!("{call}-{when}");
            let injection = format!("{call}:signal=KILL:when={when}");
            let run = inject(&sandbox, &injection, &["log", "archive", "--before", ALL, "-o", &name]);
            let mut left = shown(&sandbox, &[]);
            if sandbox.project().join(&name).exists() {
                left.extend(shown(&sandbox, &[&name]));
            }
            assert!(all.is_subset(&left), "{name}: {run:?}");
            verify(&sandbox).ok();
            // The next command finishes the interrupted archiving.
            let again = format!("{name}-again");
            archive(&sandbox, ALL, &again).ok();
            assert_eq!(segments(&sandbox), [4], "{name}");
            verify(&sandbox).ok();
            let parts = [&name, &again].into_iter().filter(|name| sandbox.project().join(name).exists());
            sandbox.run(["log", "verify"].into_iter().chain(parts.map(String::as_str))).ok();
            if run.code == 0 {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 10, "only {kills}");
}

#[test]
fn the_archive_is_flushed_before_the_entry_and_the_entry_before_anything_is_removed() {
    if !has("strace") {
        return;
    }
    let sandbox = sandbox();
    let trace = sandbox.project().join("trace");
    let options = ["-f", "-y", "-o", trace.to_str().unwrap(), "-e", "trace=linkat,fsync,fdatasync,unlink"];
    let program = crate::harness::program();
    let arguments = ["log", "archive", "--before", ALL, "-o", "old"];
    let command = [&options[..], &[program.to_str().unwrap()], &arguments].concat();
    crate::harness::finish(sandbox.other("strace", command)).ok();
    let trace = std::fs::read_to_string(trace).unwrap();
    let place = |call: &str, what: &str| {
        let found = trace.lines().position(|line| line.contains(&format!(" {call}(")) && line.contains(what));
        found.unwrap_or_else(|| panic!("no {call} of {what} in {trace}"))
    };
    let project = format!("{}>", sandbox.project().display());
    let directory = trace.lines().position(|line| line.contains(" fsync(") && line.contains(&project)).unwrap();
    let entry = place("fdatasync", "000004.log");
    assert!(directory < entry && entry < place("unlink", "000001.log"), "{trace}");
    assert!(place("unlink", "000001.log") < place("unlink", "000003.log"), "{trace}");
}

#[test]
fn a_log_can_be_read_while_segments_are_archived() {
    let sandbox = sandbox();
    let whole = snapshot(&sandbox);
    for round in 0..5 {
        restore(&whole);
        let readers: Vec<_> = (0..4).map(|_| sandbox.command(["log", "verify"]).spawn().unwrap()).collect();
        archive(&sandbox, ALL, &format!("round-{round}")).ok();
        for reader in readers {
            let output = reader.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}

#[test]
fn if_the_archive_cannot_be_written_nothing_is_moved() {
    let sandbox = sandbox();
    archive(&sandbox, ALL, "no/such/directory").fails(1);
    archive(&sandbox, ALL, "/dev/full").fails(2).says("already exists");
    archive(&sandbox, "tomorrow", "old").fails(2).says("--before is not a time");
    assert!(segments(&sandbox) == [1, 2, 3, 4] && Path::new("/dev/full").exists());
    verify(&sandbox).ok();
}

//! A signal that ends vault while the editor runs, and what is kept then.

use super::{command, drafted, drafts, edit, nothing_is_left_in_memory, sandbox};
use crate::harness::Run;
use std::process::Command;
use std::time::{Duration, Instant};

/// Sends vault a signal once the editor says that it is there, and gives what came of it.
fn ended(sandbox: &crate::harness::Sandbox, script: &str, signal: &str) -> Run {
    let ready = sandbox.project().join("ready");
    let child = command(sandbox, &format!("{script}\n: >ready\nexec sleep 60"), &[]).spawn().unwrap();
    let start = Instant::now();
    while !ready.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the editor was not started");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::remove_file(ready).unwrap();
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let run = Run::from(child.wait_with_output().unwrap());
    nothing_is_left_in_memory(sandbox);
    run
}

#[test]
fn what_the_file_holds_is_kept_and_the_plain_text_goes() {
    let Some(sandbox) = sandbox() else { return };
    for (signal, name) in [("-HUP", "SIGHUP"), ("-TERM", "SIGTERM")] {
        let run = ended(&sandbox, "sed -i 's/^A=.*/A=typed/' \"$1\"", signal);
        run.fails(1).says(&format!("{name} ended the editor")).says("vault edit --resume");
        assert!(drafted(&sandbox).contains("\nA=typed\n"));
        edit(&sandbox, "true", &["--discard"]).ok();
    }
    // Nothing was changed.
    ended(&sandbox, "true", "-HUP").fails(1).says("nothing was changed");
    assert!(drafts(&sandbox).is_empty());
}

#[test]
fn what_an_editor_saves_when_it_is_ended_is_kept_too() {
    let Some(sandbox) = sandbox() else { return };
    let script = "trap 'sed -i s/^A=.*/A=last/ \"$1\"; exit 1' TERM\n: >ready\nwhile :; do sleep 0.05; done";
    let run = ended(&sandbox, script, "-TERM");
    run.fails(1).says("SIGTERM ended the editor").says("vault edit --resume");
    assert!(drafted(&sandbox).contains("\nA=last\n"));
}

#[test]
fn an_editor_that_ignores_the_signal_is_killed() {
    let Some(sandbox) = sandbox() else { return };
    let run = ended(&sandbox, "trap '' HUP TERM\nsed -i 's/^A=.*/A=typed/' \"$1\"", "-HUP");
    run.fails(1).says("SIGHUP ended the editor").says("vault edit --resume");
    assert!(drafted(&sandbox).contains("\nA=typed\n"));
}

//! What is kept if a signal ends vault while the editor runs.

use super::{command, drafted, drafts, edit, nothing_is_left_in_memory, sandbox};
use crate::harness::{Run, Sandbox};
use std::process::Command;
use std::time::{Duration, Instant};

fn wait_until(otherwise: &str, is_so: &dyn Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{otherwise}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

/// Sends vault a signal once the editor has started, and returns the result.
fn ended(sandbox: &Sandbox, script: &str, signal: &str) -> Run {
    let ready = sandbox.project().join("ready");
    let child = command(sandbox, &format!("{script}\n: >ready\nexec sleep 60"), &[]).spawn().unwrap();
    wait_until("the editor was not started", &|| ready.exists());
    std::fs::remove_file(ready).unwrap();
    kill(signal, &child.id().to_string());
    let run = Run::from(child.wait_with_output().unwrap());
    nothing_is_left_in_memory(sandbox);
    run
}

#[test]
fn the_saved_text_is_kept_as_a_draft_and_the_plaintext_is_removed() {
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
fn a_text_that_the_editor_saves_on_exit_is_kept_too() {
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

/// An editor that saves a text and stays open. Once a file `back` exists, it saves the old text again.
const OPEN: &str = "cp \"$1\" before; sed -i 's/^A=.*/A=typed/' \"$1\"; echo $$ >process\n\
                    while [ ! -e back ]; do sleep 0.05; done; cp before \"$1\"; exec sleep 60";

#[test]
fn text_saved_by_an_open_editor_is_kept_even_if_vault_is_killed() {
    let Some(sandbox) = sandbox() else { return };
    let mut child = command(&sandbox, OPEN, &[]).spawn().unwrap();
    wait_until("nothing was kept", &|| !drafts(&sandbox).is_empty());
    kill("-KILL", &child.id().to_string());
    child.wait().unwrap();
    let read = |name: &str| std::fs::read_to_string(sandbox.project().join(name)).unwrap().trim().to_owned();
    kill("-KILL", &read("process"));
    let plain = std::path::PathBuf::from(read("path"));
    assert!(drafted(&sandbox).contains("\nA=typed\n"));
    assert!(!plain.parent().unwrap().exists(), "the next run must remove the plaintext");
}

#[test]
fn a_text_saved_unchanged_does_not_become_a_draft() {
    let Some(sandbox) = sandbox() else { return };
    let child = command(&sandbox, OPEN, &[]).spawn().unwrap();
    wait_until("nothing was kept", &|| !drafts(&sandbox).is_empty());
    sandbox.write("back", "");
    wait_until("the draft is there still", &|| drafts(&sandbox).is_empty());
    kill("-TERM", &child.id().to_string());
    Run::from(child.wait_with_output().unwrap()).fails(1).says("nothing was changed");
    nothing_is_left_in_memory(&sandbox);
}

//! `edit` on a terminal: the editor opens again after a mistake, and vault asks questions.

use super::{at_terminal, command, drafted, drafts, edit, editor, nothing_is_left_in_memory, sandbox, value};
use crate::harness::Sandbox;
use crate::unlocked::{PASSPHRASE, Unlocked};
use rexpect::session::PtySession;

/// A second shell that changes the same items while the editor is open.
fn meanwhile(sandbox: &Sandbox, arguments: &str) -> String {
    format!("VAULT_KEY={} '{}' {arguments} 2>/dev/null", sandbox.key(), crate::harness::program().display())
}

fn on_terminal(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> PtySession {
    at_terminal(command(sandbox, script, arguments))
}

/// Returns everything that the session prints until it ends.
fn shown(mut session: PtySession) -> String {
    session.exp_eof().unwrap()
}

#[test]
fn a_mistake_opens_the_editor_again_with_the_error() {
    let Some(sandbox) = sandbox() else { return };
    let script = "if head -n 1 \"$1\" | grep -q '^# error: line 7: not an assignment$'; then sed -i '/^nonsense/d' \"$1\"; \
                  echo OK=1 >>\"$1\"; else echo 'nonsense here' >>\"$1\"; fi";
    let text = shown(on_terminal(&sandbox, script, &[]));
    assert!(text.contains("In dev: added OK."), "{text}");
    assert!(drafts(&sandbox).is_empty());
    // A refused name, which the editor then removes.
    let script = "if head -n 1 \"$1\" | grep -q '^# error: line [0-9]*: LD_PRELOAD '; then sed -i s/^LD_PRELOAD/NEW/ \"$1\"; \
                  else echo LD_PRELOAD=x >>\"$1\"; fi";
    let text = shown(on_terminal(&sandbox, script, &[]));
    assert!(text.contains("In dev: added NEW."), "{text}");
}

#[test]
fn leaving_a_mistake_unchanged_ends_the_edit_and_keeps_the_text() {
    let Some(sandbox) = sandbox() else { return };
    let script = "echo x >>count; grep -q nonsense \"$1\" || echo 'nonsense here' >>\"$1\"";
    let text = shown(on_terminal(&sandbox, script, &[]));
    assert!(text.contains("not an assignment") && text.contains("vault edit --resume"), "{text}");
    assert_eq!(std::fs::read_to_string(sandbox.project().join("count")).unwrap().lines().count(), 2);
    // After --resume, the message is there from the start.
    let script = "head -n 1 \"$1\" >first; sed -i s/^nonsense.*/OK=1/ \"$1\"";
    let text = shown(on_terminal(&sandbox, script, &["--resume"]));
    assert!(text.contains("In dev: added OK."), "{text}");
    let first = std::fs::read_to_string(sandbox.project().join("first")).unwrap();
    assert!(first.starts_with("# error: line 7: not an assignment"), "{first}");
}

#[test]
fn an_editor_that_fails_the_second_time_leaves_the_draft_with_a_message() {
    let Some(sandbox) = sandbox() else { return };
    let script = "grep -q nonsense \"$1\" && exit 1; echo 'nonsense here' >>\"$1\"";
    let text = shown(on_terminal(&sandbox, script, &[]));
    assert!(text.contains("failed") && text.contains("vault edit --resume") && !text.contains("nothing was changed"));
}

#[test]
fn an_editor_that_never_fixes_its_mistake_is_opened_ten_times() {
    let Some(sandbox) = sandbox() else { return };
    let text = shown(on_terminal(&sandbox, "echo x >>count; echo BAD >>\"$1\"", &[]));
    assert!(text.contains("sets no value") && text.contains("vault edit --resume"), "{text}");
    assert_eq!(std::fs::read_to_string(sandbox.project().join("count")).unwrap().lines().count(), 10);
}

#[test]
fn a_conflict_opens_the_editor_again_with_both_values_until_it_is_decided() {
    let Some(sandbox) = sandbox() else { return };
    let other = meanwhile(&sandbox, "set A=theirs C=new");
    let script = format!(
        "if grep -q '^# conflict A: A=theirs$' \"$1\"; then cp \"$1\" seen; sed -i '/^# conflict /d' \"$1\"; \
         else {other}; sed -i 's/^A=.*/A=mine/' \"$1\"; fi"
    );
    let text = shown(on_terminal(&sandbox, &script, &[]));
    assert!(text.contains("In dev: changed A."), "{text}");
    let seen = std::fs::read_to_string(sandbox.project().join("seen")).unwrap();
    assert!(
        seen.starts_with("# error: dev/A was changed by mia in the meantime\n") && seen.contains("\nA=mine\n"),
        "{seen}"
    );
    assert_eq!((value(&sandbox, "A"), value(&sandbox, "C")), (b"mine".to_vec(), b"new".to_vec()));
    assert_eq!(sandbox.run(["history", "A", "--json"]).ok().json().as_array().unwrap().len(), 3);
    assert!(drafts(&sandbox).is_empty());
    // If the text is left unchanged, nothing is decided.
    let other = meanwhile(&sandbox, "set A=again");
    let script = format!("grep -q '^# conflict' \"$1\" || {{ {other}; sed -i 's/^A=.*/A=mine2/' \"$1\"; }}");
    let text = shown(on_terminal(&sandbox, &script, &[]));
    assert!(
        text.contains("dev/A was changed by mia in the meantime") && text.contains("vault edit --resume"),
        "{text}"
    );
    assert_eq!(value(&sandbox, "A"), b"again");
    assert!(drafted(&sandbox).contains("A=mine2"));
}

#[test]
fn a_conflict_in_a_single_item_is_asked_about() {
    let Some(sandbox) = sandbox() else { return };
    for (answer, kept) in [("n", "theirs-n"), ("y", "mine")] {
        let other = meanwhile(&sandbox, &format!("set A=theirs-{answer}"));
        let script = format!("{other}; printf mine >\"$1\"");
        let mut session = on_terminal(&sandbox, &script, &["A"]);
        session.exp_string("dev/A was changed by mia in the meantime. Save yours over it? [y/N]").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(value(&sandbox, "A"), kept.as_bytes());
        assert_eq!(drafts(&sandbox).len(), usize::from(answer == "n"));
        edit(&sandbox, "true", &["--discard"]).ok();
    }
}

#[test]
fn an_open_draft_is_asked_about_and_can_be_saved_unchanged_after_confirmation() {
    let Some(sandbox) = sandbox() else { return };
    edit(&sandbox, "sed -i 's/^A=.*/A=typed/' \"$1\"; exit 1", &[]).fails(1).says("vault edit --resume");
    let mut session = on_terminal(&sandbox, "true", &[]);
    session.exp_string("There is a draft of dev from ").unwrap();
    session.send_line("n").unwrap();
    let text = session.exp_eof().unwrap();
    assert!(text.contains("Nothing changed"), "{text}");
    assert_eq!(drafts(&sandbox).len(), 1, "a new edit must not change an open draft");
    for (answer, value_then) in [("n", "one"), ("y", "typed")] {
        let mut session = on_terminal(&sandbox, "true", &[]);
        session.exp_string("Continue with it? [y/N]").unwrap();
        session.send_line("y").unwrap();
        session.exp_string("Save the draft in dev: changed A? [y/N]").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(value(&sandbox, "A"), value_then.as_bytes());
    }
    assert!(drafts(&sandbox).is_empty());
}

#[test]
fn ctrl_c_at_a_question_keeps_the_text() {
    let Some(sandbox) = sandbox() else { return };
    let mut session = on_terminal(&sandbox, "sed -i '/^A=/d' \"$1\"", &[]);
    session.exp_string("Remove A? [y/N]").unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    nothing_is_left_in_memory(&sandbox);
    assert!(!drafted(&sandbox).contains("\nA=") && value(&sandbox, "A") == b"one");
}

#[test]
fn if_the_agent_is_locked_during_the_edit_the_passphrase_is_asked_for_and_the_text_is_saved() {
    if !std::path::Path::new("/dev/shm").is_dir() {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let with_passphrase = |arguments: &[&str]| {
        let mut command = vault.command(arguments);
        command.env("VAULT_PASSPHRASE", PASSPHRASE);
        crate::harness::finish(command).ok()
    };
    with_passphrase(&["set", "--kind", "variable", "A=one"]);
    with_passphrase(&["unlock"]);
    let script = format!("'{}' lock; printf typed >\"$1\"", crate::harness::program().display());
    let own = command(&vault.sandbox, &script, &["A"]);
    let mut edit = vault.command(&["edit", "A"]);
    edit.env("EDITOR", own.get_envs().find(|(name, _)| *name == "EDITOR").unwrap().1.unwrap());
    let mut session = at_terminal(edit);
    session.exp_string("Passphrase for mia in ").unwrap();
    session.send_line(PASSPHRASE).unwrap();
    let text = session.exp_eof().unwrap();
    assert!(text.contains("In dev: changed A."), "{text}");
    assert_eq!(with_passphrase(&["get", "A"]).text(), "typed");
    assert!(drafts(&vault.sandbox).is_empty());
    vault.run(&["lock"]).ok();
}

#[test]
fn stopping_the_editor_also_stops_vault() {
    if !std::path::Path::new("/dev/shm").is_dir() || !crate::harness::has("bash") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let sandbox = &vault.sandbox;
    let mut set = sandbox.command(["set", "--kind", "variable", "A=one"]);
    set.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(set).ok();
    // The whole process group, as vim does.
    let editor = editor(sandbox, "kill -TSTP 0; printf typed >\"$1\"");
    let mut shell = sandbox.other("bash", ["--norc", "--noediting", "-i"]);
    shell.env("EDITOR", editor).env("PS1", "ready> ").env_remove("VISUAL");
    let mut session = at_terminal(shell);
    session.exp_string("ready> ").unwrap();
    session.send_line(&format!("'{}' edit A", crate::harness::program().display())).unwrap();
    session.exp_string("Passphrase for mia in ").unwrap();
    session.send_line(PASSPHRASE).unwrap();
    session.exp_string("Stopped").unwrap();
    session.exp_string("ready> ").unwrap();
    session.send_line("fg").unwrap();
    session.exp_string("In dev: changed A.").unwrap();
    session.exp_string("ready> ").unwrap();
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap();
}

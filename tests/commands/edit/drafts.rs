//! Drafts: a text that was typed and not saved is kept encrypted, and editing can be resumed.

use super::{command, drafted, drafts, edit, nothing_is_left_in_memory, sandbox, value};
use crate::harness::{Run, Sandbox, finish};
use crate::unlocked::Unlocked;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The text that these tests type. It must not reach the disk.
const TYPED: &str = "typed4711";

/// Leaves a draft with an invalid line.
fn leave(sandbox: &Sandbox) {
    edit(sandbox, &format!("echo 'nonsense {TYPED}' >>\"$1\""), &[]).fails(2);
}

/// Whether a file below this directory holds the text.
fn holds(directory: &Path, text: &str) -> bool {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, text),
        false => String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text),
    })
}

fn entries(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let log = sandbox.run(["log", "--action", "edit", "--json"]).ok().text();
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_text_with_a_mistake_is_kept_encrypted_and_saved_after_it_is_fixed() {
    let Some(sandbox) = sandbox() else { return };
    let run = edit(&sandbox, &format!("sed -i 's/^A=.*/A={TYPED}/' \"$1\"; echo 'no assignment' >>\"$1\""), &[]);
    run.fails(2).says("kept as a draft").says("vault edit --resume").says("vault edit --discard");
    let kept = drafts(&sandbox);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(&kept[0]).unwrap().starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert!(!holds(&sandbox.state(), TYPED) && !holds(&sandbox.home(), TYPED));
    assert_eq!(value(&sandbox, "A"), b"one");
    edit(&sandbox, "sed -i '/^no /d' \"$1\"", &["--resume"]).ok().says("In dev: changed A.");
    assert_eq!(value(&sandbox, "A"), TYPED.as_bytes());
    assert!(drafts(&sandbox).is_empty());
    sandbox.run(["edit", "--resume"]).fails(3).says("there is no draft");
    // The entries: what the text leaves out, read, read again as a draft with what it leaves out, and save.
    let printed: Vec<_> = entries(&sandbox).iter().map(|entry| entry["secrets"].to_string()).collect();
    let expected = [r#"["tls.key"]"#, r#"["A","B"]"#, r#"["A","B","tls.key"]"#, r#"["A"]"#];
    assert_eq!(printed, expected, "{printed:?}");
}

#[test]
fn status_doctor_and_the_next_edit_mention_a_draft() {
    let Some(sandbox) = sandbox() else { return };
    leave(&sandbox);
    assert!(sandbox.run(["status"]).ok().text().contains("1 draft not saved (vault edit --resume)"));
    assert_eq!(sandbox.run(["status", "--json"]).ok().json()["drafts"], 1);
    let doctor = sandbox.run(["doctor"]).text();
    assert!(doctor.contains("an edited text was not saved") && doctor.contains("vault edit --resume"), "{doctor}");
    edit(&sandbox, "true", &[]).ok().says("there is a draft of dev from").says("vault edit --resume");
    let other = edit(&sandbox, "true", &["A"]).ok();
    assert!(!other.stderr.contains("draft"), "{other:?}");
    edit(&sandbox, "true", &["--discard"]).ok().says("Dropped 1 draft of dev.");
    assert!(drafts(&sandbox).is_empty());
    let status = sandbox.run(["status"]).ok().text();
    assert!(!status.contains("draft"), "{status}");
    edit(&sandbox, "true", &["--discard"]).ok().says("There is no draft.");
}

#[test]
fn resume_takes_the_newest_draft_or_the_named_one() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.run(["env", "add", "prod"]).ok();
    edit(&sandbox, "echo 'of prod' >>\"$1\"", &["prod"]).fails(2);
    edit(&sandbox, "printf 'of A'; printf new >\"$1\"; exit 1", &["A"]).fails(1);
    assert_eq!(drafted(&sandbox), "new");
    edit(&sandbox, "true", &["--resume", "B"]).fails(3).says("there is no draft of dev/B").says("drafts exist for: ");
    let shown = edit(&sandbox, "cat \"$1\"", &["--resume", "prod"]).fails(2);
    assert!(shown.text().contains("of prod"), "{shown:?}");
    edit(&sandbox, "true", &["--discard", "dev/B"]).fails(3);
    edit(&sandbox, "true", &["--discard", "A"]).ok().says("Dropped 1 draft of dev/A.");
    assert_eq!(drafts(&sandbox).len(), 1);
}

#[test]
fn a_conflict_names_the_item_and_keeps_the_text_until_somebody_decides() {
    let Some(sandbox) = sandbox() else { return };
    let vault = crate::harness::program().display();
    let other = format!("VAULT_KEY={} '{vault}' set -q A=theirs B=theirs", sandbox.key());
    let script = format!("{other}; sed -i 's/^A=.*/A={TYPED}/' \"$1\"");
    let run = edit(&sandbox, &script, &[]).fails(1).says("error: dev/A was changed by mia in the meantime\n");
    assert!(!run.stderr.contains("dev/B") && !run.stderr.contains("theirs"), "{run:?}");
    // Saving an unchanged text is not a decision.
    edit(&sandbox, "true", &["--resume"]).fails(1).says("dev/A was changed by mia in the meantime");
    assert!(drafted(&sandbox).contains(TYPED));
    // Taking the other value is a decision.
    edit(&sandbox, "sed -i 's/^A=.*/A=theirs/' \"$1\"; echo NEW=1 >>\"$1\"", &["--resume"]).ok().says("added NEW");
    assert_eq!((value(&sandbox, "A"), value(&sandbox, "B")), (b"theirs".to_vec(), b"theirs".to_vec()));
    let mut failed = entries(&sandbox);
    // These are of an item that a text can't hold.
    failed.retain(|entry| entry["outcome"] == "failed" && entry["secrets"] != serde_json::json!(["tls.key"]));
    assert_eq!(failed.len(), 2, "{failed:?}");
}

#[test]
fn i5_if_the_agent_is_locked_during_the_edit_the_text_is_kept() {
    if !Path::new("/dev/shm").is_dir() {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let script = format!("'{}' lock; printf {TYPED} >\"$1\"", crate::harness::program().display());
    let edit = |script: &str, arguments: &[&str]| -> Run {
        let own = command(&vault.sandbox, script, arguments);
        let mut command = vault.command(&[&["edit"], arguments].concat());
        command.env("EDITOR", own.get_envs().find(|(name, _)| *name == "EDITOR").unwrap().1.unwrap());
        command.env_remove("VAULT_KEY");
        finish(command)
    };
    edit(&script, &["TOKEN"]).fails(4).says("vault edit --resume");
    nothing_is_left_in_memory(&vault.sandbox);
    edit("true", &["--resume"]).fails(4);
    vault.unlock(&[]).ok();
    edit("true", &["--resume"]).ok().says("In dev: changed TOKEN.");
    assert_eq!(value(&vault.sandbox, "TOKEN"), TYPED.as_bytes());
    assert!(drafts(&vault.sandbox).is_empty());
}

#[test]
fn b2_if_the_disk_is_full_the_text_is_kept() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.run(["env", "add", "large"]).ok();
    sandbox.set("large/L", "x".repeat(300_000).as_bytes());
    let script = format!("sed -i 's/^A=.*/A={TYPED}/' \"$1\"");
    let inner = command(&sandbox, &script, &["dev"]);
    let editor = inner.get_envs().find(|(name, _)| *name == "EDITOR").unwrap().1.unwrap().to_owned();
    let program = crate::harness::program().to_str().unwrap();
    // In blocks of 512 bytes.
    let mut limited = sandbox.other("dash", ["-c", "ulimit -f 256; exec \"$0\" edit dev", program]);
    if !crate::harness::has("dash") {
        return;
    }
    limited.env("EDITOR", editor);
    finish(limited).fails(1).says("vault edit --resume");
    nothing_is_left_in_memory(&sandbox);
    assert_eq!(value(&sandbox, "A"), b"one");
    assert!(drafted(&sandbox).contains(TYPED));
    edit(&sandbox, "true", &["--resume"]).ok().says("In dev: changed A.");
}

#[test]
fn if_the_draft_cannot_be_saved_either_there_is_an_error() {
    let Some(sandbox) = sandbox() else { return };
    if !crate::harness::has("dash") {
        return;
    }
    let inner = command(&sandbox, "head -c 400000 /dev/zero | tr '\\0' x >\"$1\"", &["A"]);
    let editor = inner.get_envs().find(|(name, _)| *name == "EDITOR").unwrap().1.unwrap().to_owned();
    let program = crate::harness::program().to_str().unwrap();
    let mut limited = sandbox.other("dash", ["-c", "ulimit -f 1024; exec \"$0\" edit A", program]);
    limited.env("EDITOR", editor);
    let run = finish(limited).fails(1).says("what you typed could not be kept: ");
    assert!(!run.stderr.contains("--resume"), "{run:?}");
    assert!(drafts(&sandbox).is_empty());
}

#[test]
fn h4_nobody_else_can_open_or_replace_a_draft() {
    let Some(sandbox) = sandbox() else { return };
    leave(&sandbox);
    let own = drafts(&sandbox).pop().unwrap();
    let sealed = std::fs::read(&own).unwrap();
    // Another user of the same device.
    let key = sandbox.run(["user", "add", "rea", "--write", "dev"]).ok().text();
    let as_rea = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_KEY", key.trim()).env("EDITOR", "cat");
        finish(command)
    };
    as_rea(&["edit", "--resume"]).fails(3).says("there is no draft");
    let renamed = own.with_file_name(own.file_name().unwrap().to_str().unwrap().replace("draft-mia", "draft-rea"));
    std::fs::write(&renamed, &sealed).unwrap();
    let run = as_rea(&["edit", "--resume"]).fails(3).says("1 draft can't be opened with your keys");
    assert!(!run.text().contains(TYPED), "{run:?}");
    as_rea(&["edit", "--discard"]).ok().says("Dropped 1 draft.");
    assert!(own.exists() && !renamed.exists());
    // A draft made by somebody who knows only the public key.
    let users = sandbox.run(["user", "list", "--json"]).ok().json();
    let mia = users.as_array().unwrap().iter().find(|user| user["username"] == "mia").unwrap();
    let recipient = vault::identity::Recipient::from_trusted(mia["recipient"].as_str().unwrap()).unwrap();
    let made = vault::identity::encrypt_to(std::iter::once(&recipient), b"A=planted\n").unwrap();
    std::fs::write(&own, made).unwrap();
    edit(&sandbox, "cat \"$1\"", &["--resume"]).fails(3).says("can't be opened with your keys");
    // Something that isn't a file, and a link to a file elsewhere.
    std::fs::remove_file(&own).unwrap();
    let elsewhere = sandbox.write("elsewhere", "kept");
    symlink(&elsewhere, &own).unwrap();
    edit(&sandbox, "cat \"$1\"", &["--resume"]).fails(3);
    edit(&sandbox, "true", &["--discard"]).ok();
    assert_eq!(std::fs::read(&elsewhere).unwrap(), b"kept");
    assert!(drafts(&sandbox).is_empty());
}

#[test]
fn a_draft_restored_after_saving_conflicts_with_later_changes() {
    let Some(sandbox) = sandbox() else { return };
    edit(&sandbox, "sed -i 's/^A=.*/A=old/' \"$1\"; exit 1", &[]).fails(1);
    let path = drafts(&sandbox).pop().unwrap();
    let old = std::fs::read(&path).unwrap();
    edit(&sandbox, "sed -i s/old/other/ \"$1\"", &["--resume"]).ok();
    sandbox.set("A", b"newer");
    std::fs::write(&path, old).unwrap();
    edit(&sandbox, "true", &["--resume"]).fails(1).says("dev/A was changed by mia in the meantime");
    assert_eq!(value(&sandbox, "A"), b"newer");
}

#[test]
fn drafts_are_bounded_in_number_and_age() {
    let Some(sandbox) = sandbox() else { return };
    for _ in 0..18 {
        leave(&sandbox);
    }
    let mut kept = drafts(&sandbox);
    assert_eq!(kept.len(), 16);
    let old = kept.pop().unwrap();
    let file = std::fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60)).unwrap();
    assert_eq!(sandbox.run(["status", "--json"]).ok().json()["drafts"], 15);
    edit(&sandbox, "true", &[]).ok();
    assert!(!old.exists());
}

#[test]
fn drafts_from_before_new_keys_cannot_be_opened() {
    let Some(mut sandbox) = sandbox() else { return };
    leave(&sandbox);
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    edit(&sandbox, "true", &["--resume"]).fails(3).says("can't be opened with your keys").says("vault edit --discard");
}

#[test]
fn a_draft_shows_nothing_once_the_right_to_write_is_gone() {
    let Some(sandbox) = sandbox() else { return };
    let key = sandbox.run(["user", "add", "rea", "--write", "dev"]).ok().text();
    let as_rea = |script: &str, arguments: &[&str]| {
        let mut command = command(&sandbox, script, arguments);
        command.env("VAULT_KEY", key.trim());
        finish(command)
    };
    as_rea("echo nonsense >>\"$1\"", &[]).fails(2);
    sandbox.run(["grant", "rea", "dev:read"]).ok();
    let run = as_rea("cat \"$1\"", &["--resume"]).fails(5).says("rea may not write dev");
    assert_eq!(run.text(), "");
}

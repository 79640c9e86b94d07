//! `doctor`: each test breaks something around a vault, and the real program finds it.

use crate::harness::{Run, Sandbox, finish, has, program};
use crate::unlocked::Unlocked;
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Returns the findings as `level check subject`, without those that are fine.
pub fn found(run: &Run) -> Vec<String> {
    let word = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    let findings = run.json();
    let wrong = findings.as_array().unwrap().iter().filter(|finding| finding["level"] != "ok");
    wrong.map(|finding| ["level", "check", "subject"].map(|field| word(finding, field)).join(" ")).collect()
}

/// Returns what `doctor` finds in the sandbox, and checks that the exit code fits.
pub fn examined(sandbox: &Sandbox) -> Vec<String> {
    judged(&sandbox.run(["doctor", "--json"]))
}

#[track_caller]
fn judged(run: &Run) -> Vec<String> {
    let found = found(run);
    let is_fix = |line: &String| line.starts_with("fix ");
    assert_eq!(run.code, i32::from(found.iter().any(is_fix)), "{run:?}");
    found
}

/// Returns the command of the first finding of this check.
pub fn remedy(run: &Run, check: &str) -> String {
    let findings = run.json();
    let finding =
        findings.as_array().unwrap().iter().find(|finding| finding["check"] == check && finding["level"] != "ok");
    finding.unwrap_or_else(|| panic!("{check} is not in {run:?}"))["remedy"].as_str().unwrap_or_default().to_owned()
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_healthy_vault_gets_one_line_per_check() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"pH3xu9ei4Kaith7o");
    let run = sandbox.run(["doctor"]).ok().says("Nothing to fix.");
    let lines: Vec<_> = run.text().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "ok    secrets.vault  1 user, 1 environment, all signatures valid");
    assert!(lines.iter().all(|line| line.starts_with("ok    ")), "{run:?}");
    for subject in ["state", "agent", "access log", "values"] {
        assert!(lines.iter().any(|line| line.starts_with(&format!("ok    {subject}"))), "{subject}: {run:?}");
    }
    // The comparison of values is logged, without the names of items.
    let entry = sandbox.run(["log", "-n", "1", "--json"]).ok().json();
    assert_eq!((&entry["action"], &entry["environment"]), (&"doctor".into(), &"dev".into()));
}

#[test]
fn a_finding_shows_the_command_that_fixes_it() {
    let sandbox = Sandbox::with_vault();
    set_mode(&sandbox.vault(), 0o666);
    let run = sandbox.run(["doctor"]);
    let vault = sandbox.vault();
    let expected =
        format!("fix   secrets.vault  other users can write to it, and so destroy it  chmod go-w {}", vault.display());
    assert!(run.code == 1 && run.text().lines().any(|line| line == expected), "{run:?}");
    assert!(run.stderr.ends_with("1 to fix.\n"), "{run:?}");
    finish(sandbox.other("sh", ["-c", &remedy(&sandbox.run(["doctor", "--json"]), "vault-mode")])).ok();
    assert!(examined(&sandbox).is_empty());
}

#[test]
fn without_a_vault_the_other_checks_run() {
    let sandbox = Sandbox::empty();
    assert_eq!(examined(&sandbox), ["note vault vault"]);
    assert_eq!(remedy(&sandbox.run(["doctor", "--json"]), "vault"), "vault init");
}

#[test]
fn a_vault_that_cannot_be_opened_is_a_finding() {
    let sandbox = Sandbox::with_vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    std::fs::write(sandbox.vault(), &text[..text.len() - 40]).unwrap();
    assert_eq!(examined(&sandbox), ["fix vault secrets.vault"]);
    std::fs::write(sandbox.vault(), text.replace("\nauthor = \"", "\nauthor = \"x")).unwrap();
    assert_eq!(examined(&sandbox), ["fix vault secrets.vault"]);
}

#[test]
fn files_that_others_can_write_or_read_are_found() {
    let sandbox = Sandbox::with_vault();
    set_mode(&sandbox.project(), 0o777);
    assert_eq!(examined(&sandbox), ["fix vault-mode secrets.vault"]);
    set_mode(&sandbox.project(), 0o1777);
    assert!(examined(&sandbox).is_empty());
    set_mode(&sandbox.vault_state().join("marks.json"), 0o644);
    assert_eq!(examined(&sandbox), ["fix state-mode state"]);
    let run = sandbox.run(["doctor", "--json"]);
    finish(sandbox.other("sh", ["-c", &remedy(&run, "state-mode")])).ok();
    assert!(examined(&sandbox).is_empty());
}

#[test]
fn a_key_file_that_others_can_read_or_git_tracks_is_found() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    let key = sandbox.write("ci.key", sandbox.key());
    let doctor = || {
        let mut doctor = sandbox.command(["doctor", "--json"]);
        doctor.env_remove("VAULT_KEY").env("VAULT_KEY_FILE", &key);
        found(&finish(doctor)).into_iter().filter(|line| line.contains("key-file")).collect::<Vec<_>>()
    };
    set_mode(&key, 0o600);
    assert!(doctor().is_empty());
    set_mode(&key, 0o640);
    assert_eq!(doctor(), ["fix key-file ci.key"]);
    set_mode(&key, 0o600);
    sandbox.git(&["add", "ci.key"]).ok();
    assert_eq!(doctor(), ["fix key-file ci.key"]);
    std::fs::remove_file(&key).unwrap();
    assert_eq!(doctor(), ["fix key-file ci.key"]);
}

#[test]
fn a_missing_or_in_memory_state_directory_is_found() {
    let sandbox = Sandbox::with_vault();
    let with_state = |directory: &Path| {
        let mut doctor = sandbox.command(["doctor", "--json"]);
        doctor.env("VAULT_STATE_DIR", directory);
        found(&finish(doctor))
    };
    let file = sandbox.write("file", "");
    assert!(with_state(&file).contains(&"fix state state".to_owned()));
    assert!(with_state(Path::new("relative")).contains(&"fix state state".to_owned()));
    let memory = Path::new("/dev/shm");
    if !memory.is_dir() {
        return;
    }
    let directory = tempfile::tempdir_in(memory).unwrap();
    assert!(with_state(directory.path()).contains(&"note filesystem state".to_owned()));
}

#[test]
fn the_agents_time_is_shown_and_a_locked_vaults_values_are_not_checked() {
    let vault = Unlocked::new();
    let doctor = || vault.run(&["doctor", "--json"]);
    assert_eq!(found(&doctor().ok()), ["note agent agent", "note values values"]);
    assert_eq!(remedy(&doctor(), "agent"), "vault unlock");
    vault.unlock(&[]).ok();
    assert!(found(&doctor().ok()).iter().all(|line| !line.contains("agent") && !line.contains("values values")));
    let text = vault.run(&["doctor"]).ok().text();
    assert!(text.contains("mia is unlocked until ") && text.contains(", or until "), "{text}");
    let off = |variable: &str, value: &str| {
        let mut doctor = vault.command(&["doctor"]);
        doctor.env_remove("VAULT_KEY").env(variable, value);
        finish(doctor)
    };
    assert!(off("VAULT_AGENT", "off").ok().text().contains("off by your settings"));
    set_mode(&vault.runtime, 0o755);
    let run = vault.run(&["doctor", "--json"]);
    assert!(found(&run).contains(&"fix agent agent".to_owned()), "{run:?}");
    set_mode(&vault.runtime, 0o700);
}

#[test]
fn an_agent_with_old_keys_is_found() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let other = vault.sandbox.home().join("other");
    let mut passwd = vault.command(&["passwd", "--key"]);
    finish({
        passwd.env("XDG_RUNTIME_DIR", "/absent").env("VAULT_STATE_DIR", other);
        passwd
    })
    .ok();
    let run = vault.run(&["doctor", "--json"]);
    assert!(found(&run).contains(&"fix agent agent".to_owned()), "{run:?}");
    assert_eq!(remedy(&run, "agent"), "vault lock");
}

#[test]
fn missing_git_setup_is_found_and_the_suggested_command_fixes_it() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program().parent().unwrap().display());
    let doctor = |path: &str| {
        let mut doctor = sandbox.command(["doctor", "--json"]);
        doctor.env("PATH", path);
        judged(&finish(doctor))
    };
    assert_eq!(doctor(&path), ["fix merge-driver git", "note untracked secrets.vault", "note pre-commit pre-commit"]);
    sandbox.run(["git", "setup"]).ok();
    sandbox.run(["scan", "--install-hook"]).ok();
    sandbox.git(&["add", "secrets.vault"]).ok();
    assert!(doctor(&path).is_empty());
    sandbox.git(&["config", "merge.vault.driver", "other"]).ok();
    assert_eq!(doctor(&path), ["fix merge-driver git"]);
    sandbox.git(&["config", "--unset", "merge.vault.driver"]).ok();
    assert_eq!(doctor(&path), ["fix merge-driver git"]);
    sandbox.run(["git", "setup"]).ok();
    let attributes = sandbox.project().join(".git/info/attributes");
    std::fs::create_dir_all(attributes.parent().unwrap()).unwrap();
    std::fs::write(&attributes, "secrets.vault text\n").unwrap();
    assert_eq!(doctor(&path), ["fix merge-driver .gitattributes"]);
    // git would commit something other than the file's content.
    for conversion in ["working-tree-encoding=UTF-16LE", "filter=lfs", "ident"] {
        std::fs::write(&attributes, format!("secrets.vault {conversion}\n")).unwrap();
        assert_eq!(doctor(&path), ["fix git-conversion .gitattributes"], "{conversion}");
    }
    std::fs::remove_file(&attributes).unwrap();
    let hook = sandbox.project().join(".git/hooks/pre-commit");
    set_mode(&hook, 0o644);
    assert_eq!(doctor(&path), ["fix pre-commit pre-commit"]);
    std::fs::write(&hook, "#!/bin/sh\nlint\n").unwrap();
    assert_eq!(doctor(&path), ["note pre-commit pre-commit"]);
    std::fs::write(&hook, "#!/bin/sh\nlint\nvault scan --staged --all-vaults || exit 1\n").unwrap();
    set_mode(&hook, 0o755);
    assert!(doctor(&path).is_empty());
    // Another program that is also called vault.
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("vault"), "#!/bin/sh\n").unwrap();
    set_mode(&bin.join("vault"), 0o755);
    assert_eq!(doctor(&format!("{}:{path}", bin.display())), ["fix git-program git"]);
}

#[test]
fn a_file_with_a_date_in_the_future_is_found() {
    if !has("touch") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    finish(sandbox.other("touch", ["-d", "2099-01-01", "secrets.vault"])).ok();
    assert_eq!(examined(&sandbox), ["fix clock secrets.vault"]);
}

//! `doctor` finds plaintext files beside the vault.

use super::doctor::{examined, found, remedy};
use crate::harness::{Sandbox, finish, has};

#[test]
fn plaintext_files_are_found_and_judged_by_git_and_the_vaults_content() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    sandbox.set("dev/TOKEN", b"pH3xu9ei4Kaith7o");
    sandbox.set("dev/OTHER", b"ohngah1Fie7aeNgi");
    let plain = || -> Vec<String> {
        let found = examined(&sandbox).into_iter();
        found.filter(|line| line.contains("plain-file")).map(|line| line.replace("plain-file ", "")).collect()
    };
    sandbox.write(".env.example", "TOKEN=\n");
    sandbox.write(".env", "A=b\n");
    sandbox.write(".env.local", "TOKEN=pH3xu9ei4Kaith7o\nAGAIN=pH3xu9ei4Kaith7o\nOTHER=ohngah1Fie7aeNgi\n");
    assert_eq!(plain(), ["fix .env", "fix .env.local"]);
    let text = sandbox.run(["doctor"]).text();
    assert!(
        text.contains("git does not ignore this plain file") && text.contains("contains 2 values of the vault"),
        "{text}"
    );
    assert!(!text.contains("pH3xu9ei4Kaith7o"), "{text}");
    sandbox.write(".gitignore", ".env*\n");
    assert_eq!(plain(), ["note .env", "fix .env.local"]);
    sandbox.git(&["add", "-f", ".env"]).ok();
    assert_eq!(plain(), ["fix .env", "fix .env.local"]);
    assert!(sandbox.run(["doctor"]).text().contains("git rm --cached .env"));
    // From another directory, the commands have absolute paths.
    std::fs::create_dir(sandbox.project().join("sub")).unwrap();
    let mut below = sandbox.command(["doctor", "--json"]);
    below.current_dir(sandbox.project().join("sub"));
    let whole = sandbox.project().canonicalize().unwrap().join(".env");
    assert_eq!(remedy(&finish(below), "plain-file"), format!("git rm --cached {}", whole.display()));
    // If the vault already has the values, the suggested import is into the environment that has them.
    sandbox.set("prod/LIVE", b"Ohk7eig6aeV3Uch1");
    sandbox.write(".env.live", "LIVE=Ohk7eig6aeV3Uch1\n");
    let text = sandbox.run(["doctor"]).text();
    assert!(text.contains("vault import .env.local -e dev --delete-source"), "{text}");
    assert!(text.contains("vault import .env.live -e prod --delete-source"), "{text}");
    // While the vault is locked, its content is unknown.
    let mut locked = sandbox.command(["doctor", "--json"]);
    locked.env_remove("VAULT_KEY");
    let locked = found(&finish(locked));
    assert!(locked.contains(&"note plain-file .env.local".to_owned()), "{locked:?}");
}

#[test]
fn a_plaintext_file_with_a_hostile_name_cannot_trick_the_terminal_or_a_shell() {
    use std::os::unix::ffi::OsStrExt as _;
    if !has("bash") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let names: [&[u8]; 4] =
        [b".env.\x1b]0;x\x07", b".env.\nfix   vault  all is well", b".env.\xff", b".env.$(touch ran)'"];
    for name in names {
        std::fs::write(sandbox.project().join(std::ffi::OsStr::from_bytes(name)), "A=b\n").unwrap();
    }
    let run = sandbox.run(["doctor"]).ok();
    assert!(!run.stdout.contains(&0x1b) && !run.stdout.contains(&7), "{run:?}");
    let lines: Vec<String> =
        run.text().lines().filter(|line| line.contains("vault import ")).map(str::to_owned).collect();
    assert_eq!(lines.len(), names.len(), "{run:?}");
    for line in lines {
        // The suggested command names the file.
        let (_, word) = line.split_once("vault import ").unwrap();
        let word = word.strip_suffix(" --delete-source").unwrap();
        finish(sandbox.other("bash", ["-c", &format!("test -f {word}")])).ok();
    }
    assert!(!sandbox.project().join("ran").exists());
}

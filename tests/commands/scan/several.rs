//! `scan --all-vaults`: several vaults in one repository, or none.

use super::{VALUE, git, in_repository, repository};
use crate::harness::{Sandbox, feed, finish, has};
use crate::unlocked::{PASSPHRASE, Unlocked};

#[test]
fn one_hook_scans_for_the_values_of_every_vault_in_the_repository() {
    const PASSPHRASE: &str = "seven purple lanterns drift over quiet harbors";
    let Some(sandbox) = in_repository(Sandbox::empty()) else { return };
    std::fs::create_dir_all(sandbox.project().join("service")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(command)
    };
    run(&["init"]).ok();
    run(&["init", "--vault", "service/secrets.vault"]).ok();
    run(&["set", "--vault", "service/secrets.vault", "TOKEN=only-in-the-service"]).ok();
    sandbox.write("a.txt", "only-in-the-service");
    git(&sandbox, &["add", "a.txt"]).ok();
    run(&["scan", "--staged"]).ok();
    let both = run(&["scan", "--staged", "--all-vaults"]);
    assert_eq!((both.code, both.text().lines().count()), (1, 1), "{both:?}");
    assert!(both.text().starts_with("a.txt:1  dev/TOKEN"), "{both:?}");
    // A pipe can be read only once.
    let piped = sandbox.command(["scan", "--staged", "--all-vaults", "--passphrase-fd", "0"]);
    let piped = feed(piped, format!("{PASSPHRASE}\n").as_bytes());
    assert_eq!((piped.code, piped.text().lines().count()), (1, 1), "{piped:?}");
    run(&["scan", "--install-hook"]).ok();
    assert_eq!(std::fs::read_to_string(sandbox.project().join(".git/hooks/pre-commit")).unwrap().lines().count(), 3);
    // Environment names belong to one vault.
    run(&["scan", "--all-vaults", "-e", "dev"]).fails(2).says("-e names environments of one vault");
}

#[test]
fn with_several_vaults_the_key_can_open_one_and_the_agent_another() {
    if !has("git") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let sandbox = &vault.sandbox;
    git(sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join("service")).unwrap();
    let key = finish(vault.command(&["init", "--key", "--vault", "service/secrets.vault"])).ok().text();
    vault.unlock_with("VAULT_PASSPHRASE", PASSPHRASE).ok();
    finish(vault.command(&["set", "TOKEN=of-the-first-vault"])).ok();
    let scan = || {
        let mut command = vault.command(&["scan", "--staged", "--all-vaults"]);
        command.env("VAULT_KEY", key.trim());
        finish(command)
    };
    sandbox.write("a.txt", "nothing");
    git(sandbox, &["add", "a.txt"]).ok();
    scan().ok();
    sandbox.write("a.txt", "of-the-first-vault");
    git(sandbox, &["add", "a.txt"]).ok();
    let found = scan();
    assert_eq!((found.code, found.text().as_str()), (1, "a.txt:1  dev/TOKEN of ./secrets.vault\n"));
}

#[test]
fn a_vault_of_other_people_causes_a_warning_and_stops_no_commit() {
    let Some(sandbox) = repository() else { return };
    let others = Sandbox::with_vault();
    std::fs::create_dir_all(sandbox.project().join("others")).unwrap();
    std::fs::copy(others.vault(), sandbox.project().join("others/secrets.vault")).unwrap();
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    const SAID: &str = "not looked for: the values of ./others/secrets.vault";
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says(SAID);
    // The hook runs at every commit, so one warning is enough.
    let again = sandbox.run(["scan", "--staged", "--all-vaults"]).ok();
    assert!(!again.stderr.contains(SAID), "{again:?}");
    sandbox.run(["scan", "--all-vaults", "a.txt"]).ok().says(SAID);
    sandbox.write("a.txt", VALUE);
    git(&sandbox, &["add", "a.txt"]).ok();
    assert_eq!(sandbox.run(["scan", "--staged", "--all-vaults"]).code, 1);
}

#[test]
fn a_vault_of_other_people_is_left_out_even_if_it_is_older_than_what_this_device_has_seen() {
    let Some(sandbox) = repository() else { return };
    let (others, theirs) = (Sandbox::with_vault(), sandbox.project().join("others/secrets.vault"));
    let old = std::fs::read(others.vault()).unwrap();
    others.run(["env", "add", "qa"]).ok();
    std::fs::create_dir_all(sandbox.project().join("others")).unwrap();
    std::fs::copy(others.vault(), &theirs).unwrap();
    let strict = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_STRICT", "1");
        finish(command)
    };
    sandbox.run(["verify", "--vault", "others/secrets.vault"]).ok();
    std::fs::write(&theirs, old).unwrap();
    strict(&["verify", "--vault", "others/secrets.vault"]).fails(6);
    sandbox.write("a.txt", "nothing");
    let said = "not looked for: the values of ./others/secrets.vault";
    strict(&["scan", "--all-vaults", "a.txt"]).ok().says(said);
    sandbox.write("a.txt", VALUE);
    assert_eq!(strict(&["scan", "--all-vaults", "a.txt"]).code, 1);
}

/// A repository with a staged file and no vault. `None` without git.
fn staged_without_a_vault() -> Option<Sandbox> {
    let sandbox = in_repository(Sandbox::empty())?;
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    Some(sandbox)
}

#[test]
fn if_no_vault_can_be_opened_the_scan_fails_instead_of_finding_nothing() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    for name in ["one", "two"] {
        let others = Sandbox::with_vault();
        std::fs::create_dir_all(sandbox.project().join(name)).unwrap();
        std::fs::copy(others.vault(), sandbox.project().join(name).join("secrets.vault")).unwrap();
        sandbox.run(["scan", "--staged", "--all-vaults"]).fails(4).says("it was never unlocked on this device");
    }
}

#[test]
fn in_a_repository_without_a_vault_there_is_nothing_to_search_for() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says("There was nothing to look for.");
}

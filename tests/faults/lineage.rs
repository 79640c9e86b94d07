//! The ancestors that a block names: signed, in a single form, and enough to tell a fork from a successor.

use crate::forge::{Forge, Member, Team, entry, list, made_up, refuses};
use crate::harness::Sandbox;
use vault::identity::Hash;
use vault::vault::Ancestors;

#[test]
fn every_save_names_its_ancestors() {
    let sandbox = Sandbox::with_vault();
    let mut before: Vec<Hash> = Vec::new();
    for version in 1..=70 {
        let mut forge = Forge::of(&sandbox);
        let statement = forge.block("dev").statement.clone();
        assert_eq!(statement.version, version);
        let entries: Vec<[u8; 8]> = before.iter().rev().map(entry).collect();
        assert_eq!(statement.ancestors, list(&entries, &[]), "{version}");
        before.push(forge.block_hash("dev"));
        // The program saves the first few and the last versions. The test makes those in between, which is faster.
        if (3..=60).contains(&version) {
            let mia = Member::owner(&sandbox);
            forge.seal(&mia, "dev", &[&mia], &[("KEY", "v")]).write();
        } else {
            sandbox.set("KEY", version.to_string().as_bytes());
        }
    }
    sandbox.run(["verify"]).ok();
}

#[test]
fn ancestors_are_signed() {
    let team = Team::new();
    let mut forge = team.forge();
    let version = forge.block("dev").statement.version;
    let previous = forge.block("dev").statement.previous.clone();
    assert_eq!((version, forge.block("dev").statement.ancestors.as_bytes().len()), (2, 8));
    // As version 3, which leaves room for a version that never existed.
    let block = forge.block("dev");
    (block.statement.version, block.statement.ancestors) = (3, made_up(3, &previous));
    forge.sign(&team.mia, "dev");
    let mut changed = Forge { path: forge.path.clone(), file: forge.file.clone() };
    changed.block("dev").statement.ancestors = list(&[entry(&previous[0]), entry(&Hash::of(b"another"))], &[]);
    changed.write();
    team.refuses("environment dev is not valid: it is not signed by mia");
}

/// A block with these ancestors, signed by somebody who may write it, on a device that saw no other.
fn with(team: &Team, version: u32, ancestors: Ancestors) {
    let mut forge = team.forge();
    let previous = vec![forge.block_hash("dev")];
    let block = forge.block("dev");
    (block.statement.version, block.statement.previous, block.statement.ancestors) = (version, previous, ancestors);
    forge.sign(&team.ben, "dev").write();
    let _ = std::fs::remove_dir_all(team.sandbox.state());
}

#[test]
fn the_signed_list_of_ancestors_has_one_form() {
    let team = Team::new();
    let there = entry(&team.forge().block_hash("dev"));
    let (other, low) = (entry(&Hash::of(b"another")), [0; 8]);
    let same = |entry: [u8; 8]| [entry[0], entry[1], entry[2], entry[3], entry[4], entry[5], entry[6], entry[7] | 1];
    with(&team, 3, list(&[there, other], &[]));
    team.sandbox.run(["verify"]).ok();
    let wrong = [
        (3, list(&[], &[])),
        (3, list(&[there], &[])),
        (3, list(&[there, other, low], &[])),
        (3, list(&[other, there], &[])),
        (3, list(&[same(there), other], &[])),
        (3, list(&[there, same(there), other], &[])),
        (3, list(&[there, same([255; 8]), other], &[])),
        (4, list(&[there, other, same(low), low], &[])),
        (64, list(&[there], &[0; 8].repeat(63))),
    ];
    for (version, ancestors) in wrong {
        with(&team, version, ancestors.clone());
        let why = "environment dev: its version does not fit the versions it follows";
        refuses(&team.sandbox, "dev/KEY", why);
        team.sandbox.run(["get", "prod/KEY"]).fails(6).says(why);
    }
}

#[test]
fn ancestors_have_one_spelling_and_are_bounded() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"two");
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let honest = text.lines().find(|line| line.starts_with("ancestors = ")).unwrap().to_owned();
    let value = honest.split('"').nth(1).unwrap();
    assert_eq!((value.len(), value.ends_with('=')), (12, true));
    let variants = [
        (String::new(), "does not fit"),
        ("ancestors = \"\"".to_owned(), "its ancestors are empty"),
        (honest.replace('=', ""), "damaged"),
        (honest.replace("=\"", "\""), "64 times 8 bytes"),
        (format!("ancestors = \" {value}\""), "64 times 8 bytes"),
        (format!("ancestors = \"{}\"", "A".repeat(685)), "64 times 8 bytes"),
        (format!("ancestors = \"{}\"", "A".repeat(1 << 20)), "64 times 8 bytes"),
        (format!("ancestors = [\"{value}\"]"), "damaged"),
        (format!("{honest}\n{honest}"), "damaged"),
    ];
    for (variant, why) in variants {
        std::fs::write(sandbox.vault(), text.replacen(&honest, &variant, 1)).unwrap();
        refuses(&sandbox, "KEY", why);
    }
    // A first version has no ancestors.
    let fresh = Sandbox::with_vault();
    let text = std::fs::read_to_string(fresh.vault()).unwrap();
    assert!(!text.contains("ancestors"));
    std::fs::write(fresh.vault(), text.replacen("previous = []", &format!("previous = []\n{honest}"), 1)).unwrap();
    refuses(&fresh, "KEY", "does not fit");
}

#[test]
fn n3_outside_git_a_fork_is_refused_no_matter_how_many_versions_it_is_ahead() {
    for ahead in [1, 2, 5, 60] {
        let sandbox = Sandbox::with_vault();
        sandbox.set("KEY", b"common");
        let mut fork = Forge::of(&sandbox);
        sandbox.set("KEY", b"seen here");
        let mia = Member::owner(&sandbox);
        for _ in 0..=ahead {
            fork.seal(&mia, "dev", &[&mia], &[("KEY", "fork")]);
        }
        fork.write();
        let version = 3 + ahead;
        refuses(
            &sandbox,
            "KEY",
            &format!("version {version} of environment dev does not follow version 3, which this device has seen"),
        );
    }
}

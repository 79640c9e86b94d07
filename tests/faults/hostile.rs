//! D: bytes from somebody else.

use crate::forge::{self, add_user, draft, environment, meaning, parts, put, refused, unlock, user};
use crate::harness::{Sandbox, finish};
use vault::file::File;
use vault::identity::{Head, PrivateKeys};
use vault::roster::{Change, Right, Role, Roster};
use vault::vault::Vault;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"of dev");
    sandbox.set("prod/A", b"of prod");
    sandbox
}

fn bytes(sandbox: &Sandbox) -> Vec<u8> {
    std::fs::read(sandbox.vault()).unwrap()
}

#[test]
fn d1_a_flipped_bit_is_refused_or_means_the_same() {
    let sandbox = sandbox();
    let scratch = tempfile::tempdir().unwrap();
    let original = bytes(&sandbox);
    let meant = meaning(&sandbox, &original, scratch.path()).unwrap();
    for at in 0..original.len() {
        let mut flipped = original.clone();
        flipped[at] ^= 1 << (at % 8);
        if let Ok(content) = meaning(&sandbox, &flipped, scratch.path()) {
            assert_eq!(content, meant, "byte {at}");
        }
    }
}

#[test]
fn d2_every_truncation_is_refused() {
    let sandbox = sandbox();
    let original = bytes(&sandbox);
    for length in 0..original.len() {
        let cut = File::parse(&original[..length]).and_then(|file| {
            let roster = Roster::verify(file.roster.clone(), None)?;
            assert!(file.blocks.len() < roster.state().environments.len(), "cut at {length} reads as whole");
            Err::<(), _>(vault::Error::integrity("a block is missing"))
        });
        cut.unwrap_err();
    }
    std::fs::write(sandbox.vault(), &original[..original.len() / 2]).unwrap();
    sandbox.run(["get", "A"]).fails(6);
}

#[test]
fn d3_trailing_data_is_refused() {
    let sandbox = sandbox();
    for tail in ["x", "# comment\n", "\n[more]\na = 1\n", "\0"] {
        let forged = [&bytes(&sandbox), tail.as_bytes()].concat();
        refused(File::parse(&forged));
    }
}

#[test]
fn d5_a_crlf_checkout_verifies() {
    let sandbox = sandbox();
    let text = String::from_utf8(bytes(&sandbox)).unwrap();
    std::fs::write(sandbox.vault(), text.replace('\n', "\r\n")).unwrap();
    sandbox.run(["verify"]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "of dev");
}

#[test]
fn d6_conflict_markers_are_an_unresolved_merge() {
    let sandbox = sandbox();
    let text = String::from_utf8(bytes(&sandbox)).unwrap();
    std::fs::write(sandbox.vault(), text.replacen("[[environment]]", "<<<<<<< HEAD\n[[environment]]", 1)).unwrap();
    sandbox.run(["list"]).fails(6).says("unresolved merge");
}

#[test]
fn d7_what_is_no_utf8_text_is_refused() {
    let sandbox = sandbox();
    let text = String::from_utf8(bytes(&sandbox)).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(File::parse(&utf16));
    refused(File::parse(text.replacen("dev", "d\0v", 1).as_bytes()));
    refused(File::parse(b""));
}

#[test]
fn d4_what_is_no_file_is_refused_at_once() {
    let sandbox = sandbox();
    sandbox.run(["--vault", "/dev/zero", "list"]).fails(1).says("a device");
    sandbox.run(["--vault", "/", "list"]).fails(1).says("a directory");
    finish(sandbox.other("mkfifo", ["fifo"])).ok();
    sandbox.run(["--vault", "fifo", "list"]).fails(1).says("a FIFO");
}

#[test]
fn d8_a_block_under_another_name_is_refused() {
    let sandbox = sandbox();
    let (mut file, _) = parts(&sandbox);
    let (dev, prod) = (file.blocks[0].clone(), file.blocks[1].clone());
    (file.blocks[0].data, file.blocks[1].data) = (prod.data, dev.data);
    put(&sandbox, &file);
    sandbox.run(["get", "A"]).fails(6);
    // Renamed with its whole statement.
    (file.blocks[0].data, file.blocks[1].data) = (dev_data(&sandbox, 1), dev_data(&sandbox, 0));
    let (first, second) = (file.blocks[0].statement.name.clone(), file.blocks[1].statement.name.clone());
    (file.blocks[0].statement.name, file.blocks[1].statement.name) = (second, first);
    put(&sandbox, &file);
    sandbox.run(["get", "A"]).fails(6);
    sandbox.run(["verify"]).fails(6);
}

fn dev_data(sandbox: &Sandbox, index: usize) -> String {
    File::parse(&bytes(sandbox)).unwrap().blocks[index].data.clone()
}

#[test]
fn d9_a_block_of_another_vault_is_refused() {
    let (sandbox, other) = (sandbox(), sandbox());
    let (mut file, _) = parts(&sandbox);
    file.blocks[0] = parts(&other).0.blocks[0].clone();
    put(&sandbox, &file);
    sandbox.run(["get", "A"]).fails(6);
}

#[test]
fn d10_a_roster_signature_does_not_sign_an_environment() {
    let sandbox = sandbox();
    let (mut file, _) = parts(&sandbox);
    file.blocks[0].signature = file.roster[1].signature;
    put(&sandbox, &file);
    sandbox.run(["get", "A"]).fails(6).says("not signed by mia");
}

#[test]
fn d12_a_jump_of_versions_is_refused() {
    let sandbox = sandbox();
    let session = unlock(&sandbox);
    let (mut file, roster) = parts(&sandbox);
    let mut statement = file.blocks[0].statement.clone();
    statement.version += 10_001;
    file.blocks[0] = forge::sign(statement, &file.blocks[0].data.clone(), &roster.id(), &session.identity().keys);
    put(&sandbox, &file);
    sandbox.run(["get", "A"]).fails(6).says("jumps from version");
}

#[test]
fn d16_a_self_signed_change_that_adds_someone_is_refused() {
    let sandbox = sandbox();
    let (mut file, roster) = parts(&sandbox);
    let outsider = PrivateKeys::generate();
    let keys = roster.sign_new_keys(&user("eve"), &outsider).unwrap();
    let grants = vec![(environment("prod"), Right::Write)];
    let change = Change::AddUser { user: user("eve"), email: None, role: Role::Admin, grants, keys };
    // Signed by the outsider, in the admin's name and in their own.
    for author in ["mia", "eve"] {
        let Ok(forged) = roster.append(draft(&user(author), change.clone()), &outsider) else { continue };
        file.roster = forged.statements().to_vec();
        put(&sandbox, &file);
        sandbox.run(["verify"]).fails(6).says("roster change 4 is not valid");
    }
}

#[test]
fn d17_l2_whoever_lost_their_rights_cannot_go_on_from_an_old_roster() {
    let sandbox = sandbox();
    let bob = add_user(&sandbox, "bob", Role::Admin, &[("prod", Right::Write)]);
    let (old_file, old) = parts(&sandbox);
    let mut session = unlock(&sandbox);
    let removed = session.edit(|edit| {
        edit.change_roster(Change::RemoveUser { user: user("bob") })?;
        edit.log(vault::log::Entry::new(vault::log::Action::UserRemove));
        Ok(())
    });
    removed.unwrap();
    // As an admin: another chain from before the removal.
    let forged =
        old.append(draft(&user("bob"), Change::SetRole { user: user("mia"), role: Role::Member }), &bob).unwrap();
    put(&sandbox, &File { roster: forged.statements().to_vec(), ..old_file.clone() });
    sandbox.run(["verify"]).fails(6).says("fork");
    // As a former writer: a block signed under the old roster, put into the file of today.
    let statement =
        vault::file::BlockStatement { author: user("bob"), roster: old.head(), ..old_file.blocks[1].statement.clone() };
    let block = forge::sign(statement, &old_file.blocks[1].data, &old.id(), &bob);
    let mut today = File { roster: session.vault().roster().statements().to_vec(), ..session.vault().file().clone() };
    today.blocks[1] = block;
    put(&sandbox, &today);
    sandbox.run(["verify"]).fails(6).says("took a right on it");
}

#[test]
fn d18_a_block_signed_by_a_reader_is_refused() {
    let sandbox = sandbox();
    let bob = add_user(&sandbox, "bob", Role::Member, &[("prod", Right::Read)]);
    let (mut file, roster) = parts(&sandbox);
    let before = &file.blocks[1];
    let statement =
        vault::file::BlockStatement { author: user("bob"), roster: roster.head(), ..before.statement.clone() };
    file.blocks[1] = forge::sign(statement, &before.data.clone(), &roster.id(), &bob);
    put(&sandbox, &file);
    sandbox.run(["get", "prod/A"]).fails(6).says("bob wrote it and may not");
}

#[test]
fn l9_a_block_left_pending_by_somebody_who_is_no_admin_is_refused() {
    let sandbox = sandbox();
    let bob = add_user(&sandbox, "bob", Role::Member, &[("prod", Right::Write)]);
    let (file, roster) = parts(&sandbox);
    let hash = file.blocks[0].dearmor(&roster.id()).unwrap().hash;
    let keys = roster.sign_new_keys(&user("bob"), &PrivateKeys::generate()).unwrap();
    let mut forged = draft(&user("bob"), Change::ReplaceKeys { keys });
    forged.pending = vec![(environment("dev"), hash)];
    refused(roster.append(forged, &bob));
}

#[test]
fn d20_oversized_and_deep_files_are_refused() {
    let armor = "A".repeat(40 * 1024 * 1024);
    refused(File::parse(armor.as_bytes()));
    refused(File::parse(format!("format = 1\nx = {}\n\"", "[".repeat(100_000)).as_bytes()));
    refused(File::parse(format!("format = 1\n{}\nx = \"\"\n", "a.".repeat(100_000)).as_bytes()));
    refused(File::parse(format!("format = 1\n{}x = '\n", "[[slot]]\n".repeat(100_000)).as_bytes()));
    refused(File::parse(b"format = 1\nformat = 1\nx = ''\n"));
}

#[test]
fn d21_a_newer_format_says_so() {
    let sandbox = sandbox();
    let text = String::from_utf8(bytes(&sandbox)).unwrap();
    std::fs::write(sandbox.vault(), text.replacen("format = 1", "format = 2\nnew = \"field\"", 1)).unwrap();
    sandbox.run(["list"]).fails(6).says("made by a newer version");
    std::fs::write(sandbox.vault(), text.replacen("kind = \"key\"", "kind = \"fido\"", 1)).unwrap();
    sandbox.run(["list"]).fails(6);
}

#[test]
fn d22_l12_a_recipient_that_is_none_is_refused() {
    let sandbox = sandbox();
    let text = String::from_utf8(bytes(&sandbox)).unwrap();
    let start = text.find("recipient = \"").unwrap() + 13;
    let end = start + text[start..].find('"').unwrap();
    let zero = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse_unchecked("age"), &[0; 32]).unwrap();
    for recipient in [zero.as_str(), "age1plugin", "ssh-ed25519 AAAA", "age1$(touch x)", ""] {
        let forged = format!("{}{recipient}{}", &text[..start], &text[end..]);
        std::fs::write(sandbox.vault(), forged).unwrap();
        sandbox.run(["set", "--kind", "variable", "B=1"]).fails(6);
    }
}

#[test]
fn l13_a_slot_of_another_vault_or_user_is_refused() {
    let (sandbox, other) = (sandbox(), sandbox());
    let (mut file, _) = parts(&sandbox);
    file.slots = parts(&other).0.slots;
    put(&sandbox, &file);
    let mut command = sandbox.command(["list"]);
    command.env("VAULT_KEY", other.key());
    finish(command).fails(6).says("another vault or user");
}

#[test]
fn l15_a_missing_block_is_refused() {
    let sandbox = sandbox();
    let (mut file, _) = parts(&sandbox);
    file.blocks.pop();
    put(&sandbox, &file);
    sandbox.run(["list"]).fails(6).says("environment prod is missing");
}

#[test]
fn an_older_chain_than_the_slot_knows_is_refused_on_a_fresh_machine() {
    let sandbox = sandbox();
    let session = unlock(&sandbox);
    let (mut file, roster) = parts(&sandbox);
    file.roster.pop();
    file.blocks.pop();
    let statement = vault::file::BlockStatement {
        roster: Head { version: 2, hash: roster.hash_at(2).unwrap() },
        ..file.blocks[0].statement.clone()
    };
    file.blocks[0] = forge::sign(statement, &file.blocks[0].data.clone(), &roster.id(), &session.identity().keys);
    let scratch = tempfile::tempdir().unwrap();
    let text = refused(meaning(&sandbox, file.to_text().as_bytes(), scratch.path()));
    assert!(text.contains("older than the one mia unlocked before"), "{text}");
}

#[test]
fn a_file_comes_back_from_its_text() {
    let sandbox = sandbox();
    add_user(&sandbox, "bob", Role::Member, &[("prod", Right::Read)]);
    let (file, _) = parts(&sandbox);
    assert_eq!(File::parse(file.to_text().as_bytes()).unwrap(), file);
    let vault = Vault::open(&sandbox.vault(), &forge::fresh(&sandbox.state())).unwrap();
    assert_eq!(vault.verify().unwrap().len(), 2);
}

//! Signed by the wrong user, or about the wrong thing: D8 to D11, D16 to D18, L9, L12, L15.

mod keys;
mod pending;

pub use pending::Chain;

use crate::forge::{Forge, Member, Team, block_message, content, environment, refuses, user};
use crate::harness::Sandbox;
use vault::identity::Hash;
use vault::roster::{Change, Right, Role, Statement};

#[test]
fn d8_a_block_under_another_environments_name_is_refused() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.file.blocks[0].statement.name = environment("prod");
    forge.file.blocks[1].statement.name = environment("dev");
    forge.write();
    team.refuses("is not");
    // Only the data is exchanged, in both directions.
    for (from, to) in [("dev", "prod"), ("prod", "dev")] {
        let mut forge = team.forge();
        forge.block(to).data = forge.block(from).data.clone();
        forge.write();
        let why = format!("environment {to} is not valid: it is not signed by mia");
        refuses(&team.sandbox, &format!("{to}/KEY"), &why);
    }
}

#[test]
fn d8_a_writer_of_two_environments_cannot_sign_one_as_the_other() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.block("dev").data = forge.block("prod").data.clone();
    forge.sign(&team.mia, "dev");
    forge.write();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    // The signature is valid, but the content belongs elsewhere.
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says("contains data that belongs elsewhere");
    team.sandbox.run_with_input(["set", "dev/KEY"], b"new").fails(6);
}

#[test]
fn d9_a_block_of_another_vault_is_refused() {
    let (team, other) = (Team::new(), Team::new());
    let mut forge = team.forge();
    *forge.block("dev") = other.forge().block("dev").clone();
    forge.write();
    team.refuses("environment dev is not valid");
    // The same user with the same keys in a vault of the same shape. Only the id differs.
    let mut forge = team.forge();
    let foreign = other.forge();
    let head = forge.head();
    let block = forge.block("dev");
    block.statement.roster = head;
    let message = block_message(&foreign.id(), &block.statement, &block.data);
    block.statement.author = team.mia.name.clone();
    block.signature = team.mia.keys.sign(&message);
    forge.write();
    team.refuses("is not signed by mia");
}

#[test]
fn d10_a_signature_is_valid_only_for_its_kind_of_statement() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.block("dev").signature = forge.file.roster[0].signature;
    forge.write();
    team.refuses("is not signed by mia");
    let mut forge = team.forge();
    let signature = forge.block("dev").signature;
    forge.change(&team.mia, Change::SetRole { user: user("ben"), role: Role::Admin });
    forge.file.roster.last_mut().unwrap().signature = signature;
    forge.write();
    team.refuses("roster change");
}

#[test]
fn d16_a_signature_by_an_outsider_or_member_adds_nobody() {
    let team = Team::new();
    let eve = Member::new("eve");
    for author in [&eve, &team.ben, &team.rea] {
        let mut forge = team.forge();
        let change = forge.adding(&eve, Role::Admin, &[]);
        forge.change(author, change).write();
        team.refuses("roster change 7");
    }
    // An admin's signature would have been valid.
    let mut forge = team.forge();
    forge.join(&team.ada, &eve, Role::Admin, &[]);
    forge.write();
    team.accepts();
}

#[test]
fn d16_a_vault_recreated_by_an_outsider_is_another_vault() {
    let team = Team::new();
    let other = Team::new();
    std::fs::copy(other.sandbox.vault(), team.sandbox.vault()).unwrap();
    team.refuses("this is not the vault that this device has seen at this path");
    // On a device that has seen nothing, the key opens nothing.
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    team.sandbox.run(["get", "dev/KEY"]).fails(4);
    // With the victim's slot, the passphrase or key opens something, but it belongs to another vault.
    let mut forge = other.forge();
    forge.file.slots.extend(team.forge().file.slots);
    std::fs::write(team.sandbox.vault(), forge.file.to_text()).unwrap();
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says("was copied from another vault");
}

#[test]
fn the_first_change_must_be_signed_by_its_own_key() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"v");
    let mut forge = Forge::of(&sandbox);
    let eve = Member::new("eve");
    let Statement { draft, .. } = &forge.file.roster[0];
    let signature = eve.keys.sign(&crate::forge::message(&Hash::ZERO, 1, &Hash::ZERO, draft));
    forge.file.roster[0].signature = signature;
    forge.write();
    refuses(&sandbox, "dev/KEY", "roster change 1 is not valid");
}

#[test]
fn d18_a_block_written_by_a_reader_is_refused() {
    let team = Team::new();
    for author in [&team.rea, &team.ada, &Member::new("eve")] {
        let mut forge = team.forge();
        forge.seal(author, "dev", &[&team.mia, author], &[("KEY", "planted")]).write();
        let why = format!("{} wrote it without the right to", author.name);
        team.sandbox.run(["verify"]).fails(6).says(&why);
        team.sandbox.run(["get", "dev/KEY"]).fails(6).says(&why);
    }
    // A writer's signature would have been valid.
    team.forge().seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "v")]).write();
    team.accepts();
    // In the name of a writer, with a reader's key.
    let mut forge = team.forge();
    forge.seal(&team.rea, "dev", &[&team.mia], &[("KEY", "planted")]);
    forge.block("dev").statement.author = team.ben.name.clone();
    forge.write();
    team.refuses("is not signed by ben");
}

#[test]
fn d17_changes_by_a_removed_admin_on_an_old_roster_are_refused() {
    let team = Team::new();
    let old = team.forge();
    let mut forge = team.forge();
    forge.change(&team.mia, Change::RemoveUser { user: user("ada") });
    forge.seal(&team.mia, "prod", &[&team.mia], &[("KEY", "new")]);
    forge.write();
    team.accepts();
    // On the old roster, as if nobody was removed: a fork.
    let mut fork = Forge { file: old.file, ..Forge::of(&team.sandbox) };
    fork.join(&team.ada, &Member::new("eve"), Role::Admin, &[]);
    fork.change(&team.ada, Change::SetRole { user: user("ben"), role: Role::Admin });
    fork.write();
    team.refuses("fork");
    // On the new roster.
    forge.change(&team.ada, Change::SetRole { user: user("ben"), role: Role::Admin });
    forge.write();
    team.refuses("by somebody who is not a user");
}

#[test]
fn l2_a_block_by_a_former_writer_on_an_old_roster_is_refused() {
    let team = Team::new();
    let mut forge = team.forge();
    let everybody = [&team.mia, &team.ben, &team.rea];
    let mut late = team.forge();
    forge.change(&team.mia, Change::Revoke { user: user("ben"), environments: vec![environment("dev")] });
    forge.seal(&team.mia, "dev", &[&team.mia, &team.rea], &[("KEY", "new")]);
    let version = forge.block("dev").statement.version;
    forge.write();
    team.accepts();
    // Written under the roster that still had the right, newer than everything, and put into the new file.
    late.seal_as(&team.ben, "dev", version + 1, vec![forge.block_hash("dev")], &everybody, &content(&[("KEY", "x")]));
    *forge.block("dev") = late.block("dev").clone();
    forge.write();
    team.refuses("from before roster change 7, which revoked a right on it");
    // Written under the new roster.
    forge.seal_as(&team.ben, "dev", version + 1, vec![Hash::of(b"")], &everybody, &content(&[("KEY", "x")]));
    forge.write();
    team.refuses("ben wrote it without the right to");
}

#[test]
fn l15_a_missing_block_does_not_count_as_a_new_environment() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.file.blocks.retain(|block| block.statement.name.as_str() == "dev");
    forge.write();
    team.refuses("environment prod is missing from the file");
    // An environment that no admin added, and one that appears twice.
    let mut forge = team.forge();
    let mut extra = forge.block("dev").clone();
    extra.statement.name = environment("extra");
    forge.file.blocks.push(extra);
    forge.write();
    team.refuses("an environment extra that no admin added");
    let mut forge = team.forge();
    let twice = forge.block("dev").clone();
    forge.file.blocks.push(twice);
    forge.write();
    team.refuses("an environment twice");
}

#[test]
fn l5_the_last_admin_cannot_be_removed() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"v");
    let mia = Member::owner(&sandbox);
    for change in [Change::SetRole { user: user("mia"), role: Role::Member }, Change::RemoveUser { user: user("mia") }]
    {
        let mut forge = Forge::of(&sandbox);
        forge.file.roster.truncate(2);
        forge.change(&mia, change).write();
        refuses(&sandbox, "dev/KEY", "last admin");
    }
}

#[test]
fn only_admins_who_write_an_environment_can_grant_rights_on_it() {
    let team = Team::new();
    let grant = |right| Change::Grant { user: user("ada"), grants: vec![(environment("dev"), right)] };
    // ada is an admin who can't read dev.
    let mut forge = team.forge();
    forge.change(&team.ada, grant(Right::Read)).write();
    team.refuses("can't grant rights on dev without the right to write it");
    // ben writes dev and is not an admin.
    let mut forge = team.forge();
    forge.change(&team.ben, grant(Right::Read)).write();
    team.refuses("is not an admin");
    // Nor by removing the environment and adding it again, which invalidates its old content.
    let mut forge = team.forge();
    forge.change(&team.ada, Change::RemoveEnvironment { environment: environment("dev") });
    let grants = vec![(team.ada.name.clone(), Right::Write), (team.mia.name.clone(), Right::Write)];
    forge.change(&team.ada, Change::AddEnvironment { environment: environment("dev"), grants }).write();
    team.refuses("from before roster change 8");
}

/// The team's dev environment with one item that has these fields besides its value, on a device that saw no other.
fn with_item(team: &Team, name: &str, fields: &str) {
    let mut forge = team.forge();
    let (vault, previous) = (forge.id(), vec![forge.block_hash("dev")]);
    let version = forge.block("dev").statement.version + 1;
    let plaintext = format!(
        r#"{{"id":"{vault}","environment":"dev","version":{version},"items":[{{"name":"{name}","value":"x",
        "updated_at":"2026-11-23T17:00:00Z","updated_by":"ben"{fields}}}],"anchors":{{}}}}"#
    );
    let readers = [&team.mia, &team.ben, &team.rea];
    forge.seal_plaintext(&team.ben, "dev", version, previous, &readers, plaintext.as_bytes()).write();
    let _ = std::fs::remove_dir_all(team.sandbox.state());
}

#[test]
fn an_items_fields_are_checked_on_reading() {
    let team = Team::new();
    let tags = |count: usize| vec!["\"t\""; count].join(",");
    let (note, id) = ("n".repeat(4096), "0123456789abcdef".repeat(2));
    let honest = format!(r#","id":"{id}","kind":"variable","note":"{note}","provider":"{note}","tags":[{}]"#, tags(16));
    with_item(&team, "KEY", &honest);
    team.accepts();
    team.sandbox.run(["list", "-e", "dev"]).ok();
    let beyond = [
        format!(r#","note":"{note}n""#),
        format!(r#","provider":"{note}n""#),
        format!(r#","tags":[{}]"#, tags(17)),
        r#","tags":["no tag"]"#.to_owned(),
        r#","id":"""#.to_owned(),
        format!(r#","id":"{id}0""#),
        format!(r#","id":"{}""#, id.to_uppercase()),
    ];
    for fields in beyond {
        with_item(&team, "KEY", &fields);
        team.sandbox.run(["list", "-e", "dev"]).fails(6).says("something that this program can't read");
        team.sandbox.run_with_input(["set", "dev/KEY"], b"new").fails(6);
    }
    with_item(&team, "NO-VARIABLE", r#","kind":"variable""#);
    team.sandbox.run(["list", "-e", "dev"]).fails(6).says("something that this program can't read");
}

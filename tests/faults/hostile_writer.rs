//! O: what one user writes can't harm others.

mod branches;
mod dates;
mod environments;

use crate::forge::{Forge, Team, environment, user};
use vault::roster::{Change, Right, Role};

/// The team in git. The last commit has the intact dev.
fn in_git() -> Team {
    let team = Team::new();
    team.forge().write();
    team.sandbox.git(&["init", "-q"]).ok();
    team.sandbox.git(&["add", "secrets.vault"]).ok();
    team.sandbox.git(&["commit", "-q", "-m", "all is well"]).ok();
    team
}

/// ben saves dev with this plaintext.
fn planted(team: &Team, plaintext: &str) -> Forge {
    let version = team.forge().block("dev").statement.version + 1;
    planted_as(team, version, plaintext)
}

/// ben saves dev as this version.
fn planted_as(team: &Team, version: u32, plaintext: &str) -> Forge {
    let mut forge = team.forge();
    let previous = vec![forge.block_hash("dev")];
    let plaintext = plaintext.replace("VAULT", &forge.id().to_string()).replace("VERSION", &version.to_string());
    let readers = [&team.mia, &team.ben, &team.rea];
    forge.seal_plaintext(&team.ben, "dev", version, previous, &readers, plaintext.as_bytes()).write();
    forge
}

const ITEM: &str = r#"{"name":"KEY","value":"v","updated_at":"2026-01-01T00:00:00Z","updated_by":"ben"}"#;

fn block(items: &str) -> String {
    format!(r#"{{"id":"VAULT","environment":"dev","version":VERSION,"items":[{items}],"anchors":{{}}}}"#)
}

/// The ways in which ben can save dev so that nobody can read it.
fn unreadable(team: &Team) -> Vec<(&'static str, Forge)> {
    let large = ITEM.replace(r#""v""#, &format!("\"{}\"", "x".repeat(1024 * 1024 + 1)));
    let mut garbage = team.forge();
    let mut not_for_mia = team.forge();
    not_for_mia.seal(&team.ben, "dev", &[&team.ben, &team.rea], &[("KEY", "hidden")]);
    garbage.block("dev").data = super::hostile::armor(b"age-encryption.org/v1\nthis is none").into();
    let (version, previous) = (garbage.block("dev").statement.version + 1, team.forge().block_hash("dev"));
    let (head, ancestors) = (garbage.head(), team.forge().ancestors("dev", version, &[previous]));
    let statement = &mut garbage.block("dev").statement;
    (statement.version, statement.previous, statement.ancestors, statement.roster) =
        (version, vec![previous], ancestors, head);
    garbage.sign(&team.ben, "dev");
    vec![
        ("no JSON", planted(team, "hunter2")),
        ("doubled", planted(team, &block(&format!("{ITEM},{ITEM}")))),
        ("oversized", planted(team, &block(&large))),
        ("that belongs elsewhere", planted(team, &block(ITEM).replace("dev", "prod"))),
        ("not encrypted to mia", not_for_mia),
        ("no age file", garbage),
    ]
}

#[test]
fn o1_an_unreadable_environment_does_not_prevent_revoking_rights() {
    let team = in_git();
    for (what, forge) in unreadable(&team) {
        for command in [
            &["user", "rm", "-y", "ben"][..],
            &["revoke", "ben", "dev"],
            &["grant", "ben", "dev:read"],
            &["passwd", "--key"],
        ] {
            forge.write();
            let _ = std::fs::remove_dir_all(team.sandbox.state());
            let refused = team.sandbox.run(command);
            assert!([5, 6].contains(&refused.code), "{what}: {refused:?}");
            refused
                .says("environment dev")
                .says("ben saved it, as version")
                .says("--restore dev=REF")
                .says("--empty dev");
            team.sandbox.run([command, &["--restore", "dev=HEAD"]].concat()).ok().says("dev now has the content of");
            team.sandbox.run(["verify"]).ok();
            if command[0] == "passwd" {
                continue;
            }
            assert_eq!(team.sandbox.run(["get", "dev/KEY"]).ok().text(), "dev-value", "{what}");
            forge.write();
            let _ = std::fs::remove_dir_all(team.sandbox.state());
            team.sandbox.run([command, &["--empty", "dev"]].concat()).ok().says("dev is empty now");
            assert_eq!(team.sandbox.run(["list", "-e", "dev", "--json"]).ok().json(), serde_json::json!([]), "{what}");
        }
    }
}

#[test]
fn o1_a_writer_who_makes_the_version_jump_or_exhausts_it_can_be_removed() {
    for version in [u32::MAX, u32::MAX - 1, 50_000] {
        // A new device accepts ben's save. If no version number is left, counting starts again.
        let team = Team::new();
        let _ = planted_as(&team, version, &block(ITEM));
        std::fs::remove_dir_all(team.sandbox.state()).unwrap();
        team.sandbox.run(["user", "rm", "-y", "ben"]).ok();
        assert_eq!(team.sandbox.run(["get", "dev/KEY"]).ok().text(), "v", "{version}");
        team.sandbox.set("dev/KEY", b"new");
        team.sandbox.set("dev/KEY", b"newer");
        team.sandbox.run(["verify"]).ok();
        // A device that has seen an honest version refuses the jump, and works without it.
        let team = Team::new();
        let _ = planted_as(&team, version, &block(ITEM));
        team.sandbox.run(["user", "rm", "-y", "ben"]).fails(6).says("dev jumps from version").says("--empty dev");
        team.sandbox.run(["user", "rm", "-y", "ben", "--empty", "dev"]).ok().says("dev is empty now");
        team.sandbox.set("dev/KEY", b"new");
        team.sandbox.run(["verify"]).ok();
        assert_eq!(team.sandbox.run(["get", "dev/KEY"]).ok().text(), "new", "{version}");
    }
}

#[test]
fn o1_a_readable_environment_is_kept_even_with_the_option_for_unreadable_ones() {
    let team = in_git();
    team.sandbox.set("dev/KEY", b"newer");
    let run = team.sandbox.run(["user", "rm", "-y", "ben", "--empty", "dev"]).ok();
    assert!(!run.stderr.contains("now has the content"), "{run:?}");
    assert_eq!(team.sandbox.run(["get", "dev/KEY"]).ok().text(), "newer");
    team.sandbox.run(["revoke", "rea", "dev", "--empty", "nosuch"]).fails(3).says("nosuch");
    team.sandbox.run(["revoke", "rea", "dev", "--restore", "dev"]).fails(2).says("dev=HEAD~1");
    team.sandbox.run(["revoke", "rea", "dev", "--restore", "dev=nosuch"]).fails(2).says("revision");
    team.sandbox
        .run(["revoke", "rea", "dev", "--restore", "dev=HEAD", "--empty", "dev"])
        .fails(2)
        .says("give only one: --restore dev=REF or --empty dev");
}

#[test]
fn o1_a_restored_environment_must_be_this_vaults_and_is_due_if_somebody_left_since() {
    let team = in_git();
    team.sandbox.run(["revoke", "rea", "dev"]).ok();
    // As ben could have left it. rea had seen the earlier content.
    let mut forge = Forge::of(&team.sandbox);
    forge.seal(&team.ben, "dev", &[&team.ben], &[("KEY", "hidden")]).write();
    let other = Team::new();
    std::fs::copy(other.sandbox.vault(), team.sandbox.project().join("other")).unwrap();
    team.sandbox.run(["user", "rm", "-y", "ben", "--restore", "dev=HEAD"]).ok();
    assert!(team.sandbox.run(["list", "-e", "dev", "--due"]).ok().text().contains("KEY"));
    // A commit that has another vault in its place.
    forge.write();
    let _ = std::fs::remove_dir_all(team.sandbox.state());
    std::fs::rename(team.sandbox.vault(), team.sandbox.project().join("own")).unwrap();
    std::fs::rename(team.sandbox.project().join("other"), team.sandbox.vault()).unwrap();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "another vault"]).ok();
    std::fs::rename(team.sandbox.project().join("own"), team.sandbox.vault()).unwrap();
    let run = team.sandbox.run(["user", "rm", "-y", "ben", "--restore", "dev=HEAD"]);
    run.fails(6).says("not an earlier state of the vault");
}

#[test]
fn o1_an_environment_filled_to_the_limit_can_be_emptied_for_a_removal() {
    let team = Team::new();
    let item = |number: usize, size: usize| format!(r#"{{"name":"K{number}","value":"{}"}}"#, "x".repeat(size));
    let usual = r#""usual":{"updated_at":"2026-01-01T00:00:00Z","updated_by":"ben"},"items""#;
    let filled = |last: usize| {
        let items: Vec<String> =
            (0..24).map(|number| item(number, if number == 23 { last } else { 1 << 20 })).collect();
        planted(&team, &block(&items.join(",")).replace(r#""items""#, usual))
    };
    // 48 bytes are a line of 65 in the armor. A chunk of 64 KiB adds 16 bytes.
    let room = vault::vault::MAX_FILE - filled(0).file.to_text().len();
    let forge = filled((room - 400) / 65 * 48);
    assert!(forge.file.to_text().len() < vault::vault::MAX_FILE);
    let _ = std::fs::remove_dir_all(team.sandbox.state());
    let refused = team.sandbox.run(["user", "rm", "-y", "ben"]).fails(2);
    refused.says("would be larger than 32 MiB").says("--empty dev");
    team.sandbox.run(["user", "rm", "-y", "ben", "--empty", "dev"]).ok().says("dev is empty now");
    assert_eq!(team.sandbox.run(["list", "-e", "dev", "--json"]).ok().json(), serde_json::json!([]));
    team.accepts_prod();
}

#[test]
fn o1_one_unreadable_environment_does_not_hide_the_others() {
    let team = Team::new();
    let _ = planted(&team, "hunter2");
    let warning = "environment dev contains something that this program can't read; ben saved it, as version 3";
    for command in [&["status"][..], &["log"], &["log", "verify"], &["list", "--due"], &["exposure", "ben"]] {
        let run = team.sandbox.run(command).ok().says(warning);
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
    }
    assert_eq!(team.sandbox.run(["get", "prod/KEY"]).ok().text(), "prod-value");
    // A scan looks for the other values, and its exit code says that some are missing.
    team.sandbox.write("notes", "prod-value");
    let scan = team.sandbox.run(["scan", "notes"]).fails(1).says(warning);
    assert_eq!(scan.text(), "notes:1  prod/KEY\n");
    team.sandbox.write("notes", "nothing");
    let scan = team.sandbox.run(["scan", "notes"]).fails(1).says("the values of dev could not be read");
    scan.says("Found none of 1 value in what was read.");
    team.sandbox.run(["scan", "-e", "dev", "notes"]).fails(6).says(warning);
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says(warning);
    team.sandbox.run(["exec", "-e", "dev", "--", "true"]).fails(125).says(warning);
    // An admin who writes it restores it, and nobody loses a right.
    let grant = ["grant", "mia", "dev:write", "--empty", "dev"];
    team.sandbox.run(grant).ok().says("mia already writes dev").says("dev is empty now");
    assert_eq!(team.sandbox.run(["list", "-e", "dev", "--json"]).ok().json(), serde_json::json!([]));
    team.sandbox.run(grant).ok();
    assert_eq!(Forge::of(&team.sandbox).block("dev").statement.version, 4, "once");
}

#[test]
fn o2_a_flood_of_changes_by_a_member_is_refused_and_affects_nobody_else() {
    let team = Team::new();
    let mut forge = team.forge();
    let own = environment("own");
    let add = || Change::AddEnvironment { environment: own.clone(), grants: vec![(user("ben"), Right::Write)] };
    for _ in 0..128 {
        forge.change(&team.ben, add());
        forge.change(&team.ben, Change::RemoveEnvironment { environment: own.clone() });
    }
    forge.write();
    team.accepts();
    team.ben.run(&team.sandbox, &["env", "add", "own", "--private"]).fails(5).says("has made 256 changes");
    let mut flood = Forge { path: forge.path.clone(), file: forge.file.clone() };
    flood.change(&team.ben, add());
    flood.change(&team.ben, Change::RemoveEnvironment { environment: own.clone() });
    flood.write();
    team.refuses("\"ben\" has made 256 changes since the last one by an admin");
    forge.write();
    team.rea.run(&team.sandbox, &["env", "add", "reas", "--private"]).ok();
    team.sandbox.run(["user", "rm", "-y", "ben"]).ok();
}

#[test]
fn o2_a_member_may_have_four_environments_that_nobody_else_reads() {
    let team = Team::new();
    for name in ["a", "b", "c", "d"] {
        team.ben.run(&team.sandbox, &["env", "add", name, "--private"]).ok();
    }
    let refused = team.ben.run(&team.sandbox, &["env", "add", "e", "--private"]).fails(5);
    refused.says("has 4 environments that nobody else reads").says("vault env rm a, or b, or c, or d");
    team.ben.run(&team.sandbox, &["env", "rm", "-y", "a"]).ok();
    team.ben.run(&team.sandbox, &["env", "add", "e", "--private"]).ok();
    team.rea.run(&team.sandbox, &["env", "add", "f", "--private"]).ok();
    team.sandbox.run(["env", "add", "g", "--private"]).ok();
}

#[test]
fn o2_status_and_doctor_warn_about_a_roster_that_fills_up() {
    let team = Team::new();
    let mut forge = team.forge();
    let run = team.sandbox.run(["status"]).ok();
    assert!(!run.stderr.contains("of at most"), "{run:?}");
    let mut chain = crate::faults::forgery::Chain::of(&forge);
    while chain.len() < 8_000 {
        chain.push(&team.mia, Change::SetRole { user: user("ada"), role: Role::Admin }, Vec::new());
    }
    forge.file.roster = chain.into_statements();
    forge.write();
    team.sandbox.run(["status"]).ok().says("the roster has 8000 of at most 10000 changes").says("vault init");
    let run = team.sandbox.run(["doctor"]).ok();
    assert!(run.text().contains("its roster has 8000 of at most 10000 changes"), "{run:?}");
}

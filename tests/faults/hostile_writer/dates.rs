//! O4: dates that one user writes, and old blocks that an admin leaves pending.

use super::{ITEM, block, in_git, planted};
use crate::forge::{Forge, Team, environment, user};
use vault::item::Content;
use vault::roster::{Change, Draft, Right, Statement};
use vault::time::Time;

#[test]
fn o4_a_value_dated_next_century_counts_as_known_to_a_former_user_and_is_due() {
    let team = Team::new();
    let item = ITEM.replace("2026-01-01", "2999-01-01").replace(r#"b"}"#, "");
    let item = item.replace(r#""updated_by":"ben"}"#, r#""updated_by":"ben","rotate_due":"2998-01-01T00:00:00Z"}"#);
    let _ = planted(&team, &block(&item));
    let due = team.sandbox.run(["list", "--due", "-e", "dev", "--json"]).ok().json();
    assert_eq!(due[0]["name"], "KEY", "{due}");
    assert!(due[0]["updatedAt"].as_str().unwrap() <= Time::now().to_string().as_str(), "{due}");
    team.sandbox.run(["user", "rm", "-y", "rea"]).ok();
    let exposed = team.sandbox.run(["exposure", "rea", "--json"]).ok().text();
    assert!(exposed.contains(r#""inUse":true"#) && !exposed.contains("2999"), "{exposed}");
}

/// A block, its items and a roster change, to which ben gives the first or the last possible date.
fn dated(team: &Team, date: &str) -> Forge {
    let time = Time::parse(date).unwrap();
    let mut forge = team.forge();
    let (version, previous) = (u32::try_from(forge.file.roster.len()).unwrap() + 1, forge.head().hash);
    let change = Change::AddEnvironment { environment: environment("bens"), grants: vec![(user("ben"), Right::Write)] };
    let draft = Draft { author: user("ben"), time, change, pending: Vec::new() };
    let signature = team.ben.keys.sign(&crate::forge::message(&forge.id(), version, &previous, &draft));
    forge.file.roster.push(Statement { version, draft, signature });
    let mut block_of_it = forge.block("dev").clone();
    block_of_it.statement.name = environment("bens");
    forge.file.blocks.insert(0, block_of_it);
    forge.seal_as(&team.ben, "bens", 1, Vec::new(), &[&team.ben], &Content::default());
    let item = format!(
        r#"{{"name":"KEY","value":"v","version":2,"created_at":"{date}","updated_at":"{date}","updated_by":"ben","set_at":"{date}",
        "rotate_after":90,"history":[{{"version":1,"value":"w","set_at":"{date}","set_by":"ben"}}]}}"#
    );
    let version = forge.block("dev").statement.version + 1;
    let plaintext = block(&item).replace("VAULT", &forge.id().to_string()).replace("VERSION", &version.to_string());
    let previous = vec![forge.block_hash("dev")];
    let readers = [&team.mia, &team.ben, &team.rea];
    forge.seal_plaintext(&team.ben, "dev", version, previous, &readers, plaintext.as_bytes());
    forge.block("dev").statement.time = time;
    forge.sign(&team.ben, "dev");
    forge
}

#[test]
fn o4_planted_dates_of_the_first_and_the_last_year_cause_no_failure() {
    for date in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let team = in_git();
        std::fs::remove_dir_all(team.sandbox.state()).unwrap();
        dated(&team, date).write();
        for command in [
            &["verify"][..],
            &["status"],
            &["doctor"],
            &["list", "-e", "dev", "--values"],
            &["list", "-e", "dev", "--stale", "90d"],
            &["list", "--due"],
            &["history", "dev/KEY"],
            &["exposure", "rea"],
            &["env", "list"],
            &["user", "list", "--at", "2999-01-01"],
            &["diff", "HEAD"],
            &["log", "verify"],
        ] {
            let run = team.sandbox.run(command);
            assert!([0, 1].contains(&run.code) && !run.stderr.contains("panicked"), "{date} {command:?}: {run:?}");
            // A date in the future counts as now for every reader.
            let is_told = command[0] == "doctor" || command[0] == "user";
            assert!(is_told || !run.text().contains("9999"), "{date} {command:?}: {run:?}");
        }
        team.sandbox.run(["user", "rm", "-y", "ben", "--orphan", "bens"]).ok();
        assert_eq!(team.sandbox.run(["get", "dev/KEY"]).ok().text(), "v", "{date}");
        team.sandbox.set("dev/KEY", b"new");
        team.sandbox.run(["rollback", "dev/KEY"]).ok();
        let due = team.sandbox.run(["list", "--due", "-e", "dev", "--json"]).ok().json();
        assert_eq!(due[0]["name"], "KEY", "what ben knew is due: {date} {due}");
        team.sandbox.run(["verify"]).ok();
    }
}

/// The team's vault. mia has seen version 3 of dev. ada, an admin who can't write dev, removes ben and leaves an older
/// block of dev pending. Returns that block.
fn with_old_pending(team: &Team, in_git: bool) -> Forge {
    if in_git {
        team.sandbox.git(&["init", "-q"]).ok();
        std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    }
    let mut forge = team.forge();
    forge.write();
    team.accepts();
    let (old, hash) = (forge.block("dev").clone(), forge.block_hash("dev"));
    forge.seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "newer")]).write();
    team.accepts();
    forge.change_leaving(&team.ada, Change::RemoveUser { user: user("ben") }, vec![(environment("dev"), hash)]);
    *forge.block("dev") = old;
    forge
}

#[test]
fn o4_an_admin_cannot_restore_an_older_block_by_leaving_it_pending() {
    for in_git in [false, true] {
        let team = Team::new();
        with_old_pending(&team, in_git).write();
        team.refuses(
            "environment dev is left pending at version 2, which does not follow version 3 that this device has seen",
        );
        // The newest block can be left pending and is accepted.
        let mut forge = team.forge();
        forge.seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "newer")]);
        forge.write();
        std::fs::remove_dir_all(team.sandbox.state()).unwrap();
        team.ada.run(&team.sandbox, &["user", "rm", "-y", "ben"]).ok();
        team.accepts();
    }
}

#[test]
fn o4_an_honest_admin_leaves_no_block_pending_that_is_older_than_what_they_saw() {
    let team = Team::new();
    team.sandbox.git(&["init", "-q"]).ok();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let forge = team.forge();
    forge.write();
    team.accepts();
    team.sandbox.set("dev/KEY", b"newer");
    forge.write();
    let before = std::fs::read(team.sandbox.vault()).unwrap();
    let refused = team.ada.run(&team.sandbox, &["user", "rm", "-y", "ben"]).fails(6);
    refused.says("nothing is saved: dev version 3 by mia is missing from this file").says("git pull");
    assert_eq!(std::fs::read(team.sandbox.vault()).unwrap(), before);
}

//! What git shows of a vault: `git textconv`.

use super::{changes, commit, git, repository, with_program};
use crate::device::{Device, add};
use crate::harness::finish;
use crate::unlocked::Unlocked;

#[test]
fn git_shows_one_line_per_changed_item_and_never_a_value() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/KEY", b"second-secret");
    sandbox.run(["set", "dev/SAME", "--note", "a\nb\u{1b}[2J", "--tag", "x"]).ok();
    sandbox.run(["mv", "prod/KEY", "prod/OTHER"]).ok();
    let log = sandbox.run(["log", "--json"]).ok().text();
    let marks = std::fs::read(sandbox.vault_state().join("marks.json")).unwrap();
    let run = git(&sandbox, &["diff"]).ok();
    let shown = changes(&run);
    let at = |start: &str| {
        let line = shown.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {shown:?}"));
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_ne!(at("-dev/KEY secret v1"), at("+dev/KEY secret v2"), "another value must have another fingerprint");
    assert_eq!(at("-dev/SAME secret v1"), at("+dev/SAME secret v1"), "only the note changed");
    assert_eq!(at("-prod/KEY secret v1"), at("+prod/OTHER secret v1"), "a renamed item must keep its fingerprint");
    assert_ne!(at("-dev/KEY"), at("-dev/SAME"), "equal values in two items must not be recognizable");
    assert!(run.text().contains("tags x note \"a\\nb\\u{1b}[2J\"") && !run.text().contains('\u{1b}'), "{run:?}");
    assert!(shown.contains(&"+[dev] version 5".to_owned()), "{shown:?}");
    commit(&sandbox, "two");
    for arguments in [&["log", "-p", "-1"][..], &["show"], &["diff", "HEAD~1"], &["diff", "HEAD~1", "HEAD"]] {
        let again = git(&sandbox, arguments).ok();
        assert_eq!(changes(&again), shown, "{arguments:?}");
        assert!(!again.text().contains("-secret\"") && !again.text().contains("first-secret"), "{again:?}");
        assert_eq!(again.stderr, "");
    }
    let blame = git(&sandbox, &["blame", "secrets.vault"]).ok().text();
    assert!(blame.lines().any(|line| line.contains("dev/KEY secret v2")), "{blame}");
    assert_eq!(sandbox.run(["log", "--json"]).ok().text(), log, "no value was given out, so nothing is logged");
    assert_eq!(std::fs::read(sandbox.vault_state().join("marks.json")).unwrap(), marks);
    assert_eq!(git(&sandbox, &["for-each-ref", "refs/notes"]).ok().text(), "", "git keeps none of these texts");
}

#[test]
fn old_versions_are_shown_with_earlier_keys_and_without_a_warning_about_their_age() {
    let Some(mut sandbox) = repository() else { return };
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.set("dev/KEY", b"second-secret");
    commit(&sandbox, "two");
    let run = git(&sandbox, &["log", "-p", "--reverse"]).ok();
    assert_eq!(run.stderr, "");
    let text = run.text();
    assert!(text.contains("\n+dev/KEY secret v1 ") && text.contains("\n-dev/KEY secret v1 "), "{text}");
    // All fingerprints use the same key, so an unchanged value shows no difference.
    assert!(!text.contains("\n-dev/SAME"), "{text}");
    sandbox.git(&["checkout", "-q", "HEAD~1"]).ok();
    let run = git(&sandbox, &["diff", "main"]).ok();
    assert_eq!(run.stderr, "");
}

#[test]
fn without_a_key_or_a_right_git_shows_the_outline() {
    let Some(sandbox) = repository() else { return };
    let rea = Device::new(&sandbox, "rea").with_key(&add(&sandbox, &["rea", "--read", "dev"]));
    let nobody = Device::new(&sandbox, "nobody");
    commit(&sandbox, "rea");
    sandbox.set("dev/KEY", b"second-secret");
    sandbox.set("prod/KEY", b"other-secret");
    let diff = |device: &Device<'_>| finish(device.prepare(with_program(sandbox.other("git", ["diff", "-U0"])))).ok();
    let seen = diff(&rea);
    let shown = changes(&seen);
    assert!(shown.iter().any(|line| line.starts_with("+dev/KEY secret v2")), "{shown:?}");
    assert!(
        seen.text().contains("(outline only: rea may not read it)") && !seen.text().contains("prod/KEY"),
        "{seen:?}"
    );
    let seen = diff(&nobody);
    let outline = ["-[dev] version 4", "+[dev] version 5", "-[prod] version 2", "+[prod] version 3"];
    assert!(outline.iter().all(|line| changes(&seen).contains(&(*line).to_owned())), "{seen:?}");
    assert!(!seen.text().contains("/KEY"), "{seen:?}");
    let locked = nobody.run(&["git", "textconv", "secrets.vault"]).ok();
    assert!(locked.text().starts_with("# outline only: locked; vault unlock shows the items\n"), "{locked:?}");
    // No passphrase is tried or asked for.
    let tried = Device::new(&sandbox, "tried").with_passphrase("seven purple lanterns drift over quiet harbors");
    assert_eq!(tried.run(&["git", "textconv", "secrets.vault"]).ok().text(), locked.text());
    assert!(!nobody.state.exists() && !tried.state.exists(), "it must leave nothing behind");
}

#[test]
fn the_agent_shows_the_same_as_the_key_and_its_time_is_not_extended() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/KEY", b"second-secret");
    let by_key = git(&sandbox, &["diff"]).ok().text();
    let vault = Unlocked::around(sandbox);
    vault.unlock(&["--idle", "30m", "--for", "2h"]).ok();
    let idle = |vault: &Unlocked| vault.run(&["status", "--json"]).ok().json()["agent"]["idleUntil"].clone();
    let before = vault::time::Time::parse(idle(&vault).as_str().unwrap()).unwrap();
    let mut diff = with_program(vault.other("git", &["diff"]));
    diff.env_remove("VAULT_KEY");
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert_eq!(finish(diff).ok().text(), by_key);
    let after = vault::time::Time::parse(idle(&vault).as_str().unwrap()).unwrap();
    assert!((after.utc() - before.utc()).num_seconds() <= 1, "{before} {after}");
}

#[test]
fn textconv_shows_something_for_every_file_so_git_can_continue() {
    let Some(sandbox) = repository() else { return };
    let textconv = |name: &str, content: &[u8]| {
        sandbox.write(name, content);
        let run = sandbox.run(["git", "textconv", name]).ok();
        assert_eq!(run.stderr, "", "{name}");
        run.text()
    };
    let whole = std::fs::read_to_string(sandbox.vault()).unwrap();
    let full = textconv("-copy", whole.as_bytes());
    assert!(full.contains("dev/KEY secret v1"), "{full}");
    assert_eq!(textconv("crlf", whole.replace('\n', "\r\n").as_bytes()), full);
    assert_eq!(textconv("empty", b""), "");
    assert!(textconv("plain", b"PASSWORD=hunter2\n").starts_with("# not a vault: 17 bytes, SHA-256 "));
    assert!(textconv("bytes", b"\xff\0\xfe").starts_with("# not a vault: 3 bytes"));
    assert!(sandbox.run(["git", "textconv", "nowhere"]).ok().text().starts_with("# can't be read"));
    let newer = textconv("newer", whole.replacen("format = 1", "format = 2", 1).as_bytes());
    assert!(newer.starts_with("# outline only: the file has format 2") && newer.contains("name = \"dev\""), "{newer}");
    let cut = textconv("cut", &whole.as_bytes()[..whole.len() - 100]);
    assert!(cut.starts_with("# outline only: ") && cut.contains("name = \"prod\""), "{cut}");
    let at = whole.find("[[environment]]").unwrap();
    let forged = whole[at..].replacen("author = \"mia\"", "author = \"eve\"", 1);
    let forged = textconv("forged", format!("{}{forged}", &whole[..at]).as_bytes());
    assert!(forged.contains("[dev] environment dev is not valid: eve wrote it without the right to"), "{forged}");
    assert!(forged.contains("prod/KEY secret v1") && !forged.contains("dev/KEY"), "{forged}");
    // Another vault of somebody else, for which nobody here has keys.
    let key = sandbox.command(["init", "--key", "--vault", "other.vault"]).output().unwrap();
    assert!(key.status.success());
    let other = sandbox.run(["git", "textconv", "other.vault"]).ok().text();
    assert!(other.starts_with("# outline only: locked") && other.contains("[dev] version 1"), "{other}");
}

#[test]
fn a_conflicted_file_is_an_outline_with_its_conflicts() {
    let Some(sandbox) = repository() else { return };
    sandbox.git(&["config", "--remove-section", "merge.vault"]).ok();
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    sandbox.set("dev/KEY", b"other-secret");
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.set("dev/KEY", b"main-secret");
    commit(&sandbox, "main");
    assert_eq!(sandbox.git(&["merge", "-q", "--no-edit", "other"]).code, 1);
    let run = git(&sandbox, &["diff"]).ok();
    assert_eq!(run.stderr, "");
    assert!(!run.text().contains("BEGIN AGE") && !run.text().contains("-secret\""), "{run:?}");
    let shown = sandbox.run(["git", "textconv", "secrets.vault"]).ok().text();
    assert!(shown.starts_with("# outline only: the file has an unresolved merge\n"), "{shown}");
    assert!(
        shown.contains("\n<<<<<<< ") && shown.contains("\n=======\n") && shown.contains("name = \"dev\""),
        "{shown}"
    );
    // The sides themselves are complete.
    assert!(git(&sandbox, &["diff", "HEAD", "MERGE_HEAD"]).ok().text().contains("dev/KEY secret v2"));
    let sides = sandbox.run(["diff", "HEAD", "MERGE_HEAD", "--values"]).ok();
    assert!(sides.text().contains("main-secret") && sides.text().contains("other-secret"), "{sides:?}");
    sandbox.run(["diff", "HEAD~1..HEAD"]).ok();
    sandbox.run(["diff"]).fails(6).says("vault merge");
    sandbox.run(["diff", "--staged"]).fails(6).says("is in conflict in git's index");
}

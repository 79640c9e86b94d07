//! `vault diff`: what changed since a revision, and by whom.

use crate::device::{Device, add};
use crate::harness::{Run, Sandbox, feed, finish, has};
use std::process::Stdio;

/// A committed vault of dev and prod, with KEY in each and PORT in dev.
fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::in_repository()?;
    sandbox.set("dev/KEY", b"first-secret");
    sandbox.set("prod/KEY", b"prod-secret");
    sandbox.run(["set", "--kind", "variable", "PORT=1"]).ok();
    commit(&sandbox, "one");
    Some(sandbox)
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", message]).ok();
}

/// Returns the rows without relative times.
fn rows(run: &Run) -> Vec<String> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        cells.iter().filter(|cell| **cell != "just now").copied().collect::<Vec<_>>().join(" | ")
    };
    run.text().lines().skip(1).map(row).collect()
}

#[test]
fn changes_since_head_are_listed_by_name_and_never_by_value() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(["diff", "--exit-code"]).ok().says("HEAD and ./secrets.vault have the same content.");
    sandbox.set("dev/KEY", b"second-secret");
    sandbox.run(["set", "dev/KEY", "--note", "from the console", "--tag", "pay", "--kind", "api-key"]).ok();
    sandbox.set("dev/NEW", b"third-secret");
    sandbox.run(["rm", "-y", "dev/PORT"]).ok();
    let run = sandbox.run(["diff"]).ok();
    assert_eq!(
        rows(&run),
        [
            "dev | version 3 → 7 | mia",
            "dev/KEY | value, kind secret → api-key, note \"from the console\", tags none → pay | mia",
            "dev/NEW | added (secret) | mia",
            "dev/PORT | removed",
        ]
    );
    for (arguments, code) in [(&["diff", "--exit-code"][..], 1), (&["diff", "--json"], 0)] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, code);
        assert!(!run.text().contains("-secret\""), "{run:?}");
    }
    assert_eq!(sandbox.run(["log", "--action", "diff", "--json"]).ok().text(), "", "no value was shown");
}

#[test]
fn values_are_shown_only_after_the_log_entry() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/KEY", b"second\x1b[2J");
    sandbox.run(["mv", "prod/KEY", "prod/OTHER"]).ok();
    let run = sandbox.run(["diff", "--values", "--reason", "review"]).ok();
    assert_eq!(rows(&run)[1], "dev/KEY | value | mia | first-secret | second\\u{1b}[2J");
    assert_eq!(rows(&run)[3], "prod/OTHER | renamed from KEY | mia | prod-secret | prod-secret");
    let json = sandbox.run(["diff", "--values", "--json", "-e", "dev"]).ok().json();
    let item = &json["environments"][0]["items"][0];
    assert_eq!([&item["before"]["value"], &item["after"]["value"]], ["first-secret", "second\u{1b}[2J"]);
    let log = sandbox.run(["log", "--action", "diff", "--json"]).ok().text();
    let entries: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let printed: Vec<_> =
        entries.iter().map(|entry| (entry["environment"].clone(), entry["secrets"].to_string())).collect();
    let expected = [("dev", "[\"KEY\"]"), ("prod", "[\"KEY\",\"OTHER\"]"), ("dev", "[\"KEY\"]")];
    assert_eq!(printed, expected.map(|(environment, items)| (environment.into(), items.to_owned())));
    assert_eq!(entries[0]["reason"], "review");
    // If the log can't be written, no value is shown.
    let log = sandbox.vault_state().join("log");
    std::fs::remove_dir_all(&log).unwrap();
    std::fs::write(&log, "").unwrap();
    let run = sandbox.run(["diff", "--values"]);
    assert!(run.code != 0 && run.stdout.is_empty(), "{run:?}");
    sandbox.run(["diff"]).ok();
}

#[test]
fn two_revisions_the_index_or_an_environment_can_be_chosen() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("prod/KEY", b"new");
    commit(&sandbox, "two");
    sandbox.set("dev/STAGED", b"1");
    sandbox.git(&["add", "-A"]).ok();
    sandbox.set("dev/LATER", b"1");
    let names = |arguments: &[&str]| -> Vec<String> {
        let json = sandbox.run(arguments.iter().chain(&["--json"])).ok().json();
        let environments = json["environments"].as_array().unwrap().iter();
        let items = environments.flat_map(|environment| environment["items"].as_array().unwrap());
        items
            .map(|item| format!("{}{}", &item["change"].as_str().unwrap()[..1], item["name"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(names(&["diff", "HEAD~1", "HEAD"]), ["cKEY"]);
    assert_eq!(names(&["diff", "HEAD~1..HEAD"]), ["cKEY"]);
    assert_eq!(names(&["diff", "HEAD~1.."]), ["cKEY"]);
    assert_eq!(names(&["diff", "HEAD~1"]), ["aLATER", "aSTAGED", "cKEY"]);
    assert_eq!(names(&["diff", "HEAD~1", "-e", "dev"]), ["aLATER", "aSTAGED"]);
    assert_eq!(names(&["diff", "--staged"]), ["aSTAGED"]);
    assert_eq!(names(&["diff", "--cached", "HEAD~1"]), ["aSTAGED", "cKEY"]);
    sandbox.run(["diff", "HEAD", "HEAD~1", "--staged"]).fails(2);
    sandbox.run(["diff", "HEAD...HEAD~1"]).fails(2).says("git merge-base");
    sandbox.run(["diff", "nowhere"]).fails(2).says("this repository has no revision nowhere");
    sandbox.run(["diff", "prod"]).fails(2).says("vault env diff");
    sandbox.run(["diff", "-e", "nowhere"]).fails(3);
    sandbox.run(["diff", "--upload-pack=x"]).fails(2);
}

#[test]
fn changes_of_users_rights_environments_and_keys_are_described() {
    let Some(sandbox) = repository() else { return };
    add(&sandbox, &["ben", "--read", "dev"]);
    sandbox.run(["grant", "ben", "dev:write"]).ok();
    sandbox.run(["env", "rm", "-y", "prod"]).ok();
    let run = sandbox.run(["diff"]).ok();
    let all = rows(&run);
    assert!(all.contains(&"prod | removed, was version 2".to_owned()), "{all:?}");
    assert!(all.contains(&"prod/KEY | removed".to_owned()), "{all:?}");
    let end = [
        "change 4 | added ben: dev:read | mia",
        "change 5 | granted ben dev:write | mia",
        "change 6 | removed environment prod | mia",
    ];
    assert_eq!(all[all.len() - 3..], end);
    assert!(all.contains(&"dev | version 3 → 5; the same items | mia".to_owned()), "{all:?}");
    commit(&sandbox, "two");
    let back = rows(&sandbox.run(["diff", "HEAD", "HEAD~1"]).ok());
    assert_eq!(back[back.len() - 3], "change 4 | undone: added ben: dev:read | mia");
    let json = sandbox.run(["diff", "HEAD~1", "--json"]).ok().json();
    assert_eq!(json["rosterChanges"][1]["description"], "granted ben dev:write");
    assert_eq!(
        rows(&sandbox.run(["diff", "HEAD~1", "-e", "dev"]).ok()).len(),
        1,
        "only the chosen environment is shown"
    );
}

#[test]
fn an_environment_that_the_user_cannot_or_could_not_read_is_an_outline() {
    let Some(sandbox) = repository() else { return };
    let key = add(&sandbox, &["rea", "--read", "dev"]);
    commit(&sandbox, "rea");
    sandbox.set("prod/KEY", b"hidden-one");
    sandbox.set("dev/KEY", b"seen-one");
    let rea = Device::new(&sandbox, "rea").with_key(&key);
    let run = rea.run(&["diff", "--values"]).ok();
    let all = rows(&run);
    assert_eq!(all[1], "dev/KEY | value | mia | first-secret | seen-one");
    assert_eq!(all[2], "prod | version 2 → 3; outline only: rea may not read it | mia");
    assert!(!run.text().contains("hidden-one"), "{run:?}");
    let json = rea.run(&["diff", "--json"]).ok().json();
    assert_eq!(json["environments"][1]["outlineOnly"], "rea may not read it");
    // Before rea was added, dev was not encrypted for her.
    let all = rows(&rea.run(&["diff", "HEAD~1"]).ok());
    assert_eq!(all[0], "dev | version 3 → 5; outline only: it was not encrypted for rea then | mia");
    // After the right is revoked, the old state can't be read either.
    sandbox.run(["revoke", "rea", "dev"]).ok();
    let all = rows(&rea.run(&["diff", "HEAD"]).ok());
    assert!(all[0].ends_with("outline only: rea may not read it | mia"), "{all:?}");
}

#[test]
fn earlier_keys_open_what_was_encrypted_to_them() {
    let Some(mut sandbox) = repository() else { return };
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.set("dev/KEY", b"second-secret");
    let all = rows(&sandbox.run(["diff", "--values"]).ok());
    assert!(all.contains(&"dev/KEY | value | mia | first-secret | second-secret".to_owned()), "{all:?}");
    assert!(all.contains(&"change 4 | replaced their own keys | mia".to_owned()), "{all:?}");
}

#[test]
fn an_old_or_forked_file_is_compared_without_a_warning_and_leaves_no_trace() {
    let Some(sandbox) = repository() else { return };
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    sandbox.set("dev/KEY", b"other");
    sandbox.run(["user", "add", "zoe", "--read", "dev"]).ok();
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.git(&["checkout", "-qb", "third"]).ok();
    let marks = || std::fs::read(sandbox.vault_state().join("marks.json")).unwrap();
    let before = marks();
    for arguments in [&["diff", "other"][..], &["diff", "--strict", "other", "main"], &["diff", "other..third"]] {
        let run = sandbox.run(arguments).ok();
        assert_eq!(run.stderr, "", "{arguments:?}");
        assert!(run.text().contains("undone: added zoe: dev:read"), "{run:?}");
    }
    assert_eq!(marks(), before);
    // Not even at first sight of the vault, with a newer pin, or without a state directory.
    let mut command = sandbox.command(["diff", "other"]);
    let pin = sandbox.run(["status", "--pin"]);
    command.env("VAULT_STATE_DIR", sandbox.home().join("new"));
    if pin.code == 0 {
        command.env("VAULT_PIN", pin.text().trim());
    }
    assert_eq!(finish(command).ok().stderr, "");
    // The content is still compared.
    sandbox.git(&["checkout", "-q", "main"]).ok();
}

#[test]
fn a_forged_old_file_is_refused_and_so_is_another_vault() {
    let Some(sandbox) = repository() else { return };
    let whole = std::fs::read_to_string(sandbox.vault()).unwrap();
    let at = whole.find("[[environment]]").unwrap();
    let forged = whole[at..].replacen("version = 3", "version = 9", 1);
    assert_ne!(forged, whole[at..]);
    sandbox.write("secrets.vault", format!("{}{forged}", &whole[..at]));
    commit(&sandbox, "forged");
    sandbox.write("secrets.vault", &whole);
    sandbox.run(["diff"]).fails(6).says("environment dev");
    let own = sandbox.command(["init", "--key", "--vault", "other.vault"]).output().unwrap();
    assert!(own.status.success());
    std::fs::copy(sandbox.project().join("other.vault"), sandbox.vault()).unwrap();
    commit(&sandbox, "another");
    sandbox.write("secrets.vault", &whole);
    sandbox.run(["diff"]).fails(6).says("two different vaults");
}

#[test]
fn a_new_file_is_shown_as_new_and_outside_git_there_is_an_error() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    sandbox.write("README", "");
    commit(&sandbox, "none");
    let sandbox = sandbox.into_vault();
    sandbox.set("KEY", b"1");
    let run = sandbox.run(["diff"]).ok().says("The file does not exist at HEAD.");
    assert_eq!(rows(&run)[..2], ["dev | new, version 2 | mia", "dev/KEY | added (secret) | mia"]);
    let outside = Sandbox::with_vault();
    outside.run(["diff"]).fails(2).says("is not in a git work tree");
}

#[test]
fn values_cannot_send_escape_sequences_to_the_terminal() {
    let Some(sandbox) = repository() else { return };
    feed(sandbox.command(["set", "--raw", "dev/KEY", "--note", "a\x1b]0;x\x07b"]), b"v\x1b]52;c;eA==\x07w\nz").ok();
    let mut command = sandbox.command(["diff", "--values"]);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut terminal = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    let shown = terminal.exp_eof().unwrap();
    assert!(shown.contains("v\\u{1b}]52;c;eA==\\u{7}w\\nz") && !shown.contains("\x1b]"), "{shown:?}");
}

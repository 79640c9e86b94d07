//! Measures merging two branches, compared with `git merge-file` on the plain .env file.

use crate::fixture::{Fixture, Subject as Items};
use crate::measure::{Subject, measure_after, print};
use std::path::Path;
use std::process::{Command, Stdio};

const SIZE: usize = 1_000;

/// Each branch changed an item near one end of 1,000, in the same environment. So the environment has to be decrypted
/// three times, merged, encrypted and signed again.
pub fn merge(fixture: &Fixture, rounds: usize) {
    if !Path::new("/usr/bin/git").exists() {
        return println!("merge: there is no git\n");
    }
    let items = fixture.subject("merged", SIZE);
    let base = std::fs::read(&items.vault).unwrap();
    // Each branch was made on a different device.
    let branch = |name: &str, change: &str| {
        std::fs::write(&items.vault, &base).unwrap();
        let mut set = with_state(fixture, &items, &["set", "--kind", "variable", change], name);
        assert!(set.status().unwrap().success(), "{change}");
        std::fs::copy(&items.vault, fixture.path(name)).unwrap();
        plain(fixture, &format!("{name}.env"), change);
    };
    branch("ours", "ITEM_00001=ours");
    branch("theirs", "ITEM_00998=theirs");
    std::fs::write(fixture.path("base"), &base).unwrap();
    plain(fixture, "base.env", "");
    let subjects = [
        Subject::new(format!("git merge-file, a plain file of {SIZE}"), merge_file(fixture)),
        Subject::new(
            format!("vault merge, two of {SIZE} items"),
            with_state(fixture, &items, &["merge", "base", "ours", "theirs", "-o", "out"], "merging"),
        ),
        Subject::new(
            "vault merge, nothing to decrypt",
            with_state(fixture, &items, &["merge", "base", "base", "theirs", "-o", "out"], "merging"),
        ),
    ];
    // An output that is there already is a vault, which is never overwritten.
    let prepare = |_| drop(std::fs::remove_file(fixture.path("out")));
    print(&measure_after(&subjects, rounds, prepare), &[("plain", 0)]);
}

fn with_state(fixture: &Fixture, items: &Items, arguments: &[&str], state: &str) -> Command {
    let mut command = fixture.of(items, arguments);
    command.env("VAULT_STATE_DIR", fixture.path(&format!("{state}.state")));
    command
}

/// Writes the items as a .env file, with one of them changed.
fn plain(fixture: &Fixture, name: &str, change: &str) {
    let item = change.split('=').next().unwrap_or_default();
    let source = std::fs::read_to_string(fixture.path("merged.env")).unwrap();
    let line = |line: &str| match !item.is_empty() && line.starts_with(item) {
        true => format!("{change}\n"),
        false => format!("{line}\n"),
    };
    std::fs::write(fixture.path(name), source.lines().map(line).collect::<String>()).unwrap();
}

fn merge_file(fixture: &Fixture) -> Command {
    let mut git = Command::new("/usr/bin/git");
    git.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", fixture.path("")).current_dir(fixture.path(""));
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.args(["merge-file", "-p", "--quiet", "ours.env", "base.env", "theirs.env"]);
    git.stdin(Stdio::null()).stdout(Stdio::null());
    git
}

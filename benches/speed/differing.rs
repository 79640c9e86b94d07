//! Measures showing a change, compared with git's diff of the same change in a plain .env file.

use crate::fixture::{Fixture, value};
use crate::measure::{Subject, measure, print};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const SIZE: usize = 1_000;

fn git(directory: &Path) -> Command {
    let mut git = Command::new("/usr/bin/git");
    git.env_clear().env("PATH", format!("{}:/usr/bin:/bin", directory.parent().unwrap().display()));
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env("HOME", directory);
    git.args(["-c", "user.name=mia", "-c", "user.email=mia@example.com"]).current_dir(directory);
    git.stdin(Stdio::null()).stdout(Stdio::null());
    git
}

/// One changed value of 1,000: `git diff` of the plain file, `vault diff`, and `git diff` of the vault with `vault git
/// textconv`.
pub fn diff(fixture: &Fixture, rounds: usize) {
    if !Path::new("/usr/bin/git").exists() {
        return println!("diff: there is no git\n");
    }
    let directory = fixture.path("repository");
    std::fs::create_dir(&directory).unwrap();
    let run =
        |arguments: &[&str]| assert!(git(&directory).args(arguments).status().unwrap().success(), "{arguments:?}");
    run(&["init", "-q"]);
    let dotenv = |changed: &str| {
        (0..SIZE).fold(String::new(), |mut text, i| {
            let _ = writeln!(text, "ITEM_{i:05}={}", if i == 500 { changed.to_owned() } else { value(i) });
            text
        })
    };
    let (vault, key) = fixture.init("repository/secrets", &dotenv("before"));
    let of = |arguments: &[&str]| {
        let mut command = fixture.vault(&vault, Some(&key));
        command.args(arguments).current_dir(&directory);
        command
    };
    std::fs::write(directory.join("plain"), dotenv("before")).unwrap();
    std::fs::write(directory.join(".gitattributes"), "secrets.vault diff=vault\n").unwrap();
    run(&["config", "diff.vault.textconv", "vault git textconv"]);
    run(&["add", "plain", "secrets.vault", ".gitattributes"]);
    run(&["commit", "-qm", "one"]);
    std::fs::write(directory.join("plain"), dotenv("after")).unwrap();
    assert!(of(&["set", "--kind", "variable", "ITEM_00500=after"]).status().unwrap().success());
    let diff_of = |path: &str| {
        let mut diff = git(&directory);
        diff.args(["diff", "HEAD", "--", path]).env("VAULT_KEY", &key).env("VAULT_FILE", &vault);
        diff.env("VAULT_STATE_DIR", fixture.path("state"));
        diff
    };
    let subjects = [
        Subject::new(format!("git diff, a plain file of {SIZE}"), diff_of("plain")),
        Subject::new(format!("vault diff, one of {SIZE} items"), of(&["diff"])),
        Subject::new("git diff of it, by textconv", diff_of("secrets.vault")),
        Subject::new("vault git textconv, one version", of(&["git", "textconv", "secrets.vault"])),
    ];
    print(&measure(&subjects, rounds), &[("plain", 0)]);
}

//! Commands that need no key: they show no forked or truncated roster, and report an older one.

use super::{Past, hash_in_hint};
use crate::forge::{Member, Team, user};
use crate::harness::{Run, Sandbox, finish};
use vault::roster::{Change, Role};

/// Commands that need no key and show something about the roster.
pub(super) const KEYLESS: [&[&str]; 5] =
    [&["user", "list"], &["user", "history"], &["env", "list"], &["status"], &["join", "--request", "--user", "zoe"]];

fn without_a_key(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env_remove("VAULT_KEY");
    finish(command)
}

#[test]
fn d17_no_command_without_a_key_shows_a_fork() {
    for git in [false, true] {
        let team = Team::new();
        if git {
            team.sandbox.git(&["init", "-q", "-b", "main"]).ok();
            std::fs::remove_dir_all(team.sandbox.state()).unwrap();
        }
        let mut fork = team.forge();
        let mut forge = team.forge();
        forge.change(&team.mia, Change::RemoveUser { user: user("ada") });
        forge.seal(&team.mia, "prod", &[&team.mia], &[("KEY", "new")]).write();
        team.accepts();
        fork.join(&team.ada, &Member::new("eve"), Role::Admin, &[]);
        fork.change(&team.ada, Change::SetRole { user: user("ben"), role: Role::Admin });
        fork.write();
        for arguments in KEYLESS {
            let why =
                if git { "the roster was changed by ada, who has lost that right" } else { "the roster is a fork" };
            let run = without_a_key(&team.sandbox, arguments).fails(6).says(why);
            assert!(run.stdout.is_empty(), "{run:?}");
        }
        let hash = hash_in_hint(&team.sandbox.run(["verify"]).fails(6));
        without_a_key(&team.sandbox, &["verify", "--accept", &hash]).ok();
        for arguments in KEYLESS {
            without_a_key(&team.sandbox, arguments).ok();
        }
    }
}

#[test]
fn d13_d14_without_a_key_an_older_file_causes_one_warning_inside_git_and_is_refused_outside() {
    for past in [Past::of_roster(true), Past::of_roster(false)] {
        past.go_back();
        let git = past.sandbox.project().join(".git").exists();
        for arguments in KEYLESS {
            let run = without_a_key(&past.sandbox, arguments);
            let run =
                run.says(if git { "roster change 3 (added environment extra" } else { "the roster is at change 2" });
            let warnings = run.stderr.lines().filter(|line| line.starts_with("warning")).count();
            assert_eq!((run.code, warnings), if git { (0, 1) } else { (6, 0) }, "{run:?}");
            without_a_key(&past.sandbox, &[arguments, &["--strict"]].concat()).fails(6);
        }
    }
    let past = Past::of_environment(true);
    past.go_back();
    for arguments in [&["env", "list"][..], &["status"]] {
        let run = without_a_key(&past.sandbox, arguments).ok().says("warning: dev version 3 by mia is missing");
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
    }
}

#[test]
fn d2_no_command_without_a_key_shows_a_truncated_roster() {
    let team = Team::new();
    let text = std::fs::read_to_string(team.sandbox.vault()).unwrap();
    let last = text.rfind("[[roster]]").unwrap();
    let end = last + text[last..].find("[[slot]]").unwrap();
    team.sandbox.write("secrets.vault", format!("{}{}", &text[..last], &text[end..]));
    // On a machine that has not seen the vault.
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let verify = without_a_key(&team.sandbox, &["verify"]).fails(6);
    for arguments in [&["user", "list"][..], &["user", "history"], &["env", "list"]] {
        let run = without_a_key(&team.sandbox, arguments).fails(6);
        assert!(run.stdout.is_empty(), "{run:?}");
        let error = |run: &Run| run.stderr.lines().find(|line| line.starts_with("error")).map(str::to_owned);
        assert_eq!(error(&run), error(&verify));
    }
}

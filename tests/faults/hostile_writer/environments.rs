//! O3 and O5: environments that somebody adds, and the last writer of an environment.

use crate::forge::{Forge, Member, Team, environment, user};
use crate::harness::{Run, Sandbox};
use vault::item::Content;
use vault::name::EnvironmentName;
use vault::roster::{Change, Right, Role};

/// mia's vault with only prod, and ada, an admin who reads nothing.
fn of_one_environment() -> (Sandbox, Member, Member) {
    let sandbox = Sandbox::with_environments(&["prod"]);
    sandbox.set("KEY", b"one");
    let (mia, ada) = (Member::owner(&sandbox), Member::new("ada"));
    let mut forge = Forge::of(&sandbox);
    forge.join(&mia, &ada, Role::Admin, &[]);
    forge.write();
    (sandbox, mia, ada)
}

/// An admin adds dev, with these rights on it.
fn add_dev(sandbox: &Sandbox, author: &Member, readers: &[&Member]) {
    let mut forge = Forge::of(sandbox);
    let grants = readers.iter().map(|reader| (reader.name.clone(), Right::Write)).collect();
    forge.change(author, Change::AddEnvironment { environment: environment("dev"), grants });
    let mut block = forge.block("prod").clone();
    block.statement.name = environment("dev");
    forge.file.blocks.insert(0, block);
    forge.seal_as(author, "dev", 1, Vec::new(), readers, &Content::default()).write();
}

#[test]
fn o3_an_environment_added_by_somebody_else_does_not_become_the_default() {
    let (sandbox, mia, ada) = of_one_environment();
    add_dev(&sandbox, &ada, &[&ada, &mia]);
    let stop = |run: Run| run.fails(2).says("it was prod until now").says("-e NAME or VAULT_ENV; you read: dev, prod");
    stop(sandbox.run_with_input(["set", "SECRET"], b"value"));
    stop(sandbox.run(["get", "KEY"]));
    sandbox.write(".env", "NEW=1\n");
    stop(sandbox.run(["import"]));
    sandbox.run(["exec", "--", "true"]).fails(125).says("it was prod until now");
    assert_eq!(sandbox.run(["-e", "prod", "get", "KEY"]).ok().text(), "one");
    stop(sandbox.run(["list"]));
    // It is removed again, so there is no question.
    sandbox.run(["env", "rm", "-y", "dev"]).ok();
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "one");
    // An environment with the same name, but another one.
    add_dev(&sandbox, &ada, &[&ada, &mia]);
    stop(sandbox.run(["list"]));
}

#[test]
fn o3_an_added_environment_that_the_user_cannot_read_changes_nothing() {
    let (sandbox, _, ada) = of_one_environment();
    add_dev(&sandbox, &ada, &[&ada]);
    sandbox.set("KEY", b"two");
    assert_eq!(sandbox.run(["get", "prod/KEY"]).ok().text(), "two");
    // Nor on a device that has never seen the vault.
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "two");
}

#[test]
fn o3_on_a_terminal_vault_asks_once() {
    let (sandbox, mia, ada) = of_one_environment();
    add_dev(&sandbox, &ada, &[&ada, &mia]);
    let ask = |answer: &str| {
        let mut command = sandbox.command(["list"]);
        for stream in [std::process::Command::stdin, std::process::Command::stdout, std::process::Command::stderr] {
            stream(&mut command, std::process::Stdio::inherit());
        }
        let mut list = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
        list.exp_string("without -e it was prod until now").unwrap();
        list.exp_string("Which one from now on (dev, prod)?").unwrap();
        list.send_line(answer).unwrap();
        list.exp_eof().unwrap()
    };
    assert!(ask("staging").contains("that is not one of them"));
    let listed = ask("prod");
    assert!(listed.contains("1 item"), "{listed}");
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "one");
    // The state before an environment was added may be that of another git branch. The user was asked about that, too.
    sandbox.run(["env", "rm", "-y", "dev"]).ok();
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "one");
}

#[test]
fn o5_the_last_writer_is_removed_only_on_purpose_and_with_a_warning() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.change(&team.mia, Change::SetRole { user: user("ada"), role: Role::Admin });
    forge.write();
    let ada = |arguments: &[&str]| team.ada.run(&team.sandbox, arguments);
    let orphan: EnvironmentName = environment("prod");
    for command in [&["user", "rm", "-y", "mia", "--keep-issued"][..], &["revoke", "mia", "prod"]] {
        let refused = ada(command).fails(2).says("mia is the last writer of prod: nobody could change it any more");
        refused.says("vault grant USER prod:write").says("--orphan prod");
    }
    ada(&["revoke", "mia", "prod", "--orphan", "nosuch"]).fails(3);
    ada(&["revoke", "mia", "prod", "--orphan", orphan.as_str()]).ok().says("nobody writes prod any more");
    let listed = team.sandbox.run(["env", "list"]).ok().text();
    assert!(listed.contains("nobody can change it any more") && !listed.contains("next save"), "{listed}");
    team.sandbox.run(["env", "rm", "-y", "prod"]).ok();
    team.sandbox.run(["grant", "mia", "dev:read"]).ok();
}

#[test]
fn o5_a_user_with_a_private_environment_is_removed_only_on_purpose() {
    let team = Team::new();
    team.ben.run(&team.sandbox, &["env", "add", "own", "--private"]).ok();
    team.sandbox.run(["user", "rm", "-y", "ben"]).fails(2).says("ben is the last reader of own").says("--orphan own");
    // All of them at once, except what mia can't do.
    team.ben.run(&team.sandbox, &["env", "add", "two", "--private"]).ok();
    let refused =
        team.sandbox.run(["user", "rm", "-y", "ben"]).fails(2).says("is the last reader of own, two: nobody could");
    assert!(refused.stderr.contains("--orphan own,two") && !refused.stderr.contains("vault grant"), "{refused:?}");
    team.sandbox.run(["user", "rm", "-y", "ben", "--orphan", "own,two"]).ok();
    let listed = team.sandbox.run(["env", "list"]).ok().text();
    assert!(listed.contains("nobody can read it any more; to remove it: vault env rm"), "{listed}");
    team.sandbox.run(["env", "rm", "-y", "own"]).ok();
    team.sandbox.run(["verify"]).ok();
}

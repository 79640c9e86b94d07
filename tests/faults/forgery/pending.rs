//! Blocks that a change left pending: who may do that, with which blocks, and which warnings they cause.

use crate::forge::{Forge, Member, Team, environment, user};
use std::time::{Duration, Instant};
use vault::identity::Hash;
use vault::name::EnvironmentName;
use vault::roster::{Change, Draft, Right, Statement};
use vault::time::Time;

#[test]
fn l9_only_an_admins_own_change_can_leave_a_block_pending() {
    let team = Team::new();
    // ben, a member, replaces his keys and would leave his own old block in place.
    let mut forge = team.forge();
    forge.seal(&team.ben, "dev", &[&team.mia, &team.ben], &[("KEY", "by ben")]);
    let pending = vec![(environment("dev"), forge.block_hash("dev"))];
    let keys = forge.new_keys(&team.ben.name, &team.ben.keys.renew().unwrap());
    forge.change_leaving(&team.ben, Change::ReplaceKeys { keys: keys.into() }, pending.clone()).write();
    team.refuses("leaves blocks pending");
    // mia, an admin, writes dev, so she would have to re-encrypt it.
    let mut forge = team.forge();
    let change = Change::Revoke { user: user("ben"), environments: vec![environment("dev")] };
    forge.change_leaving(&team.mia, change, pending).write();
    team.refuses("leaves blocks pending");
}

#[test]
fn l9_a_pending_block_is_exactly_one_statement_and_no_other_by_its_author() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "by ben")]);
    let mut late = Forge { file: forge.file.clone(), ..team.forge() };
    let pending = vec![(environment("dev"), forge.block_hash("dev"))];
    // ada is an admin who can't write dev, so ben's last block stays until a writer's next save.
    forge.change_leaving(&team.ada, Change::RemoveUser { user: user("ben") }, pending);
    forge.write();
    team.accepts();
    late.seal(&team.ben, "dev", &[&team.mia, &team.ben], &[("KEY", "after the removal")]);
    let honest = forge.block("dev").clone();
    *forge.block("dev") = late.block("dev").clone();
    forge.write();
    team.refuses("environment dev is not valid");
    // The next save by a writer replaces it. Then the pending block is older than what was seen.
    *forge.block("dev") = honest.clone();
    forge.write();
    team.sandbox.set("dev/KEY", b"cured");
    let mut cured = Forge::of(&team.sandbox);
    *cured.block("dev") = honest;
    cured.write();
    team.refuses("this device has seen");
}

#[test]
fn using_a_pending_environment_causes_a_warning_and_strict_refuses_it() {
    let team = Team::new();
    let mut forge = team.forge();
    forge.seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "by ben")]);
    let pending = vec![(environment("dev"), forge.block_hash("dev"))];
    forge.change_leaving(&team.ada, Change::RemoveUser { user: user("ben") }, pending);
    forge.write();
    let uses = [&["get", "dev/KEY"][..], &["list", "-e", "dev"], &["exec", "-e", "dev", "--", "true"]];
    for arguments in uses {
        let run = team.sandbox.run(arguments).ok().says("warning: dev is pending");
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
        let code = if arguments[0] == "exec" { 125 } else { 6 };
        let strict = team.sandbox.run([&["--strict"], arguments].concat()).fails(code).says("dev is pending");
        assert!(strict.stdout.is_empty(), "{strict:?}");
    }
}

#[test]
fn thousands_of_changes_that_leave_a_block_pending_are_checked_in_linear_time() {
    const ROUNDS: usize = 4_000;
    let team = Team::new();
    let mut forge = team.forge();
    let pending = vec![(environment("dev"), forge.block_hash("dev"))];
    let mut chain = Chain::of(&forge);
    for _ in 0..ROUNDS {
        let grants = vec![(environment("dev"), Right::Read)];
        chain.push(&team.mia, Change::Grant { user: user("rea"), grants }, Vec::new());
        let change = Change::Revoke { user: user("rea"), environments: vec![environment("dev")] };
        chain.push(&team.ada, change, pending.clone());
    }
    forge.file.roster = chain.statements;
    forge.write();
    let start = Instant::now();
    let run = team.sandbox.run(["verify"]).ok();
    assert!(run.text().contains("dev: pending"), "{run:?}");
    // This would take minutes if each change replayed the earlier ones.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// A roster to which changes can be appended without hashing it from the beginning each time.
pub struct Chain {
    statements: Vec<Statement>,
    id: Hash,
    last: Hash,
}

impl Chain {
    pub fn of(forge: &Forge) -> Self {
        Self { statements: forge.file.roster.clone(), id: forge.id(), last: forge.head().hash }
    }

    pub fn len(&self) -> usize {
        self.statements.len()
    }

    pub fn into_statements(self) -> Vec<Statement> {
        self.statements
    }

    pub fn push(&mut self, author: &Member, change: Change, pending: Vec<(EnvironmentName, Hash)>) {
        let version = u32::try_from(self.statements.len()).unwrap() + 1;
        let draft = Draft { author: author.name.clone(), time: Time::now(), change, pending };
        let message = crate::forge::message(&self.id, version, &self.last, &draft);
        let signature = author.keys.sign(&message);
        self.last = message.hash(&signature);
        self.statements.push(Statement { version, draft, signature });
    }
}

#[test]
fn l9_a_block_from_before_a_removal_is_refused_even_inside_git() {
    let team = Team::new();
    let old = team.forge().block("dev").clone();
    let mut forge = team.forge();
    forge.change(&team.mia, Change::RemoveUser { user: user("ben") });
    forge.seal(&team.mia, "dev", &[&team.mia, &team.rea], &[("KEY", "new")]);
    forge.write();
    team.accepts();
    *forge.block("dev") = old;
    forge.write();
    std::fs::create_dir(team.sandbox.project().join(".git")).unwrap();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    team.refuses("from before roster change 7");
}

//! What is asked on a terminal, and how often.

use crate::harness::Sandbox;
use rexpect::session::PtySession;
use std::process::Stdio;

const PASSPHRASE: &str = "seven purple lanterns drift over quiet harbors";
const OTHER: &str = "nine amber kettles whistle under tall chimneys";

/// A run on a terminal of its own, with nobody's keys.
fn on_terminal(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.env("VAULT_AGENT", "off");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap()
}

fn answer(session: &mut PtySession, question: &str, answer: &str) {
    session.exp_string(question).unwrap();
    session.send_line(answer).unwrap();
}

fn vault() -> Sandbox {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "10"]);
    init.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(init).ok();
    sandbox
}

fn failed_unlocks(sandbox: &Sandbox) -> usize {
    let mut log = sandbox.command(["log", "--action", "unlock", "--json"]);
    log.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(log).ok().text().matches("\"outcome\":\"failed\"").count()
}

#[test]
fn g1_a_wrong_passphrase_may_be_tried_three_times_each_with_the_same_text_and_an_entry() {
    let sandbox = vault();
    let mut list = on_terminal(&sandbox, &["list"]);
    answer(&mut list, "Passphrase for mia:", OTHER);
    list.exp_string("wrong passphrase; try again.").unwrap();
    answer(&mut list, "Passphrase for mia:", PASSPHRASE);
    list.exp_string("dev").unwrap();
    list.exp_eof().unwrap();
    assert_eq!(failed_unlocks(&sandbox), 1);
    let mut list = on_terminal(&sandbox, &["list"]);
    (0..3).for_each(|_| answer(&mut list, "Passphrase for mia:", OTHER));
    list.exp_string("hint: ").unwrap();
    list.exp_eof().unwrap();
    assert_eq!(failed_unlocks(&sandbox), 4);
}

#[test]
fn weak_and_differing_new_passphrases_are_asked_for_again() {
    let sandbox = Sandbox::empty();
    let mut init = on_terminal(&sandbox, &["init", "--work-factor", "10"]);
    answer(&mut init, "Passphrase (Enter generates one):", "password");
    init.exp_string("try again").unwrap();
    answer(&mut init, "Passphrase (Enter generates one):", PASSPHRASE);
    answer(&mut init, "Type it again:", OTHER);
    init.exp_string("the passphrases differ; try again").unwrap();
    answer(&mut init, "Passphrase (Enter generates one):", PASSPHRASE);
    answer(&mut init, "Type it again:", PASSPHRASE);
    init.exp_string("Created").unwrap();
    init.exp_eof().unwrap();
}

#[test]
fn a_generated_passphrase_stays_the_same_after_a_typing_error() {
    let sandbox = Sandbox::empty();
    let mut init = on_terminal(&sandbox, &["init", "--work-factor", "10"]);
    answer(&mut init, "Passphrase (Enter generates one):", "");
    init.exp_string("Generated: ").unwrap();
    let words = init.exp_string("   Write it down now.").unwrap();
    answer(&mut init, "Type it again:", "something else");
    init.exp_string("the passphrases differ; try again").unwrap();
    answer(&mut init, "Type it again:", &words);
    init.exp_string("Created").unwrap();
    init.exp_eof().unwrap();
}

#[test]
fn a_new_passphrase_is_asked_for_as_such_and_is_not_the_present_one() {
    let sandbox = vault();
    let mut passwd = on_terminal(&sandbox, &["passwd", "--work-factor", "10"]);
    answer(&mut passwd, "Passphrase for mia:", PASSPHRASE);
    answer(&mut passwd, "New passphrase (Enter generates one):", PASSPHRASE);
    passwd.exp_string("the new passphrase is the present one; try again").unwrap();
    answer(&mut passwd, "New passphrase (Enter generates one):", OTHER);
    answer(&mut passwd, "Type it again:", OTHER);
    passwd.exp_string("New passphrase and recovery key.").unwrap();
    passwd.exp_eof().unwrap();
}

#[test]
fn without_a_terminal_passwd_says_what_gives_the_new_passphrase() {
    let sandbox = vault();
    let mut passwd = sandbox.command(["passwd", "--non-interactive"]);
    passwd.env("VAULT_PASSPHRASE", PASSPHRASE);
    let run = crate::harness::finish(passwd).fails(4).says("--new-passphrase-fd").says("--key");
    assert!(!run.stderr.contains("VAULT_PASSPHRASE"), "{run:?}");
    let same = format!("exec \"$0\" passwd --new-passphrase-fd 3 3<<'END'\n{PASSPHRASE}\nEND\n");
    let mut shell = sandbox.other("sh", ["-c", &same, crate::harness::program().to_str().unwrap()]);
    shell.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(shell).fails(2).says("is the present one").says("vault recovery");
}

/// What a line for sh shows on a terminal, where `$VAULT` is the program.
fn shown_by_shell(sandbox: &Sandbox, line: &str) -> String {
    let mut command = sandbox.other("sh", ["-c", line]);
    command.env("VAULT", crate::harness::program());
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap().exp_eof().unwrap()
}

#[test]
fn a_secret_on_the_command_line_warns_of_the_history_of_who_typed_it() {
    let sandbox = Sandbox::with_vault();
    let shown = shown_by_shell(&sandbox, "exec \"$VAULT\" set KEY=value");
    assert!(shown.contains("shell's history") && shown.contains("vault set dev/KEY"), "{shown}");
    let shown = shown_by_shell(&sandbox, "exec \"$VAULT\" set --kind variable PORT=3000");
    assert!(!shown.contains("history"), "{shown}");
    // A script's commands are in no history, whether it has a terminal or not.
    let shown = shown_by_shell(&sandbox, "\"$VAULT\" set KEY=other; exit");
    assert!(shown.contains("Set dev/KEY") && !shown.contains("history"), "{shown}");
    assert!(!sandbox.run(["set", "KEY=third"]).ok().stderr.contains("history"));
}

#[test]
fn enter_alone_is_no_value_unless_an_empty_one_is_wanted() {
    let sandbox = Sandbox::with_vault();
    let set = |arguments: &[&str]| {
        let mut set = on_terminal(&sandbox, arguments);
        answer(&mut set, "Value for dev/A:", "");
        set.exp_eof().unwrap()
    };
    let shown = set(&["set", "A"]);
    assert!(shown.contains("what was typed is empty") && shown.contains("vault set dev/A --empty"), "{shown}");
    assert!(set(&["set", "A", "--empty"]).contains("Set dev/A (new, empty)"));
}

#[test]
fn g5_what_is_typed_while_a_wrong_passphrase_is_tried_is_neither_shown_nor_an_answer() {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "16"]);
    init.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(init).ok();
    // rexpect starts its terminals without echo.
    let mut command = sandbox.other("sh", ["-c", "stty echo; exec \"$VAULT\" set A"]);
    command.env("VAULT", crate::harness::program()).env("VAULT_AGENT", "off");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut set = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    answer(&mut set, "Passphrase for mia:", OTHER);
    set.exp_string("\n").unwrap();
    set.send_line("typed too early").unwrap();
    let mut shown = set.exp_string("wrong passphrase; try again.").unwrap();
    shown += &set.exp_string("Passphrase for mia:").unwrap();
    set.send_line(PASSPHRASE).unwrap();
    set.exp_string("\n").unwrap();
    set.send_line("typed too early").unwrap();
    shown += &set.exp_string("Value for dev/A:").unwrap();
    set.send_line("value").unwrap();
    shown += &set.exp_eof().unwrap();
    assert!(!shown.contains("typed too early"), "{shown}");
    let mut get = sandbox.command(["get", "A"]);
    get.env("VAULT_PASSPHRASE", PASSPHRASE);
    assert_eq!(crate::harness::finish(get).ok().text(), "value");
}

#[test]
fn g5_what_is_typed_while_a_new_passphrase_is_worked_on_is_not_shown() {
    let sandbox = Sandbox::empty();
    // rexpect starts its terminals without echo.
    let with_echo = |line: &str| {
        let mut command = sandbox.other("sh", ["-c", &format!("stty echo; exec \"$VAULT\" {line}")]);
        command.env("VAULT", crate::harness::program()).env("VAULT_AGENT", "off");
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        rexpect::session::spawn_command(command, Some(30_000)).unwrap()
    };
    let type_early = |session: &mut PtySession, end: &str| {
        session.exp_string("\n").unwrap();
        session.send_line("typed too early").unwrap();
        let shown = session.exp_string(end).unwrap() + &session.exp_eof().unwrap();
        assert!(!shown.contains("typed too early"), "{shown}");
    };
    let mut init = with_echo("init --work-factor 16");
    answer(&mut init, "Passphrase (Enter generates one):", PASSPHRASE);
    answer(&mut init, "Type it again:", PASSPHRASE);
    type_early(&mut init, "Created");
    let mut recovery = with_echo("recovery --work-factor 16");
    answer(&mut recovery, "Passphrase for mia:", PASSPHRASE);
    type_early(&mut recovery, "New recovery key");
    let mut passwd = with_echo("passwd --work-factor 16");
    answer(&mut passwd, "Passphrase for mia:", PASSPHRASE);
    answer(&mut passwd, "New passphrase (Enter generates one):", OTHER);
    answer(&mut passwd, "Type it again:", OTHER);
    type_early(&mut passwd, "New passphrase and recovery key.");
}

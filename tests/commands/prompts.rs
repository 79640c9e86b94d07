//! Prompts on a terminal, and how often they appear.

use crate::harness::Sandbox;
use crate::unlocked;
use rexpect::session::PtySession;

const PASSPHRASE: &str = "seven purple lanterns drift over quiet harbors";
const OTHER: &str = "nine amber kettles whistle under tall chimneys";

/// The message while scrypt works.
const CHECKING: &str = "Checking the passphrase";
const PROTECTING: &str = "Protecting the keys with the passphrase";

/// Starts the program on its own terminal, without keys.
fn on_terminal(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.env("TERM", "xterm");
    unlocked::on_terminal(command)
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
fn g1_a_wrong_passphrase_can_be_tried_three_times_and_each_try_is_logged() {
    let sandbox = vault();
    let mut list = on_terminal(&sandbox, &["list"]);
    answer(&mut list, "Passphrase for mia in ./secrets.vault (", OTHER);
    list.exp_string("wrong passphrase; try again.").unwrap();
    answer(&mut list, "Passphrase for mia in ./secrets.vault (", PASSPHRASE);
    list.exp_string("dev").unwrap();
    list.exp_eof().unwrap();
    assert_eq!(failed_unlocks(&sandbox), 1);
    let mut list = on_terminal(&sandbox, &["list"]);
    (0..3).for_each(|_| answer(&mut list, "Passphrase for mia in ./secrets.vault (", OTHER));
    list.exp_string("hint: ").unwrap();
    list.exp_eof().unwrap();
    assert_eq!(failed_unlocks(&sandbox), 4);
}

#[test]
fn a_weak_or_mistyped_new_passphrase_is_asked_for_again() {
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
fn a_generated_passphrase_does_not_change_after_a_typing_error() {
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
fn the_prompt_for_a_new_passphrase_says_so_and_refuses_the_current_one() {
    let sandbox = vault();
    let mut passwd = on_terminal(&sandbox, &["passwd", "--work-factor", "10"]);
    answer(&mut passwd, "Passphrase for mia in ./secrets.vault (", PASSPHRASE);
    answer(&mut passwd, "New passphrase (Enter generates one):", PASSPHRASE);
    passwd.exp_string("the new passphrase is the same as the current one; try again").unwrap();
    answer(&mut passwd, "New passphrase (Enter generates one):", OTHER);
    answer(&mut passwd, "Type it again:", OTHER);
    passwd.exp_string("New passphrase and recovery key.").unwrap();
    passwd.exp_eof().unwrap();
}

#[test]
fn without_a_terminal_passwd_says_how_to_pass_the_new_passphrase() {
    let sandbox = vault();
    let mut passwd = sandbox.command(["passwd", "--non-interactive"]);
    passwd.env("VAULT_PASSPHRASE", PASSPHRASE);
    let run = crate::harness::finish(passwd).fails(4).says("--new-passphrase-fd").says("--key");
    assert!(!run.stderr.contains("VAULT_PASSPHRASE"), "{run:?}");
    let same = format!("exec \"$0\" passwd --new-passphrase-fd 3 3<<'END'\n{PASSPHRASE}\nEND\n");
    let mut shell = sandbox.other("sh", ["-c", &same, crate::harness::program().to_str().unwrap()]);
    shell.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(shell).fails(2).says("the same as the current one").says("vault recovery");
}

/// Returns what a shell line shows on a terminal. `$VAULT` is the program.
fn shown_by_shell(sandbox: &Sandbox, line: &str) -> String {
    let mut command = sandbox.other("sh", ["-c", line]);
    command.env("VAULT", crate::harness::program());
    unlocked::on_terminal(command).exp_eof().unwrap()
}

#[test]
fn a_secret_typed_on_the_command_line_warns_about_the_shell_history() {
    let sandbox = Sandbox::with_vault();
    let shown = shown_by_shell(&sandbox, "exec \"$VAULT\" set KEY=value");
    assert!(shown.contains("shell's history") && shown.contains("vault set dev/KEY"), "{shown}");
    let shown = shown_by_shell(&sandbox, "exec \"$VAULT\" set --kind variable PORT=3000");
    assert!(!shown.contains("history"), "{shown}");
    // A script's commands aren't in any history, with a terminal or without.
    let shown = shown_by_shell(&sandbox, "\"$VAULT\" set KEY=other; exit");
    assert!(shown.contains("Set dev/KEY") && !shown.contains("history"), "{shown}");
    assert!(!sandbox.run(["set", "KEY=third"]).ok().stderr.contains("history"));
}

#[test]
fn enter_alone_is_not_a_value_unless_an_empty_one_is_wanted() {
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
fn g5_keys_typed_while_a_wrong_passphrase_is_checked_are_neither_shown_nor_used() {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "16"]);
    init.env("VAULT_PASSPHRASE", PASSPHRASE);
    crate::harness::finish(init).ok();
    // rexpect starts its terminals without echo.
    let mut command = sandbox.other("sh", ["-c", "stty echo; exec \"$VAULT\" set A"]);
    command.env("VAULT", crate::harness::program()).env("TERM", "xterm");
    let mut set = unlocked::on_terminal(command);
    answer(&mut set, "Passphrase for mia in ./secrets.vault (", OTHER);
    set.exp_string(CHECKING).unwrap();
    set.send_line("typed too early").unwrap();
    let mut shown = set.exp_string("wrong passphrase; try again.").unwrap();
    shown += &set.exp_string("Passphrase for mia in ./secrets.vault (").unwrap();
    set.send_line(PASSPHRASE).unwrap();
    set.exp_string(CHECKING).unwrap();
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
fn g5_keys_typed_while_a_new_passphrase_is_processed_are_not_shown() {
    let sandbox = Sandbox::empty();
    // rexpect starts its terminals without echo.
    let with_echo = |line: &str| {
        let mut command = sandbox.other("sh", ["-c", &format!("stty echo; exec \"$VAULT\" {line}")]);
        command.env("VAULT", crate::harness::program()).env("TERM", "xterm");
        unlocked::on_terminal(command)
    };
    let type_early = |session: &mut PtySession, end: &str| {
        session.exp_string(PROTECTING).unwrap();
        session.send_line("typed too early").unwrap();
        let shown = session.exp_string(end).unwrap() + &session.exp_eof().unwrap();
        assert!(!shown.contains("typed too early"), "{shown}");
    };
    let mut init = with_echo("init --work-factor 16");
    answer(&mut init, "Passphrase (Enter generates one):", PASSPHRASE);
    answer(&mut init, "Type it again:", PASSPHRASE);
    type_early(&mut init, "Created");
    let mut recovery = with_echo("recovery --work-factor 16");
    answer(&mut recovery, "Passphrase for mia in ./secrets.vault (", PASSPHRASE);
    type_early(&mut recovery, "New recovery key");
    let mut passwd = with_echo("passwd --work-factor 16");
    answer(&mut passwd, "Passphrase for mia in ./secrets.vault (", PASSPHRASE);
    answer(&mut passwd, "New passphrase (Enter generates one):", OTHER);
    answer(&mut passwd, "Type it again:", OTHER);
    type_early(&mut passwd, "New passphrase and recovery key.");
}

#[test]
fn a_prompt_names_its_vault_and_its_reason() {
    let sandbox = vault();
    let asks = |arguments: &[&str], question: &str| {
        on_terminal(&sandbox, arguments).exp_string(question).unwrap_or_else(|error| panic!("{question}: {error}"));
    };
    asks(&["exec", "--", "/bin/sh", "-c", "true"], "Passphrase for mia in ./secrets.vault (to run sh): ");
    asks(&["-e", "dev", "run", "npm", "list"], "Passphrase for mia in ./secrets.vault (to run npm): ");
    asks(&["exec", "--", "a\x1b]0;b\n"], "Passphrase for mia in ./secrets.vault (to run a\\u{1b}]0;b\\n): ");
    asks(&["ls"], "Passphrase for mia in ./secrets.vault (for vault list): ");
    asks(&["user", "add", "ben"], "Passphrase for mia in ./secrets.vault (for vault user add, which always asks): ");
    let elsewhere = sandbox.home().join("other.vault");
    std::fs::copy(sandbox.vault(), &elsewhere).unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    asks(&["--vault", elsewhere, "list"], &format!("Passphrase for mia in {elsewhere} (for vault list): "));
}

#[test]
fn scrypts_progress_is_shown_only_on_a_terminal_that_can_erase_it() {
    let sandbox = vault();
    let shown = |terminal: Option<&str>, arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        terminal.iter().for_each(|terminal| _ = command.env("TERM", terminal));
        command.env("VAULT_PASSPHRASE", PASSPHRASE).env("NO_COLOR", "1");
        unlocked::on_terminal(command).exp_eof().unwrap()
    };
    let set: [&str; 4] = ["set", "--kind", "variable", "PORT=3000"];
    let on_terminal = shown(Some("xterm"), &set);
    let (before, after) = on_terminal.rsplit_once("\r\x1b[2K").unwrap();
    assert!(before.contains(CHECKING) && after.starts_with("Set dev/PORT"), "{on_terminal:?}");
    assert!(!on_terminal.contains("\x1b[1") && !on_terminal.contains("\x1b[3"), "no colors: {on_terminal:?}");
    for terminal in [Some("dumb"), None] {
        let plain = shown(terminal, &set);
        assert!(plain.starts_with("Set dev/PORT") && !plain.contains('\x1b'), "{plain:?}");
    }
    let quiet = shown(Some("xterm"), &["-q", "list", "--json"]);
    assert!(quiet.starts_with('[') && !quiet.contains('\x1b'), "{quiet:?}");
    let mut piped = sandbox.command(set);
    piped.env("TERM", "xterm").env("VAULT_PASSPHRASE", PASSPHRASE);
    let run = crate::harness::finish(piped).ok();
    assert!(run.stderr.starts_with("Set dev/PORT"), "{run:?}");
}

#[test]
fn a_key_that_is_shown_once_is_on_lines_of_its_own_during_progress() {
    let sandbox = vault();
    let mut recovery = on_terminal(&sandbox, &["recovery", "--work-factor", "10"]);
    answer(&mut recovery, "Passphrase for mia", PASSPHRASE);
    let before = recovery.exp_string("AGE-SECRET-KEY-1").unwrap();
    assert!(before.contains(PROTECTING) && before.ends_with("\x1b[2K"), "{before:?}");
    recovery.exp_string("New recovery key, shown once").unwrap();
}

#[test]
fn before_removing_a_user_the_consequences_are_shown() {
    let sandbox = Sandbox::with_environments(&["dev", "prod", "stage"]);
    sandbox.run(["user", "add", "ben", "--write", "dev,stage", "--read", "prod"]).ok();
    let mut remove = on_terminal(&sandbox, &["user", "rm", "ben"]);
    let shown = remove.exp_string("Remove ben?").unwrap();
    assert!(shown.contains("ben writes dev, stage; reads prod. These are re-encrypted"), "{shown}");
    remove.send_line("n").unwrap();
    assert!(remove.exp_eof().unwrap().contains("nobody was removed"));
    assert!(sandbox.run(["user", "list"]).ok().text().contains("ben"));
}

//! `vault shell` with real shells on a terminal: values, start-up files and the prompt.

use crate::harness::{Sandbox, feed, finish, has};
use rexpect::process::WaitStatus;
use rexpect::session::spawn_command;
use std::process::{Command, Stdio};
use std::time::Duration;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("dev/TOKEN", b"hunter2-hunter2");
    sandbox.set("prod/TOKEN", b"prod-hunter2");
    sandbox
}

fn command(sandbox: &Sandbox, shell: &str, arguments: &[&str]) -> Command {
    let mut command = sandbox.command([&["shell"], arguments].concat());
    command.env("SHELL", shell).env("TERM", "dumb");
    command
}

/// Waits for the text that a command in the shell writes to a file. The terminal's output would also have the echo.
fn wait_for_output(sandbox: &Sandbox) -> String {
    let file = sandbox.project().join("seen");
    for _ in 0..1_200 {
        if let Ok(text) = std::fs::read_to_string(&file) {
            std::fs::remove_file(file).unwrap();
            return text;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the shell has written nothing");
}

/// The start-up file sets a variable once, and its own prompt before each prompt.
fn reads_its_start_up_file_and_shows_our_prompt(shell: &str, start_up: &str, text: &str) {
    if !has(shell) {
        return;
    }
    let sandbox = sandbox();
    let start_up = sandbox.home().join(start_up);
    std::fs::create_dir_all(start_up.parent().unwrap()).unwrap();
    std::fs::write(start_up, text).unwrap();
    for _ in 0..2 {
        let mut command = command(&sandbox, shell, &["-e", "prod"]);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut terminal = spawn_command(command, Some(60_000)).unwrap();
        terminal.exp_string(&format!("{shell} with the variables of prod; exit ends it.")).unwrap();
        terminal.exp_string("(vault: prod) mine").unwrap();
        // At the second prompt, PS1 already has the addition, and it is not added again.
        terminal.send_line("true").unwrap();
        // bash is set to refuse unset variables.
        let directory = if shell == "bash" { "" } else { "$ZDOTDIR" };
        let line = format!("echo \"$TOKEN $FROM_START_UP $VAULT_SHELL {directory} $PS1\" > new; mv new seen");
        terminal.send_line(&line).unwrap();
        let prompt = if shell == "fish" { "" } else { "(vault: prod) mine> " };
        assert_eq!(wait_for_output(&sandbox), format!("prod-hunter2 yes prod  {prompt}\n"), "{shell}");
        terminal.send_line("exit 7").unwrap();
        terminal.exp_eof().unwrap();
        let status = terminal.process().wait().unwrap();
        assert!(matches!(status, WaitStatus::Exited(_, 7)), "{shell}: {status:?}");
    }
    let entries = sandbox.run(["log", "--action", "exec", "--json"]).ok().text();
    assert_eq!(entries.matches(&format!("\"program\":\"{shell}\"")).count(), 2, "{entries}");
}

#[test]
fn bash_reads_its_start_up_file_and_its_prompt_shows_the_environment() {
    let theme = "FROM_START_UP=yes\ntheme() { PS1='mine> '; }\nPROMPT_COMMAND='theme;'\n";
    reads_its_start_up_file_and_shows_our_prompt("bash", ".bashrc", theme);
    reads_its_start_up_file_and_shows_our_prompt("bash", ".bashrc", "set -u\nFROM_START_UP=yes\nPS1='mine> '\n");
}

#[test]
fn zsh_reads_its_start_up_file_and_its_prompt_shows_the_environment() {
    let files = "FROM_START_UP=yes\nprecmd() { PROMPT='mine> '; }\n";
    reads_its_start_up_file_and_shows_our_prompt("zsh", ".zshrc", files);
}

#[test]
fn fish_reads_its_start_up_file_and_its_prompt_shows_the_environment() {
    let files = "set FROM_START_UP yes\nfunction fish_prompt; echo -n 'mine> '; end\n";
    reads_its_start_up_file_and_shows_our_prompt("fish", ".config/fish/config.fish", files);
}

#[test]
fn another_shell_gets_the_values_and_the_masking_and_exit_codes_of_exec() {
    let sandbox = sandbox();
    let run = feed(command(&sandbox, "/bin/sh", &["--mask", "-q"]), b"echo \"<$TOKEN>\"; exit 3\n");
    assert_eq!((run.text().as_str(), run.code), ("<****>\n", 3));
    let wrong = feed(command(&sandbox, "/no/such/shell", &[]), b"").fails(127);
    assert!(!wrong.stderr.contains("with the variables"), "{wrong:?}");
    feed(command(&sandbox, "/bin/sh", &["-e", "nowhere"]), b"").fails(125);
    feed(command(&sandbox, "/bin/sh", &["--no-such-option"]), b"").fails(125);
}

#[test]
fn a_nested_vault_shell_causes_a_warning_and_the_hook_does_nothing_in_it() {
    let sandbox = sandbox();
    let inner = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_SHELL", "prod").env("SHELL", "/bin/sh");
        command
    };
    feed(inner(&["shell"]), b"").ok().says("this is already a vault shell (prod)");
    sandbox.run(["allow"]).ok();
    let set = sandbox.run(["hook-env", "bash"]).ok().text();
    assert!(set.contains("TOKEN"), "outside a vault shell, the hook must set variables: {set}");
    assert_eq!(finish(inner(&["hook-env", "bash"])).ok().text(), "");
}

#[test]
fn inside_the_shell_vault_uses_the_chosen_environment_and_vault() {
    let sandbox = sandbox();
    let program = crate::harness::program().display();
    // The key is passed on, because these shells run vault.
    let inside = |arguments: &[&str], line: &str| {
        let all = [arguments, &["--pass-key", "-q"]].concat();
        feed(command(&sandbox, "/bin/sh", &all), format!("{line}\n").as_bytes())
    };
    let get = format!("'{program}' get TOKEN");
    assert_eq!(inside(&["-e", "prod"], &get).ok().text(), "prod-hunter2");
    assert_eq!(inside(&["-e", "dev", "-e", "prod"], "echo $VAULT_ENV $VAULT_FILE").ok().text(), "dev,prod\n");
    // Nothing was chosen.
    assert_eq!(inside(&[], "echo ${VAULT_ENV-none} ${VAULT_FILE-none}").ok().text(), "none none\n");
    // In another directory, the named vault is still used, and options inside the shell win.
    let named = ["--vault", "secrets.vault", "-e", "prod"];
    assert_eq!(inside(&named, &format!("cd /; {get}")).ok().text(), "prod-hunter2");
    assert_eq!(inside(&named, &format!("cd /; {get} -e dev")).ok().text(), "hunter2-hunter2");
    // A nested shell has its own vault.
    let nested = format!("echo 'echo $VAULT_ENV $VAULT_SHELL' | '{program}' shell -q -e dev");
    assert_eq!(inside(&["-e", "prod"], &nested).ok().text(), "dev dev\n");
}

#[test]
fn an_environment_given_without_its_option_gets_a_hint() {
    let sandbox = sandbox();
    feed(command(&sandbox, "/bin/sh", &["prod"]), b"").fails(125).says("hint: vault shell -e prod\n");
    let run = feed(command(&sandbox, "/bin/sh", &["npm", "--token=hunter2"]), b"").fails(125).says("vault exec -- CMD");
    assert!(!run.stderr.contains("hunter2"), "{run:?}");
}

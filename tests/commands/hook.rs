//! The shell hook in real shells on a terminal: it sets variables inside the directory and unsets them outside.

use crate::harness::{Sandbox, has, has_optional, program};
use crate::unlocked::{Unlocked, send, until};
use rexpect::session::{PtySession, spawn_command};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

const VALUE: &str = "it's\n$HOME `x` \\ \"";

/// A shell on a terminal, with the hook.
struct Shell {
    name: &'static str,
    terminal: PtySession,
    /// The file that collects the output of commands, so that nothing depends on the terminal's echo.
    output: PathBuf,
    commands: usize,
}

impl Shell {
    fn start(name: &'static str, sandbox: &Sandbox) -> Self {
        let arguments: &[&str] = match name {
            "bash" => &["--norc", "-i"],
            "zsh" => &["-f", "-i"],
            _ => &["--no-config", "-i"],
        };
        let mut command = sandbox.other(name, arguments);
        command.env("TERM", "dumb").env("PORT", "outer").env_remove("VAULT_HOOK");
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let terminal = spawn_command(command, Some(60_000)).unwrap();
        let mut shell = Self { name, terminal, output: sandbox.home().join("output"), commands: 0 };
        let _ = std::fs::remove_file(&shell.output);
        shell.run(match name {
            "fish" => "vault hook fish | source",
            "zsh" => "eval \"$(vault hook zsh)\"",
            _ => "set -u; eval \"$(vault hook bash)\"",
        });
        shell
    }

    /// Runs a line, and returns what the line appends to the file.
    fn run(&mut self, line: &str) -> String {
        self.commands += 1;
        let mark = format!("mark-{}", self.commands);
        let output = self.output.display();
        let before = std::fs::read_to_string(&self.output).unwrap_or_default();
        self.terminal.send_line(&format!("{line}; echo {mark} >>'{output}'")).unwrap();
        let start = Instant::now();
        loop {
            let text = std::fs::read_to_string(&self.output).unwrap_or_default();
            if let Some((text, _)) = text.split_once(&format!("{mark}\n")) {
                return text[before.len()..].to_owned();
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{}: {line}: {text}", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the shell by typing `exit`: an interactive shell ignores the signal that would end it on drop.
    fn exit(mut self) {
        self.terminal.send_line("exit").unwrap();
        self.terminal.exp_eof().unwrap();
    }

    /// Returns the values of these variables in a child of the shell.
    fn variables(&mut self, names: &[&str]) -> Vec<String> {
        let mut line = String::new();
        for name in names {
            let output = self.output.display();
            write!(line, "printenv {name} >>'{output}' || echo none >>'{output}'; echo / >>'{output}'; ").unwrap();
        }
        let text = self.run(line.trim_end_matches("; "));
        text.split_terminator("\n/\n").map(str::to_owned).collect()
    }
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", VALUE.as_bytes());
    sandbox.run(["set", "--kind", "variable", "PORT=3000"]).ok();
    std::fs::create_dir_all(sandbox.project().join("below/deep")).unwrap();
    sandbox
}

fn comes_and_goes(name: &'static str) {
    if !has(name) {
        return;
    }
    let sandbox = sandbox();
    let mut shell = Shell::start(name, &sandbox);
    assert_eq!(shell.variables(&["A", "PORT"]), ["none", "outer"], "{name}: it is not allowed yet");
    shell.run("vault allow");
    assert_eq!(shell.variables(&["A", "PORT"]), [VALUE, "3000"], "{name}");
    shell.run("cd below/deep");
    assert_eq!(shell.variables(&["PORT"]), ["3000"], "{name}: below");
    shell.run("cd /");
    assert_eq!(shell.variables(&["A", "PORT"]), ["none", "outer"], "{name}: left");
    shell.run("cd -");
    assert_eq!(shell.variables(&["A", "PORT"]), [VALUE, "3000"], "{name}: after coming back");
    // Another process changes the vault, and the next prompt has the new value. The prompt after the last output may come
    // late, so each change is seen before the next one.
    sandbox.run(["set", "--kind", "variable", "PORT=4000"]).ok();
    shell.run("true");
    assert_eq!(shell.variables(&["A", "PORT"]), [VALUE, "4000"], "{name}: changed");
    sandbox.run(["rm", "-y", "A"]).ok();
    shell.run("true");
    assert_eq!(shell.variables(&["A", "PORT"]), ["none", "4000"], "{name}: removed");
    shell.run("vault deny");
    assert_eq!(shell.variables(&["PORT"]), ["outer"], "{name}: denied");
    shell.exit();
    let entries = sandbox.run(["log", "--action", "hook", "--json"]).ok().text();
    assert_eq!(entries.lines().count(), 4, "{name}: one entry for each time that values were set: {entries}");
    assert!(entries.lines().all(|entry| entry.contains(&format!("\"program\":\"{name}\""))), "{entries}");
}

#[test]
fn bash_sets_the_variables_only_inside_the_directory() {
    comes_and_goes("bash");
}

#[test]
fn zsh_sets_the_variables_only_inside_the_directory() {
    comes_and_goes("zsh");
}

#[test]
fn fish_sets_the_variables_only_inside_the_directory() {
    comes_and_goes("fish");
}

/// Runs what a shell's hook runs at a prompt in the project. The state of the earlier prompt is passed in.
fn prompt(sandbox: &Sandbox, remembered: &str, prepare: impl FnOnce(&mut std::process::Command)) -> (String, String) {
    let mut command = sandbox.command(["hook-env", "bash"]);
    command.env("VAULT_HOOK", remembered);
    prepare(&mut command);
    let run = crate::harness::finish(command).ok();
    (run.text(), run.stderr)
}

fn remembered(code: &str) -> String {
    let line = code.lines().find_map(|line| line.strip_prefix("export VAULT_HOOK='"));
    line.unwrap().trim_end_matches('\'').to_owned()
}

#[test]
fn the_reason_why_nothing_is_set_is_printed_once() {
    let sandbox = sandbox();
    let locked = |command: &mut std::process::Command| {
        command.env_remove("VAULT_KEY");
    };
    let (code, printed) = prompt(&sandbox, "", |_| ());
    assert!(printed.starts_with("vault: this directory has a vault: `vault allow`"), "{printed}");
    assert!(!code.contains("PORT"), "{code}");
    assert_eq!(prompt(&sandbox, &remembered(&code), |_| ()), Default::default());
    sandbox.run(["allow"]).ok();
    let (code, printed) = prompt(&sandbox, &remembered(&code), locked);
    assert!(printed.starts_with("vault: locked: `vault unlock`"), "{printed}");
    assert_eq!(prompt(&sandbox, &remembered(&code), locked), Default::default());
    let (code, printed) = prompt(&sandbox, &remembered(&code), |_| ());
    assert!(printed.contains("dev, 2 variables (A, PORT)") && code.contains("export PORT='3000'"), "{printed}");
    assert_eq!(prompt(&sandbox, &remembered(&code), locked), Default::default(), "it already has the variables");
}

#[test]
fn a_hanging_agent_is_reported_once_and_does_not_block_the_prompt() {
    let vault = Unlocked::around(sandbox());
    vault.sandbox.run(["allow"]).ok();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    let at_prompt = |remembered: &str| {
        prompt(&vault.sandbox, remembered, |command| {
            command.env_remove("VAULT_KEY").env_remove("VAULT_AGENT").env("XDG_RUNTIME_DIR", &vault.runtime);
        })
    };
    send("STOP", agent);
    let (code, printed) = at_prompt("");
    assert!(printed.starts_with("vault: the agent does not answer\nhint: to end it: vault lock --all"), "{printed}");
    assert!(!code.contains("PORT"), "{code}");
    let silent = remembered(&code);
    assert_eq!(at_prompt(&silent), Default::default(), "it was reported already");
    // What the hanging agent left undone is tried again at each prompt.
    send("CONT", agent);
    until("the variables come", || at_prompt(&silent).0.contains("export PORT='3000'"));
    let (code, _) = at_prompt(&silent);
    assert_eq!(at_prompt(&remembered(&code)), Default::default(), "it already has the variables");
    // A completion doesn't wait, either.
    send("STOP", agent);
    let mut complete = vault.command(&["--", "vault", "get", "dev/"]);
    complete.env_remove("VAULT_KEY").env("VAULT_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "2");
    let completed = crate::harness::finish(complete).ok().text();
    assert!(!completed.contains("PORT"), "{completed}");
    send("CONT", agent);
}

#[test]
fn permission_does_not_extend_to_another_vault_or_a_moved_one() {
    let sandbox = sandbox();
    sandbox.run(["allow"]).ok();
    let elsewhere = sandbox.project().join("below/secrets.vault");
    std::fs::copy(sandbox.vault(), &elsewhere).unwrap();
    let below = |command: &mut std::process::Command| {
        command.current_dir(elsewhere.parent().unwrap());
    };
    assert!(prompt(&sandbox, "", below).1.contains("`vault allow`"), "the same vault at another path");
    let other = Sandbox::with_vault();
    std::fs::copy(other.vault(), sandbox.vault()).unwrap();
    let (code, printed) = prompt(&sandbox, "", |_| ());
    assert!(printed.contains("`vault allow`") && !code.contains("export A"), "{printed}");
}

#[test]
fn after_any_error_the_prompt_appears_and_the_old_variables_are_unset() {
    let sandbox = sandbox();
    sandbox.run(["allow"]).ok();
    let (code, _) = prompt(&sandbox, "", |_| ());
    let file = std::fs::read_to_string(sandbox.vault()).unwrap();
    std::fs::write(sandbox.vault(), file.replace("signature = \"", "signature = \"AAAA")).unwrap();
    let (code, printed) = prompt(&sandbox, &remembered(&code), |_| ());
    assert!(code.contains("unset A") && printed.contains("vault: left dev"), "{code} {printed}");
    for garbage in ["x", "e30=", "\u{7f}"] {
        prompt(&sandbox, garbage, |_| ());
    }
}

#[test]
fn an_expired_value_warns_and_under_strict_settings_a_shell_gets_nothing() {
    let sandbox = sandbox();
    sandbox.run(["set", "A", "--expires", "1s"]).ok();
    sandbox.run(["allow"]).ok();
    std::thread::sleep(Duration::from_millis(1100));
    let (code, printed) = prompt(&sandbox, "", |_| ());
    assert!(code.contains("export A=") && printed.contains("warning: expired: dev/A"), "{code} {printed}");
    let strict = |command: &mut std::process::Command| {
        command.env("VAULT_STRICT", "1");
    };
    let (code, printed) = prompt(&sandbox, "", strict);
    assert!(!code.contains("export A=") && printed.starts_with("vault: expired: dev/A\nhint: "), "{code} {printed}");
    let log = sandbox.run(["log", "-n", "1"]).ok().text();
    assert!(log.contains("hook") && log.contains("failed"), "{log}");
}

#[test]
fn dangerous_names_and_values_that_cannot_be_variables_are_left_out() {
    let sandbox = sandbox();
    sandbox.run_with_input(["set", "LD_PRELOAD", "--allow-name", "LD_PRELOAD"], b"/x.so").ok();
    sandbox.run_with_input(["set", "BYTES", "--raw"], b"a\0b").ok();
    sandbox.run(["allow"]).ok();
    let (code, printed) = prompt(&sandbox, "", |_| ());
    assert!(printed.contains("dev, 2 variables (A, PORT)") && !code.contains("LD_PRELOAD="), "{printed} {code}");
}

/// Runs direnv with the program under test in its PATH.
fn by_direnv(sandbox: &Sandbox, arguments: &[&str]) -> crate::harness::Run {
    let mut direnv = sandbox.other("direnv", arguments);
    let path = std::env::var("PATH").unwrap_or_default();
    direnv.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
    crate::harness::finish(direnv)
}

#[test]
fn the_documented_lines_for_direnv_set_the_variables() {
    if !has_optional("direnv") {
        return;
    }
    let page = include_str!("../../docs/hook.md");
    let lines = page.split_once("## With direnv").and_then(|(_, rest)| rest.split("```").nth(1)).unwrap();
    let sandbox = sandbox();
    sandbox.write(".envrc", lines.strip_prefix("sh\n").unwrap());
    let printenv = ["exec", ".", "printenv", "A"];
    assert!(by_direnv(&sandbox, &printenv).stderr.contains("direnv allow"));
    by_direnv(&sandbox, &["allow"]).ok();
    assert_eq!(by_direnv(&sandbox, &printenv).ok().text(), format!("{VALUE}\n"));
    let watches = by_direnv(&sandbox, &["exec", ".", "sh", "-c", "direnv show_dump \"$DIRENV_WATCHES\""]);
    assert!(watches.ok().text().contains("secrets.vault"));
}

//! `status --short`, and the lines in docs/unlocking.md that put its output into prompts.

use crate::harness::{Run, Sandbox, finish, has, has_optional, program};
use crate::unlocked::{Unlocked, send};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/unlocking.md");

/// So long that a slow machine still shows the same time.
const LONG: &[&str] = &["--for", "8h", "--idle", "8h"];

/// The code block in this language.
fn block(language: &str) -> &'static str {
    PAGE.split_once(&format!("```{language}\n")).unwrap().1.split_once("```").unwrap().0
}

/// Runs `status --short` with this variable and without a key.
fn with(vault: &Unlocked, variable: &str, value: &str) -> Run {
    let mut command = vault.command(&["status", "--short"]);
    command.env_remove("VAULT_KEY").env(variable, value);
    finish(command)
}

#[track_caller]
fn prints(run: &Run, line: &str) {
    assert_eq!((run.code, run.text().as_str(), run.stderr.as_str()), (0, line, ""));
}

/// A prompt waits only a moment for the agent, so on a busy machine it may say at first that the vault is locked.
#[track_caller]
fn prints_once_the_agent_answers(run: impl Fn() -> Run, line: &str) {
    let mut last = None;
    crate::unlocked::until("the agent answers", || last.insert(run()).text() != "locked\n");
    prints(&last.unwrap(), line);
}

#[test]
fn outside_a_vault_nothing_is_printed_and_nothing_fails() {
    let vault = Unlocked::around(Sandbox::empty());
    prints(&vault.run(&["status", "--short"]), "");
    prints(&with(&vault, "VAULT_FILE", "/absent/secrets.vault"), "");
    prints(&with(&vault, "VAULT_FILE", ""), "");
    prints(&with(&vault, "VAULT_STATE_DIR", "relative"), "");
    std::fs::create_dir(vault.sandbox.vault()).unwrap();
    prints(&vault.run(&["status", "--short"]), "");
}

#[test]
fn a_prompt_shows_whether_the_vault_is_unlocked_and_for_how_long() {
    let vault = Unlocked::new();
    vault.sandbox.run(["env", "add", "prod"]).ok();
    prints(&vault.run(&["status", "--short"]), "locked\n");
    vault.unlock(LONG).ok();
    prints_once_the_agent_answers(|| vault.run(&["status", "--short"]), "dev unlocked 8h\n");
    prints_once_the_agent_answers(|| vault.run(&["status", "--short", "-e", "prod"]), "prod unlocked 8h\n");
    prints_once_the_agent_answers(|| with(&vault, "VAULT_ENV", "prod,dev"), "prod, dev unlocked 8h\n");
    prints(&with(&vault, "VAULT_AGENT", "off"), "locked\n");
    prints(&with(&vault, "VAULT_PASSPHRASE", "x"), "passphrase\n");
    prints(&with(&vault, "VAULT_KEY_FILE", "/absent"), "key\n");
    vault.run(&["lock"]).ok();
    prints(&vault.run(&["status", "--short"]), "locked\n");
    for other in ["--all", "--pin", "--within=1d"] {
        vault.run(&["status", "--short", other]).fails(2);
    }
    assert_eq!(vault.run(&["status", "--short", "--json"]).code, 2);
}

#[test]
fn nothing_in_a_prompt_can_be_expanded() {
    let vault = Unlocked::new();
    vault.unlock(LONG).ok();
    for hostile in ["$(id)", "`id`", "\u{1b}]0;x\u{7}", "%n", "#(id)", "\\u", "dev\nprod", "a b", "../x"] {
        prints_once_the_agent_answers(|| with(&vault, "VAULT_ENV", hostile), "unlocked 8h\n");
    }
    // Commands refuse these, too.
    for refused in ["nowhere", "dev,nowhere"] {
        prints_once_the_agent_answers(|| with(&vault, "VAULT_ENV", refused), "unlocked 8h\n");
    }
    // The path is not shown, either.
    let named = vault.sandbox.project().join("$(touch x)\u{1b}[31m.vault");
    std::fs::rename(vault.sandbox.vault(), &named).unwrap();
    prints_once_the_agent_answers(|| with(&vault, "VAULT_FILE", named.to_str().unwrap()), "dev unlocked 8h\n");
    let bytes = std::fs::read_to_string(&named).unwrap();
    std::fs::write(&named, bytes.replace("name = \"dev\"", "name = \"$(touch x)\"")).unwrap();
    prints(&with(&vault, "VAULT_FILE", named.to_str().unwrap()), "damaged\n");
}

#[test]
fn an_agent_that_does_not_answer_does_not_block_the_prompt() {
    let vault = Unlocked::new();
    vault.unlock(LONG).ok();
    let agent = vault.agent();
    send("STOP", agent);
    prints(&vault.run(&["status", "--short"]), "locked\n");
    send("CONT", agent);
    crate::unlocked::until("the agent answers", || vault.run(&["status", "--short"]).text() == "dev unlocked 8h\n");
}

/// An unfinished merge in git is reported without calling git.
#[test]
fn a_prompt_starts_nothing_and_writes_nothing() {
    if !has("git") || !has_optional("strace") {
        return;
    }
    let vault = Unlocked::around(Sandbox::in_repository().unwrap());
    vault.sandbox.git(&["add", "secrets.vault"]).ok();
    vault.sandbox.git(&["commit", "-qm", "1"]).ok();
    vault.unlock(LONG).ok();
    let traced = || {
        let program = program().to_str().unwrap();
        let calls =
            "trace=clone,clone3,fork,vfork,execve,creat,unlink,unlinkat,rename,renameat2,pwrite64,ftruncate,write";
        let mut strace = vault.other("strace", &["-f", "-e", calls, program, "status", "--short"]);
        strace.env_remove("VAULT_KEY");
        finish(strace).ok()
    };
    let run = traced();
    let calls: Vec<_> = run.stderr.lines().filter(|line| line.contains('(')).collect();
    assert!(calls.len() == 2 && calls[0].starts_with("execve(") && calls[1].starts_with("write(1, "), "{run:?}");
    assert_eq!(run.text(), "dev unlocked 8h\n");
    // During an unfinished merge, every other command calls git.
    std::fs::write(vault.sandbox.project().join(".git/MERGE_HEAD"), "x").unwrap();
    let text = std::fs::read_to_string(vault.sandbox.vault()).unwrap();
    vault.sandbox.write("secrets.vault", format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> main\n"));
    let run = traced();
    assert_eq!(run.stderr.lines().filter(|line| line.contains('(')).count(), 2, "{run:?}");
    assert_eq!(run.text(), "unmerged\n");
}

/// A shell with the program in PATH, with the agent and no key.
fn shell(vault: &Unlocked, name: &str, script: &str) -> Command {
    let start: &[&str] = match name {
        "bash" => &["--norc", "-c"],
        "zsh" => &["-f", "-c"],
        _ => &["--no-config", "-c"],
    };
    let mut command = vault.other(name, &[start, &[script]].concat());
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
    command.env_remove("VAULT_KEY");
    command
}

#[test]
fn the_lines_for_bash_zsh_and_fish_show_the_status_only_in_a_vault() {
    let vault = Unlocked::new();
    vault.unlock(LONG).ok();
    for (name, before, show) in [
        ("bash", "set -u; PS1='> '", "printf '%s\\n' \"${PS1@P}\""),
        ("zsh", "set -u; PROMPT='> '", "print -P -- \"$PROMPT\""),
        ("fish", "true", "fish_right_prompt; echo '> '"),
    ] {
        if !has_optional(name) {
            println!("skipped: {name} is not installed");
            continue;
        }
        let script = format!("{before}\n{}\n{show}\ncd /\n{show}\n", block(name));
        let run = finish(shell(&vault, name, &script)).ok();
        let shown = run.text().replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((shown.as_str(), run.stderr.as_str()), ("dev unlocked 8h > >", ""), "{name}");
    }
}

#[test]
fn the_line_for_tmux_works_in_directories_with_any_name() {
    if !has_optional("tmux") {
        println!("skipped: tmux is not installed");
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(LONG).ok();
    let command = block("tmux").split_once("'#(").unwrap().1.strip_suffix(")'\n").unwrap();
    // tmux turns two % signs into one before it runs the command.
    let command = command.replace("##", "#");
    let hostile = vault.sandbox.project().join("a$(touch pwned)\"; touch pwned; '\ntouch pwned; true ");
    std::fs::create_dir(&hostile).unwrap();
    let socket = vault.sandbox.home().join("tmux");
    let tmux = |arguments: &[&str]| {
        let mut tmux = vault.other("tmux", &["-f", "/dev/null", "-S", socket.to_str().unwrap()]);
        let path = std::env::var("PATH").unwrap_or_default();
        tmux.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        tmux.env_remove("VAULT_KEY").env_remove("TMUX");
        tmux.args(arguments).current_dir(&hostile);
        finish(tmux)
    };
    tmux(&["new-session", "-d", "sleep 60"]).ok();
    let output = vault.sandbox.home().join("output");
    let job = vault.sandbox.write("job.sh", format!("cd / && ({command}) >'{}'\n", output.display()));
    // As a job of the status line: tmux's socket is in the environment, but no pane.
    tmux(&["run-shell", &format!("env -u TMUX_PANE sh {}", job.display())]).ok();
    crate::unlocked::until("the job has run", || {
        std::fs::read_to_string(&output).is_ok_and(|text| text == "dev unlocked 8h\n")
    });
    tmux(&["kill-server"]).ok();
    let planted = |directory: &std::path::Path| directory.join("pwned").exists();
    assert!(!planted(&hostile) && !planted(&vault.sandbox.project()) && !planted(std::path::Path::new("/")));
}

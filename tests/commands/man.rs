//! `man` and `help` on a terminal and in a pipe.

use crate::harness::{Sandbox, finish, has, has_optional};
use std::path::Path;
use std::process::Stdio;

/// Returns a page as shown on a terminal, with only these programs installed.
fn shown(sandbox: &Sandbox, programs: &[&str], page: &str) -> String {
    let directory = sandbox.home().join("programs");
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir(&directory).unwrap();
    for program in programs {
        let search = std::env::var_os("PATH").unwrap();
        let found = std::env::split_paths(&search).map(|path| path.join(program)).find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, directory.join(program)).unwrap();
    }
    let mut command = sandbox.command(["man", page]);
    command.env("PATH", &directory).env("PAGER", "cat; echo THE END").env("TERM", "xterm");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap().exp_eof().unwrap()
}

#[test]
fn without_man_a_terminal_gets_the_page_as_text_in_the_pager_or_without_a_pager_directly() {
    let sandbox = Sandbox::empty();
    let text = shown(&sandbox, &["sh", "cat"], "exec");
    assert!(text.starts_with("NAME\r\n    vault-exec - Run a program with the values"), "{text}");
    assert!(
        text.contains("EXAMPLES") && text.contains("    vault exec -- npm start") && text.contains("THE END"),
        "{text}"
    );
    assert!(!text.contains("\\f") && !text.contains(".TP"), "{text}");
    let mut plain = sandbox.command(["man", "exec"]);
    plain.env("PATH", "/nowhere").stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let text = rexpect::session::spawn_command(plain, Some(30_000)).unwrap().exp_eof().unwrap();
    assert!(text.contains(".SH NAME"), "{text}");
}

#[test]
fn on_a_terminal_pages_are_shown_with_man() {
    if !has_optional("man") || !Path::new("/usr/bin/groff").exists() {
        return;
    }
    let sandbox = Sandbox::empty();
    let mut command = sandbox.command(["man", "env", "add"]);
    command.env("PAGER", "cat").env("TERM", "xterm");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let text = rexpect::session::spawn_command(command, Some(60_000)).unwrap().exp_eof().unwrap();
    assert!(text.contains("vault-env-add") && !text.contains(".SH"), "{text}");
}

#[test]
fn no_pager_is_started_in_a_pipe_and_a_repository_cannot_choose_one() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]).ok();
    sandbox.git(&["config", "core.pager", "touch started"]).ok();
    sandbox.write(".env", "PAGER=touch started\n");
    let mut command = sandbox.command(["man", "exec"]);
    command.env("PAGER", "touch started");
    assert!(finish(command).ok().text().contains(".SH EXAMPLES"));
    assert!(!sandbox.project().join("started").exists());
    sandbox.run(["man", "nothing"]).fails(2).says("there is no man page \"nothing\"");
}

#[test]
fn all_ways_to_ask_for_help_print_the_same() {
    let sandbox = Sandbox::empty();
    for words in [&["get"][..], &["env", "add"], &["log", "show"]] {
        let by_option = sandbox.run([words, &["--help"]].concat()).ok().text();
        let by_command = sandbox.run([&["help"], words].concat()).ok().text();
        assert_eq!(by_option, by_command, "{words:?}");
        assert!(by_option.contains("\nExamples:\n  vault "), "{by_option}");
        assert!(!sandbox.run([words, &["-h"]].concat()).ok().text().contains("Examples:"));
    }
}

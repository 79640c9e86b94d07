//! Completion as the generated scripts request it, and the man pages and help that come from the same definition.

mod behind_exec;
mod shells;

use crate::harness::{Run, Sandbox, feed, finish, has, has_optional, program};
use crate::unlocked::Unlocked;

/// Returns the suggestions for the last of these words, as bash and zsh get them.
fn offered(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let line = ["--", "vault"].into_iter().chain(words.iter().copied());
    let mut command = sandbox.command(line);
    command.env_remove("VAULT_KEY").env("VAULT_COMPLETE", "bash");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    finish(command).ok().text().lines().map(str::to_owned).collect()
}

fn vault() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("HIDDEN_NAME", b"1");
    sandbox.run(["user", "add", "bob", "--read", "dev"]).ok();
    sandbox.write(".env", "");
    sandbox.write("a.txt", "");
    sandbox
}

#[test]
fn a_locked_vault_completes_environments_and_users_but_no_items() {
    let sandbox = vault();
    for words in [
        &["-e", "p"][..],
        &["env", "rm", "p"],
        &["env", "copy", "dev", "p"],
        &["env", "diff", "p"],
        &["revoke", "bob", "p"],
        &["user", "add", "ci", "--read", "p"],
    ] {
        assert_eq!(offered(&sandbox, words), ["prod"], "{words:?}");
    }
    assert_eq!(offered(&sandbox, &["grant", "bob", "p"]), ["prod", "prod:read", "prod:write"]);
    assert_eq!(offered(&sandbox, &["grant", "b"]), ["bob"]);
    for words in [&["get", "p"][..], &["cp", "X", "p"], &["mv", "p"], &["rm", "X", "p"], &["set", "p"], &["edit", "p"]]
    {
        assert_eq!(offered(&sandbox, words), ["prod/"], "{words:?}");
    }
    assert_eq!(offered(&sandbox, &["get", "dev/"]), ["dev/"]);
    assert!(offered(&sandbox, &["get", "dev/H"]).is_empty() && offered(&sandbox, &["get", "H"]).is_empty());
    assert!(offered(&sandbox, &["env", "add", "p"]).is_empty());
}

#[test]
fn environments_come_from_the_vault_named_on_the_command_line() {
    let sandbox = vault();
    let other = Sandbox::with_environments(&["elsewhere"]);
    let vault = other.vault().display().to_string();
    for words in [&["--vault", &vault, "-e", ""][..], &[&format!("--vault={vault}"), "get", "-e", ""]] {
        assert_eq!(offered(&sandbox, words), ["elsewhere"], "{words:?}");
    }
}

#[test]
fn values_from_fixed_lists_are_completed() {
    let sandbox = vault();
    for (words, expected) in [
        (&["export", "-f", "js"][..], "json"),
        (&["import", "--dialect", "py"], "python"),
        (&["import", "--format", "ya"], "yaml"),
        (&["log", "--action", "exp"], "export exposure"),
        (&["set", "A", "--kind", "api"], "api-key"),
        (&["generate", "--alphabet", "read"], "readable"),
        (&["user", "role", "bob", "ad"], "admin"),
        (&["man", "env-c"], "env-copy"),
        (&["man", "te"], "team"),
        (&["help", "rot"], "rotate"),
    ] {
        assert_eq!(offered(&sandbox, words).join(" "), expected, "{words:?}");
    }
}

#[test]
fn files_including_hidden_ones_are_completed_and_programs_after_exec() {
    let sandbox = vault();
    for words in [
        &["import", ""][..],
        &["set", "A", "--from-file", ""],
        &["exec", "--env-file", ""],
        &["render", ""],
        &["get", "A", "-o", ""],
        &["exec", "--", "cat", ""],
    ] {
        let mut found = offered(&sandbox, words);
        // The shells need the position of the command.
        found.retain(|line| line != "\t3");
        assert_eq!(found[..3], [".env", "a.txt", "secrets.vault"], "{words:?}");
    }
    let bin = sandbox.project().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink("/bin/sh", bin.join("a-program")).unwrap();
    let mut command = sandbox.command(["--", "vault", "exec", "--", "a"]);
    command.env("VAULT_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3").env("PATH", &bin);
    assert_eq!(finish(command).ok().text(), "a-program\na.txt\n");
}

#[test]
fn completion_for_fish_describes_each_command_in_one_line() {
    if !has("fish") {
        return;
    }
    let sandbox = vault();
    let script = sandbox.run(["completions", "fish"]).ok().text();
    let directory = program().parent().unwrap().display().to_string();
    let asked =
        format!("set -x PATH {directory} $PATH\n{script}\ncomplete -C 'vault env rm p'\ncomplete -C 'vault '\n");
    let text = feed(sandbox.other("fish", ["--no-config"]), asked.as_bytes()).ok().text();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("prod"), "{text}");
    let described: Vec<_> = lines.filter_map(|line| line.split_once('\t')).collect();
    assert!(described.len() > 30 && described.iter().all(|(_, line)| line.len() < 110), "{text}");
    assert!(described.contains(&("exec", "Run a program with the values in its environment")), "{text}");
}

#[test]
fn man_pages_have_a_name_line_and_are_found_by_every_alias_of_a_command() {
    let sandbox = Sandbox::empty();
    let page = |words: &[&str]| sandbox.run(["man"].iter().chain(words)).ok().text();
    let exec = page(&["exec"]);
    assert!(exec.contains(".SH NAME\nvault\\-exec \\- Run a program with the values in its environment\n"), "{exec}");
    assert!(exec.contains("If you name several environments, later ones win"), "the paragraph is in the description");
    assert_eq!(page(&["run"]), exec);
    assert_eq!(page(&["ls"]), page(&["list"]));
    assert_eq!(page(&["env", "cp"]), page(&["env-copy"]));
    sandbox.run(["man", "nothing"]).fails(2).says("vault man COMMAND");
    assert!(sandbox.run(["help"]).ok().text().contains("Run a program"));
    assert!(sandbox.run(["help", "run"]).ok().text().contains("If you name several environments"));
    sandbox.run(["help", "nothing"]).fails(2).says("vault help");
}

#[test]
fn options_are_completed_after_a_dash_or_if_nothing_else_fits() {
    let sandbox = vault();
    let is_option = |word: &String| word.starts_with('-');
    for words in [&[""][..], &["get", ""], &["import", ""], &["env", ""], &["exec", "--", ""], &["grant", ""]] {
        let found = offered(&sandbox, words);
        assert!(!found.is_empty() && !found.iter().any(is_option), "{words:?}: {found:?}");
    }
    let found = offered(&sandbox, &["status", ""]);
    assert!(found.contains(&"--pin".to_owned()) && !found.contains(&"--log-sync".to_owned()), "{found:?}");
    for words in [&["status", "--"][..], &["get", "--"], &["get", "-"]] {
        assert!(offered(&sandbox, words).contains(&"--log-sync".to_owned()), "{words:?}");
    }
    // A command's own options come before the global ones.
    let found = offered(&sandbox, &["get", "--"]);
    let at = |option: &str| found.iter().position(|found| found == option).unwrap();
    assert!(at("--clip") < at("--env") && at("--qr") < at("--vault"), "{found:?}");
}

/// Returns the suggestions with the agent and without a key.
fn offered_by(vault: &Unlocked, words: &[&str]) -> Vec<String> {
    let mut command = vault.command(&[&["--", "vault"], words].concat());
    command.env_remove("VAULT_KEY").env("VAULT_COMPLETE", "bash");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let run = finish(command).ok();
    assert_eq!(run.stderr, "");
    run.text().lines().map(str::to_owned).collect()
}

#[test]
fn an_unlocked_vault_completes_item_names_and_logs_nothing() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    for name in ["dev/TOKEN", "dev/TIMEOUT", "prod/TOP"] {
        sandbox.set(name, b"1");
    }
    let ben = sandbox.run(["user", "add", "ben", "--read", "dev"]).ok().text();
    let vault = Unlocked::around(sandbox);
    assert_eq!(offered_by(&vault, &["get", "T"]), Vec::<String>::new(), "it is locked");
    vault.unlock(&[]).ok();
    let before = vault.run(&["log", "--json"]).ok().text();
    for words in [
        &["get", "T"][..],
        &["rm", "OTHER", "T"],
        &["set", "T"],
        &["list", "T"],
        &["exec", "--only", "T"],
        &["exec", "--file", "T"],
    ] {
        assert_eq!(offered_by(&vault, words), ["TIMEOUT", "TOKEN"], "{words:?}");
    }
    assert_eq!(offered_by(&vault, &["exec", "--only", "TOKEN,T"]), ["TOKEN,TIMEOUT", "TOKEN,TOKEN"]);
    assert_eq!(offered_by(&vault, &["get", "prod/T"]), ["prod/TOP"]);
    for words in [&["-e", "prod", "get", "T"][..], &["get", "--env=prod", "T"], &["get", "--env", "=", "prod", "T"]] {
        assert_eq!(offered_by(&vault, words), ["TOP"], "{words:?}");
    }
    assert_eq!(offered_by(&vault, &["get", ""]), ["TIMEOUT", "TOKEN", "dev/", "prod/"]);
    assert_eq!(vault.run(&["log", "--json"]).ok().text(), before);
    // A key works, too. Items that it can't read are neither completed nor prompted for, and a wrong key causes no
    // message.
    let by_key = |key: &str, words: &[&str]| {
        let mut command = vault.command(&[&["--", "vault"], words].concat());
        command.env("VAULT_KEY", key.trim()).env("VAULT_COMPLETE", "zsh");
        command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let run = finish(command).ok();
        assert_eq!(run.stderr, "");
        run.text()
    };
    assert_eq!(by_key(&ben, &["get", "TO"]), "TOKEN\n");
    assert_eq!(by_key(&ben, &["get", "prod/T"]), "");
    assert_eq!(by_key(&vault.run(&["generate"]).ok().text(), &["get", "T"]), "");
    let log = vault.sandbox.run(["log", "--all-users", "--json"]).ok().text();
    assert!(!log.contains("\"user\":\"ben\"") && !log.contains("failed") && !log.contains("denied"), "{log}");
}

#[test]
fn completion_starts_and_writes_nothing_and_needs_no_more_calls_for_1000_items() {
    if !has_optional("strace") {
        return;
    }
    let vault = Unlocked::around(Sandbox::with_vault());
    vault.sandbox.set("TOKEN", b"1");
    vault.unlock(&[]).ok();
    let traced = || {
        let program = program().to_str().unwrap();
        let mut strace = vault.other("strace", &["-f", program, "--", "vault", "get", "T"]);
        strace.env_remove("VAULT_KEY");
        strace.env("VAULT_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "2");
        finish(strace).ok()
    };
    let few = traced();
    assert_eq!(few.text(), "TOKEN\n", "{few:?}");
    let changing = ["clone(", "fork(", "unlink", "rename", "O_CREAT", "O_WRONLY", "ftruncate(", "pwrite64(", "fsync("];
    let calls = |run: &Run| run.stderr.lines().filter(|line| line.contains('(')).map(str::to_owned).collect::<Vec<_>>();
    for call in calls(&few) {
        assert!(!changing.iter().any(|word| call.contains(word)), "{call}");
    }
    let file: String = (0..1000).map(|number| format!("ITEM_{number}=value{number}\n")).collect();
    vault.sandbox.run_with_input(["import", "-y", "--kind", "variable", "-"], file.as_bytes()).ok();
    let many = traced();
    assert_eq!(many.text(), "TOKEN\n", "{many:?}");
    // Memory is allocated in chunks, so a few more calls are fine.
    let others =
        |run: &Run| calls(run).iter().filter(|call| !call.starts_with("brk(") && !call.starts_with("m")).count();
    let more = others(&many).saturating_sub(others(&few));
    assert!(more < 30, "{more} more calls: {many:?}");
}

//! `scan`.

use crate::harness::{Run, Sandbox, feed, finish, has};
use crate::unlocked::{PASSPHRASE, Unlocked};

const VALUE: &str = "hunter2-hunter2";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", VALUE.as_bytes());
    sandbox.set("prod/KEY", b"a value/of prod");
    sandbox.set("PIN", b"1234");
    sandbox.run(["set", "REGION=eu-central-1", "--kind", "variable"]).ok();
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.org", "-c", "init.defaultBranch=main"];
    let mut command = sandbox.other("git", identity.iter().chain(arguments));
    let directory = crate::harness::program().parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(directory.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    command.env("PATH", path.unwrap());
    finish(command)
}

#[track_caller]
fn found(run: &Run, expected: &str) {
    assert_eq!((run.code, run.text().as_str()), (1, expected), "{run:?}");
    assert!(!run.stderr.contains(VALUE), "{run:?}");
}

#[test]
fn values_are_found_by_file_and_line_and_never_printed() {
    let sandbox = sandbox();
    sandbox.run(["scan"]).ok().says("Found none of 2 values").says("1 value of fewer than 6 bytes");
    sandbox.write("a.txt", format!("eu-central-1 1234\ntoken: {VALUE}\n"));
    sandbox.write("b.url", "x=a%20value%2Fof%20prod");
    found(&sandbox.run(["scan"]), "a.txt:2  dev/TOKEN\nb.url:1  prod/KEY, url\n");
    found(&sandbox.run(["scan", "-e", "prod", "a.txt", "b.url"]), "b.url:1  prod/KEY, url\n");
    let expected = serde_json::json!([
        {
            "problem": "leak", "isFault": true, "environment": "dev", "name": "TOKEN", "file": "a.txt", "line": 2,
            "encoding": "plain"
        }
    ]);
    assert_eq!(sandbox.run(["scan", "a.txt", "--json"]).json(), expected);
    sandbox.run(["scan", "absent"]).fails(1);
}

#[test]
fn values_that_are_nearly_alike_are_each_found() {
    let sandbox = Sandbox::with_vault();
    for (name, value) in
        [("DEV_PASSWORD", "hunter2-dev-1"), ("PROD_PASSWORD", "hunter2-dev-2"), ("C", "2-hunter2-dev-1")]
    {
        sandbox.set(name, value.as_bytes());
    }
    sandbox.write("leak.txt", "x\nhunter2-dev-2\n");
    found(&sandbox.run(["scan"]), "leak.txt:2  dev/PROD_PASSWORD\n");
}

#[test]
fn an_encoded_value_is_found_where_it_is_broken_into_lines() {
    let sandbox = sandbox();
    let value: Vec<u8> = (0..136_u32).map(|i| b'A' + u8::try_from(i * i / 7 % 57).unwrap()).collect();
    sandbox.set("LONG", &value);
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<_> = format!("0000000000{hex}").into_bytes().chunks(60).map(<[u8]>::to_vec).collect();
    sandbox.write("dump", [b"x\n", &lines.join(&b"\r\n"[..])[..]].concat());
    found(&sandbox.run(["scan"]), "dump:2  dev/LONG, hex\n");
}

#[test]
fn standard_input_is_looked_at_and_a_finding_is_one_line_whatever_the_file_is_called() {
    let sandbox = sandbox();
    found(&sandbox.run_with_input(["scan", "-"], format!("x\n{VALUE}\n").as_bytes()), "-:2  dev/TOKEN\n");
    sandbox.run_with_input(["scan", "-"], b"x").ok();
    sandbox.write("a\nb.txt:1  dev", VALUE);
    found(&sandbox.run(["scan"]), "a\\u{a}b.txt:1  dev:1  dev/TOKEN\n");
}

#[test]
fn what_git_ignores_is_left_out() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write(".gitignore", ".env\n");
    sandbox.write(".env", VALUE);
    sandbox.write(".hidden", VALUE);
    found(&sandbox.run(["scan"]), ".hidden:1  dev/TOKEN\n");
}

#[test]
fn the_hook_refuses_a_commit_and_the_history_names_one() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write("a b.txt", format!("\n\n{VALUE}"));
    sandbox.run(["scan", "--staged"]).ok();
    git(&sandbox, &["add", "a b.txt"]).ok();
    sandbox.write("a b.txt", "clean again, but not in the index");
    found(&sandbox.run(["scan", "--staged"]), "a b.txt:3  dev/TOKEN\n");
    sandbox.run(["scan", "--install-hook"]).ok().says("pre-commit");
    sandbox.run(["scan", "--install-hook"]).ok().says("already exists");
    let refused = git(&sandbox, &["commit", "-q", "-m", "leak"]);
    assert!(refused.code == 1 && refused.stderr.contains("1 finding"), "{refused:?}");
    git(&sandbox, &["commit", "-q", "--no-verify", "-m", "leak"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    git(&sandbox, &["rm", "-q", "-f", "a b.txt"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "gone"]).ok();
    sandbox.run(["scan"]).ok();
    let expected = format!("a b.txt:3  dev/TOKEN, commit {}\n", commit.trim());
    found(&sandbox.run(["scan", "--history"]), &expected);
    found(&sandbox.run(["scan", "--history", "a b.txt"]), &expected);
    sandbox.run(["scan", "--history", "other"]).ok();
}

#[test]
fn another_hook_is_left_as_it_is() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    sandbox.run(["scan", "--install-hook"]).fails(1).says("this is not a git repository");
    git(&sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join(".git/hooks")).unwrap();
    let hook = sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    sandbox.run(["scan", "--install-hook"]).fails(1).says("vault scan --staged --all-vaults || exit 1");
    assert_eq!(std::fs::read_to_string(hook).unwrap(), "#!/bin/sh\nmake lint\n");
}

#[test]
fn outside_of_git_the_index_and_the_history_are_said_to_be_missing() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"hunter2-hunter2");
    for option in ["--staged", "--history", "--install-hook"] {
        sandbox.run(["scan", option]).fails(1).says("this is not a git repository");
    }
}

#[test]
fn whatever_is_named_is_read() {
    let sandbox = sandbox();
    let text = format!("x\n{VALUE}\n");
    let elsewhere = sandbox.home().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("file"), &text).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("file"), sandbox.project().join("link")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.project().join("directory")).unwrap();
    found(&sandbox.run(["scan", "link", "directory"]), "link:2  dev/TOKEN\ndirectory/file:2  dev/TOKEN\n");
    found(&sandbox.run_with_input(["scan", "/dev/stdin"], text.as_bytes()), "/dev/stdin:2  dev/TOKEN\n");
    sandbox.run(["scan", "/dev/stdin"]).ok();
    let shell = |line: &str| {
        let mut shell = sandbox.other("sh", ["-c", line]);
        shell.env("VAULT", crate::harness::program());
        finish(shell)
    };
    let run = shell("mkfifo fifo; cat link >fifo & \"$VAULT\" scan fifo");
    found(&run, "fifo:2  dev/TOKEN\n");
    let run = shell("cat link | \"$VAULT\" scan /dev/fd/3 3<&0 </dev/null");
    found(&run, "/dev/fd/3:2  dev/TOKEN\n");
}

#[test]
fn what_is_left_out_in_directories_is_counted() {
    let sandbox = sandbox();
    let outside = sandbox.home().join("outside");
    std::fs::write(&outside, VALUE).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.project().join("link")).unwrap();
    std::os::unix::fs::symlink(VALUE, sandbox.project().join("a-link-whose-text-is-the-value")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.project().join("socket")).unwrap();
    let run = sandbox.run(["scan"]);
    found(&run, "a-link-whose-text-is-the-value:1  dev/TOKEN\n");
    run.says("Not scanned: 1 link that leads elsewhere, 1 socket, FIFO or device. To scan one, name it.");
    if !has("git") {
        return;
    }
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write(".gitignore", "*.log\nbuild\n");
    std::fs::create_dir(sandbox.project().join("build")).unwrap();
    for name in ["one.log", "two.log", "build/one", "build/two"] {
        sandbox.write(name, VALUE);
    }
    let run = sandbox.run(["scan"]);
    found(&run, "a-link-whose-text-is-the-value:1  dev/TOKEN\n");
    run.says("Not scanned: 3 files or directories that git ignores, 1 link");
    found(
        &sandbox.run(["scan", "build", "one.log"]),
        "build/one:1  dev/TOKEN\nbuild/two:1  dev/TOKEN\none.log:1  dev/TOKEN\n",
    );
}

#[test]
fn nested_repositories_and_submodules_are_read_by_their_own_rules() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    let inside = |name: &str, arguments: &[&str]| git(&sandbox, &[&["-C", name], arguments].concat()).ok();
    for name in ["nested", "module"] {
        git(&sandbox, &["init", "-q", name]).ok();
        for (file, text) in [(".gitignore", "ignored\n"), ("ignored", VALUE), ("file", VALUE)] {
            sandbox.write(&format!("{name}/{file}"), text);
        }
        inside(name, &["add", "-A"]);
        inside(name, &["commit", "-qm", "one"]);
    }
    // Outside a repository, and inside one that has the other as a submodule.
    let expected = "module/file:1  dev/TOKEN\nnested/file:1  dev/TOKEN\n";
    found(&sandbox.run(["scan"]), expected);
    git(&sandbox, &["init", "-q"]).ok();
    git(&sandbox, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./module", "module"]).ok();
    let run = sandbox.run(["scan"]);
    found(&run, expected);
    run.says("Not scanned: 2 files or directories that git ignores");
    git(&sandbox, &["commit", "-qm", "one"]).ok();
    sandbox.run(["scan", "--history"]).ok().says("Not scanned: the history of 1 submodule");
    // A named submodule is read, and the surrounding repository only if it is named, too.
    let run = sandbox.run(["scan", "--history", "module", "nested"]);
    assert_eq!(run.code, 1, "{run:?}");
    for file in ["module/file:1", "module/ignored:1", "nested/file:1"] {
        assert_eq!(run.text().contains(file), !file.contains("ignored"), "{run:?}");
    }
    assert!(!run.stderr.contains("Not scanned"), "{run:?}");
    // So is a path in a submodule, also one that no longer exists, and through a link.
    std::fs::remove_file(sandbox.project().join("module/file")).unwrap();
    std::os::unix::fs::symlink("module", sandbox.project().join("link")).unwrap();
    let top = sandbox.project().join("module/file").display().to_string();
    for (path, shown) in
        [("module/file", "module/file"), ("./nested/file", "./nested/file"), ("link/file", "link/file"), (&top, &top)]
    {
        let run = sandbox.run(["scan", "--history", path, "secrets.vault"]);
        assert_eq!((run.code, run.text().lines().count()), (1, 1), "{run:?}");
        assert!(run.text().starts_with(&format!("{shown}:1  dev/TOKEN")), "{run:?}");
    }
    let run = sandbox.run(["scan", "--history", "module/.gitignore"]).ok().says("Found none of 2 values.");
    assert!(!run.stderr.contains("Not scanned"), "{run:?}");
    sandbox.run(["scan", "--history", "."]).ok().says("Found none");
    sandbox.run(["scan", "--staged"]).ok();
}

#[test]
fn what_can_not_be_read_is_named_and_the_rest_is_scanned() {
    let sandbox = sandbox();
    sandbox.write("z.txt", VALUE);
    // Nobody can read it, not even root.
    let unreadable = "/proc/self/mem";
    let run = sandbox.run(["scan", "absent", unreadable, "/dev/zero", "z.txt"]).fails(1);
    assert_eq!(run.text(), "z.txt:1  dev/TOKEN\n");
    let run =
        run.says("warning: cannot read absent: no such file").says("warning: cannot read /dev/zero: it is a device");
    let run = run.says(&format!("warning: cannot read {unreadable}: ")).says("error: 3 paths could not be read");
    run.says("1 finding.");
    let run = sandbox.run(["scan", "absent"]).fails(1).says("error: cannot read absent: no such file or directory");
    assert!(run.stdout.is_empty(), "{run:?}");
    sandbox.write("clean.txt", "x");
    let run = sandbox.run(["scan", "absent", "clean.txt"]).fails(1).says("Found none of 2 values in what was read.");
    run.says("error: cannot read absent: no such file or directory");
}

#[test]
fn a_file_larger_than_memory_allows_is_read_in_pieces() {
    let sandbox = sandbox();
    let path = sandbox.write("sparse", "");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_len(256 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, format!("\n{VALUE}").as_bytes(), (256 << 20) - 4).unwrap();
    let program = crate::harness::program().to_str().unwrap();
    let limited = sandbox.other("sh", ["-c", "ulimit -v 131072; exec \"$0\" scan sparse", program]);
    found(&finish(limited), "sparse:2  dev/TOKEN\n");
}

#[test]
fn the_history_of_a_shallow_clone_is_said_to_be_incomplete() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    let origin = sandbox.home().join("origin");
    let origin = origin.to_str().unwrap();
    git(&sandbox, &["init", "-q", origin]).ok();
    std::fs::write(format!("{origin}/leak.txt"), VALUE).unwrap();
    git(&sandbox, &["-C", origin, "add", "-A"]).ok();
    git(&sandbox, &["-C", origin, "commit", "-qm", "leak"]).ok();
    git(&sandbox, &["-C", origin, "rm", "-q", "leak.txt"]).ok();
    git(&sandbox, &["-C", origin, "commit", "-qm", "gone", "--allow-empty"]).ok();
    let scan = |clone: &str, options: &[&str]| {
        let mut scan = sandbox.command([&["--vault", "../secrets.vault", "scan", "--history"], options].concat());
        scan.current_dir(sandbox.project().join(clone));
        finish(scan)
    };
    git(&sandbox, &["clone", "-q", &format!("file://{origin}"), "whole"]).ok();
    assert_eq!(scan("whole", &[]).code, 1);
    git(&sandbox, &["clone", "-q", "--depth", "1", &format!("file://{origin}"), "shallow"]).ok();
    // A job must not mistake this for a clean history.
    let run = scan("shallow", &[]).fails(1).says("error: the clone is shallow").says("git fetch --unshallow");
    run.says("Found none of 2 values in what was read.");
    scan("shallow", &["-q"]).fails(1).says("error: the clone is shallow");
    let run = sandbox.run(["scan", "--history", "whole", "shallow"]);
    assert_eq!(run.text().lines().count(), 1, "{run:?}");
    run.fails(1).says("1 finding.").says("error: the clone in shallow is shallow");
}

#[test]
fn each_version_in_the_history_is_named_by_the_commit_that_brought_it() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    let commit = |message: &str| {
        git(&sandbox, &["add", "-A"]).ok();
        git(&sandbox, &["commit", "-qm", message]).ok();
        git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text().trim().to_owned()
    };
    sandbox.write("a.txt", "clean");
    let first = commit("one");
    sandbox.write("a.txt", format!("clean\n{VALUE}"));
    let second = commit("two");
    sandbox.write("a.txt", "clean");
    std::fs::create_dir(sandbox.project().join("b c")).unwrap();
    sandbox.write("b c/d", VALUE);
    let third = commit("three");
    git(&sandbox, &["checkout", "-q", "-b", "side", &first]).ok();
    sandbox.write("side.txt", format!("{VALUE}\n"));
    let side = commit("side");
    git(&sandbox, &["checkout", "-q", "main"]).ok();
    git(&sandbox, &["merge", "-q", "-m", "merge", "side"]).ok();
    git(&sandbox, &["rm", "-q", "-r", "b c", "side.txt"]).ok();
    commit("gone");
    let run = sandbox.run(["scan", "--history"]);
    let mut lines: Vec<_> = run.text().lines().map(str::to_owned).collect();
    lines.sort_unstable();
    let line = |place: &str, commit: &str| format!("{place}  dev/TOKEN, commit {commit}");
    assert_eq!(lines, [line("a.txt:2", &second), line("b c/d:1", &third), line("side.txt:1", &side)], "{run:?}");
    found(&sandbox.run(["scan", "--history", "b c"]), &format!("{}\n", line("b c/d:1", &third)));
    let json = sandbox.run(["scan", "--history", "--json", "a.txt"]).json();
    assert_eq!(json[0]["commit"].as_str().unwrap().len(), 40, "{json}");
}

#[test]
fn messages_of_commits_and_tags_and_the_settings_of_the_repository_are_read() {
    let sandbox = sandbox();
    if !has("git") {
        return;
    }
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write("f", "x");
    git(&sandbox, &["add", "f"]).ok();
    git(&sandbox, &["commit", "-q", "-m", &format!("with {VALUE}")]).ok();
    git(&sandbox, &["tag", "-a", "-m", "a value/of prod", "v1"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    let run = sandbox.run(["scan", "--history"]);
    assert_eq!(run.code, 1, "{run:?}");
    let mut lines: Vec<_> = run.text().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, [format!("(commit):5  dev/TOKEN, commit {}", commit.trim()), "(tag v1):6  prod/KEY".to_owned()]);
    // With named paths, only files are scanned, no commit messages.
    sandbox.run(["scan", "--history", "f"]).ok();
    git(&sandbox, &["remote", "add", "o", &format!("https://u:{VALUE}@example.org/x")]).ok();
    let run = sandbox.run(["scan"]);
    assert!(run.code == 1 && run.text().starts_with(".git/config:") && run.text().contains("dev/TOKEN"), "{run:?}");
}

#[test]
fn outside_of_a_repository_git_is_not_started() {
    if !has("strace") {
        return;
    }
    let sandbox = sandbox();
    for name in ["a", "a/b", "a/b/c"] {
        std::fs::create_dir(sandbox.project().join(name)).unwrap();
        sandbox.write(&format!("{name}/file"), "x");
    }
    let program = crate::harness::program().to_str().unwrap();
    let run = finish(sandbox.other("strace", ["-f", "-e", "trace=execve", program, "scan"])).ok();
    assert_eq!(run.stderr.lines().filter(|line| line.contains("execve(")).count(), 1, "{run:?}");
}

#[test]
fn what_stands_everywhere_is_not_looked_for_and_counted() {
    let sandbox = sandbox();
    sandbox.set("DB_HOST", b"localhost");
    sandbox.write("compose.yml", "host: localhost\npin: 1234\n");
    sandbox.run(["scan"]).ok().says(
        "Not looked for: 1 value of fewer than 6 bytes, 1 value that is well-known, such as localhost or postgres.",
    );
}

#[test]
fn what_vaultignore_or_an_option_names_is_left_out_and_counted() {
    let sandbox = sandbox();
    std::fs::create_dir_all(sandbox.project().join("fixtures")).unwrap();
    sandbox.write("fixtures/a.txt", VALUE);
    sandbox.write("b.txt", VALUE);
    found(&sandbox.run(["scan", "--ignore", "fixtures/"]), "b.txt:1  dev/TOKEN\n");
    sandbox.write(".vaultignore", "# made up\n*.txt\n!b.txt\n");
    let run = sandbox.run(["scan"]);
    found(&run, "b.txt:1  dev/TOKEN\n");
    run.says("1 path that .vaultignore or --ignore names");
    sandbox.run(["scan", "--ignore", "b.*"]).ok();
}

#[test]
fn one_hook_looks_for_the_values_of_every_vault_of_the_repository() {
    if !has("git") {
        return;
    }
    const PASSPHRASE: &str = "seven purple lanterns drift over quiet harbors";
    let sandbox = Sandbox::empty();
    let service = sandbox.project().join("service");
    std::fs::create_dir_all(&service).unwrap();
    git(&sandbox, &["init", "-q"]).ok();
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(command)
    };
    run(&["init"]).ok();
    run(&["init", "--vault", "service/secrets.vault"]).ok();
    run(&["set", "--vault", "service/secrets.vault", "TOKEN=only-in-the-service"]).ok();
    sandbox.write("a.txt", "only-in-the-service");
    git(&sandbox, &["add", "a.txt"]).ok();
    run(&["scan", "--staged"]).ok();
    let both = run(&["scan", "--staged", "--all-vaults"]);
    assert_eq!((both.code, both.text().lines().count()), (1, 1), "{both:?}");
    assert!(both.text().starts_with("a.txt:1  dev/TOKEN"), "{both:?}");
    // A pipe can be read once.
    let piped = sandbox.command(["scan", "--staged", "--all-vaults", "--passphrase-fd", "0"]);
    let piped = feed(piped, format!("{PASSPHRASE}\n").as_bytes());
    assert_eq!((piped.code, piped.text().lines().count()), (1, 1), "{piped:?}");
    run(&["scan", "--install-hook"]).ok();
    assert_eq!(std::fs::read_to_string(sandbox.project().join(".git/hooks/pre-commit")).unwrap().lines().count(), 3);
    // Names of environments belong to one vault.
    run(&["scan", "--all-vaults", "-e", "dev"]).fails(2).says("-e names environments of one vault");
}

#[test]
fn of_several_vaults_a_key_opens_one_and_the_agent_another() {
    if !has("git") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let sandbox = &vault.sandbox;
    git(sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join("service")).unwrap();
    let key = finish(vault.command(&["init", "--key", "--vault", "service/secrets.vault"])).ok().text();
    vault.unlock_with("VAULT_PASSPHRASE", PASSPHRASE).ok();
    finish(vault.command(&["set", "TOKEN=of-the-first-vault"])).ok();
    let scan = || {
        let mut command = vault.command(&["scan", "--staged", "--all-vaults"]);
        command.env("VAULT_KEY", key.trim());
        finish(command)
    };
    sandbox.write("a.txt", "nothing");
    git(sandbox, &["add", "a.txt"]).ok();
    scan().ok();
    sandbox.write("a.txt", "of-the-first-vault");
    git(sandbox, &["add", "a.txt"]).ok();
    let found = scan();
    assert_eq!((found.code, found.text().as_str()), (1, "a.txt:1  dev/TOKEN of ./secrets.vault\n"));
}

#[test]
fn a_vault_of_others_is_named_and_stops_no_commit() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    let others = Sandbox::with_vault();
    std::fs::create_dir_all(sandbox.project().join("others")).unwrap();
    std::fs::copy(others.vault(), sandbox.project().join("others/secrets.vault")).unwrap();
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    const SAID: &str = "not looked for: the values of ./others/secrets.vault";
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says(SAID);
    // Every commit runs it, so one warning is enough.
    let again = sandbox.run(["scan", "--staged", "--all-vaults"]).ok();
    assert!(!again.stderr.contains(SAID), "{again:?}");
    sandbox.run(["scan", "--all-vaults", "a.txt"]).ok().says(SAID);
    sandbox.write("a.txt", VALUE);
    git(&sandbox, &["add", "a.txt"]).ok();
    assert_eq!(sandbox.run(["scan", "--staged", "--all-vaults"]).code, 1);
}

/// A repository with a staged file, and no vault. `None` without git.
fn staged_without_a_vault() -> Option<Sandbox> {
    if !has("git") {
        return None;
    }
    let sandbox = Sandbox::empty();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    Some(sandbox)
}

#[test]
fn where_no_vault_opens_the_scan_fails_instead_of_finding_nothing() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    for name in ["one", "two"] {
        let others = Sandbox::with_vault();
        std::fs::create_dir_all(sandbox.project().join(name)).unwrap();
        std::fs::copy(others.vault(), sandbox.project().join(name).join("secrets.vault")).unwrap();
        sandbox.run(["scan", "--staged", "--all-vaults"]).fails(4).says("it was never unlocked on this device");
    }
}

#[test]
fn a_repository_without_a_vault_has_nothing_to_look_for() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says("Found none of 0 values.");
}

#[test]
fn a_content_that_is_left_out_at_one_path_of_the_history_is_told_at_the_other() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join("fixtures")).unwrap();
    sandbox.write(".vaultignore", "fixtures/\n");
    sandbox.write("fixtures/a.txt", VALUE);
    git(&sandbox, &["add", ".vaultignore", "fixtures"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "one"]).ok();
    sandbox.run(["scan", "--history"]).ok().says("1 path that .vaultignore or --ignore names");
    sandbox.write("b.txt", VALUE);
    git(&sandbox, &["add", "b.txt"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "two"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    found(&sandbox.run(["scan", "--history"]), &format!("b.txt:1  dev/TOKEN, commit {}\n", commit.trim()));
}

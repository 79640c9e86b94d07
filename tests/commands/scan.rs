//! `scan`.

mod git;
mod several;

use crate::harness::{Run, Sandbox, finish, has};

const VALUE: &str = "hunter2-hunter2";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", VALUE.as_bytes());
    sandbox.set("prod/KEY", b"a value/of prod");
    sandbox.set("PIN", b"1234");
    sandbox.run(["set", "REGION=eu-central-1", "--kind", "variable"]).ok();
    sandbox
}

/// Makes a repository around the sandbox's vault. `None` without git.
fn in_repository(sandbox: Sandbox) -> Option<Sandbox> {
    if !has("git") {
        return None;
    }
    git(&sandbox, &["init", "-q"]).ok();
    Some(sandbox)
}

/// [`sandbox`] in a repository. `None` without git.
fn repository() -> Option<Sandbox> {
    in_repository(sandbox())
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
fn similar_values_are_each_found() {
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
fn an_encoded_value_is_found_across_line_breaks() {
    let sandbox = sandbox();
    let value: Vec<u8> = (0..136_u32).map(|i| b'A' + u8::try_from(i * i / 7 % 57).unwrap()).collect();
    sandbox.set("LONG", &value);
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<_> = format!("0000000000{hex}").into_bytes().chunks(60).map(<[u8]>::to_vec).collect();
    sandbox.write("dump", [b"x\n", &lines.join(&b"\r\n"[..])[..]].concat());
    found(&sandbox.run(["scan"]), "dump:2  dev/LONG, hex\n");
}

#[test]
fn standard_input_is_scanned_and_a_finding_is_one_line_whatever_the_file_name() {
    let sandbox = sandbox();
    found(&sandbox.run_with_input(["scan", "-"], format!("x\n{VALUE}\n").as_bytes()), "-:2  dev/TOKEN\n");
    sandbox.run_with_input(["scan", "-"], b"x").ok();
    sandbox.write("a\nb.txt:1  dev", VALUE);
    found(&sandbox.run(["scan"]), "a\\u{a}b.txt:1  dev:1  dev/TOKEN\n");
}

#[test]
fn files_ignored_by_git_are_skipped() {
    let Some(sandbox) = repository() else { return };
    sandbox.write(".gitignore", ".env\n");
    sandbox.write(".env", VALUE);
    sandbox.write(".hidden", VALUE);
    found(&sandbox.run(["scan"]), ".hidden:1  dev/TOKEN\n");
}

#[test]
fn named_files_are_always_read() {
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
fn skipped_files_in_directories_are_counted() {
    let sandbox = sandbox();
    let outside = sandbox.home().join("outside");
    std::fs::write(&outside, VALUE).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.project().join("link")).unwrap();
    std::os::unix::fs::symlink(VALUE, sandbox.project().join("a-link-whose-text-is-the-value")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.project().join("socket")).unwrap();
    let run = sandbox.run(["scan"]);
    found(&run, "a-link-whose-text-is-the-value:1  dev/TOKEN\n");
    run.says("Not scanned: 1 link that leads elsewhere, 1 socket, FIFO or device. To scan one, name it.");
    let Some(sandbox) = in_repository(sandbox) else { return };
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
fn nested_repositories_and_submodules_follow_their_own_ignore_rules() {
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
    // A named submodule is read. The surrounding repository is read only if it is named, too.
    let run = sandbox.run(["scan", "--history", "module", "nested"]);
    assert_eq!(run.code, 1, "{run:?}");
    for file in ["module/file:1", "module/ignored:1", "nested/file:1"] {
        assert_eq!(run.text().contains(file), !file.contains("ignored"), "{run:?}");
    }
    assert!(!run.stderr.contains("Not scanned"), "{run:?}");
    // So is a path in a submodule, even if it no longer exists, or through a link.
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
fn unreadable_files_are_named_and_the_rest_is_scanned() {
    let sandbox = sandbox();
    sandbox.write("z.txt", VALUE);
    // Nobody can read this file, not even root.
    let unreadable = "/proc/self/mem";
    let run = sandbox.run(["scan", "absent", unreadable, "/dev/zero", "z.txt"]).fails(1);
    assert_eq!(run.text(), "z.txt:1  dev/TOKEN\n");
    let run =
        run.says("warning: cannot read absent: no such file").says("warning: cannot read /dev/zero: it is a device");
    let run = run.says(&format!("warning: cannot read {unreadable}: ")).says("error: 3 paths could not be read");
    run.says("1 finding.");
    let run = sandbox.run(["scan", "absent"]).fails(1).says("error: cannot read absent: no such file or directory");
    assert!(run.stdout.is_empty(), "{run:?}");
    // Nothing was read, so nothing can be said about the values.
    let run = sandbox.run(["scan", "absent", unreadable]).fails(1).says("error: 2 paths could not be read");
    assert!(run.stdout.is_empty() && !run.stderr.contains("Found none"), "{run:?}");
    let run = sandbox.run(["scan", "--json", "absent", unreadable]);
    assert!(run.code == 1 && run.stdout.is_empty(), "{run:?}");
    sandbox.write("clean.txt", "x");
    let run = sandbox.run(["scan", "absent", "clean.txt"]).fails(1).says("Found none of 2 values in what was read.");
    run.says("error: cannot read absent: no such file or directory");
}

#[test]
fn a_file_larger_than_the_memory_limit_is_read_in_pieces() {
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
fn outside_a_repository_git_is_not_started() {
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
fn short_and_well_known_values_are_not_searched_for_but_counted() {
    let sandbox = sandbox();
    sandbox.set("DB_HOST", b"localhost");
    sandbox.write("compose.yml", "host: localhost\npin: 1234\n");
    sandbox.run(["scan"]).ok().says(
        "Not looked for: 1 value of fewer than 6 bytes, 1 value that is well-known, such as localhost or postgres.",
    );
}

#[test]
fn files_excluded_by_vaultignore_or_an_option_are_skipped_and_counted() {
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

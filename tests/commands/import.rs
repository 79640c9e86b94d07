//! `import`.

mod formats;

use crate::harness::Sandbox;

const DOTENV: &str = "\u{feff}# comment\nexport A=1\r\nB=\"two # words\" # comment\nC='$HOME ${X}'\nMULTI=\"one\ntwo\"\n\
    SPACED = x\nA=last\nLD_PRELOAD=evil.so\njust some words\nHASH=a#b\n";

#[test]
fn a_dotenv_file_is_imported_and_skipped_names_are_listed() {
    let sandbox = Sandbox::with_vault();
    sandbox.write(".env", DOTENV);
    let run = sandbox.run(["import"]).ok();
    for (name, value) in
        [("A", "last"), ("B", "two # words"), ("C", "$HOME ${X}"), ("MULTI", "one\ntwo"), ("SPACED", "x")]
    {
        assert_eq!(sandbox.run(["get", name]).ok().text(), value);
    }
    let run = run.says("LD_PRELOAD skipped: it can make a program load code (--allow-name LD_PRELOAD)").says("line 2");
    let run = run.says("line 10  not an assignment").says("HASH: node reads it differently from python");
    assert!(!run.stderr.contains("evil.so") && !run.stderr.contains("some words"), "{run:?}");
    sandbox.run(["get", "LD_PRELOAD"]).fails(3);
}

#[test]
fn a_dry_run_shows_the_changes_and_makes_none() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"old");
    sandbox.set("B", b"same");
    sandbox.write(".env", "A=new\nB=same\nC=added\n");
    let before = std::fs::read(sandbox.vault()).unwrap();
    let text = sandbox.run(["import", "--dry-run"]).ok().text();
    assert_eq!(text, "add     dev/C (secret)\nchange  dev/A (secret)\nsame    dev/B (secret)\n");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run(["import"]).ok().says("1 added, 1 changed, 1 the same");
    assert_eq!(sandbox.run(["history", "B", "--json"]).ok().json().as_array().unwrap().len(), 1);
}

#[test]
fn the_source_is_deleted_only_if_the_vault_has_all_of_it() {
    let sandbox = Sandbox::with_vault();
    let source = sandbox.write(".env", "A=1\nLD_PRELOAD=x\n");
    sandbox.run(["import", "--delete-source"]).fails(1).says("stays: something in it was left out or skipped");
    assert!(source.exists());
    for lost in ["A=1\na line without an assignment\n", "A=first\nA=1\n", "A=1\nnot a name=2\n"] {
        sandbox.write(".env", lost);
        sandbox.run(["import", "--delete-source"]).fails(1).says(".env stays");
        assert!(source.exists(), "{lost}");
    }
    sandbox.write("null.json", r#"{"A": "1", "B": null}"#);
    sandbox.run(["import", "null.json", "--delete-source"]).fails(1).says("null.json stays");
    sandbox.write(".env", "A=1\nB=2\n");
    sandbox.run(["import", "--delete-source"]).ok().says("Removed .env");
    assert!(!source.exists());
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "2");
}

#[test]
fn a_source_that_is_also_stored_elsewhere_is_not_deleted() {
    let sandbox = Sandbox::with_vault();
    let target = sandbox.write("shared.env", "A=1\n");
    let link = sandbox.project().join(".env");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let run = sandbox.run(["import", "--delete-source"]).fails(1).says("it is a link");
    run.says(&std::fs::canonicalize(&target).unwrap().display().to_string());
    assert!(link.symlink_metadata().is_ok() && target.exists());
    std::fs::remove_file(&link).unwrap();
    std::fs::hard_link(&target, &link).unwrap();
    sandbox.run(["import", "--delete-source"]).fails(1).says("hard links");
    assert!(link.exists());
}

#[test]
fn a_pipe_is_never_reported_as_a_file_that_holds_values() {
    let sandbox = Sandbox::with_vault();
    let run = sandbox.run_with_input(["import", "/dev/stdin"], b"A=1\n").ok();
    assert!(!run.stderr.contains("still contains"), "{run:?}");
    let arguments = ["import", "/dev/stdin", "--delete-source"];
    sandbox.run_with_input(arguments, b"A=1\n").fails(1).says("/dev/stdin stays: it is not a regular file");
    let run = sandbox.run_with_input(["--json"].iter().chain(&arguments), b"A=1\n");
    assert_eq!(run.code, 1);
    run.says("\"reason\":\"source-kept\"");
    sandbox.run_with_input(["import", "-", "--delete-source"], b"A=1\n").fails(2).says("can't be deleted");
}

/// Returns the words of the `import` command in a run's hint.
fn hinted_import(run: &crate::harness::Run) -> Vec<String> {
    let line = run.stderr.lines().find(|line| line.trim_start().starts_with("vault import")).unwrap();
    line.split_whitespace().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_hint_after_an_import_repeats_the_options_of_the_import() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let source = sandbox.write("my.env", "A='x\\'y'\nLD_PRELOAD=z\n");
    let options = ["-e", "prod", "--dialect", "python", "--format", "dotenv", "--expand", "--allow-name", "LD_PRELOAD"];
    let vault = sandbox.vault().display().to_string();
    let run = sandbox.run(["import", "my.env", "--vault", &vault].iter().chain(&options)).ok();
    let hinted = hinted_import(&run);
    assert_eq!(hinted[..3], ["import", "--vault", &vault]);
    assert!(options[..4].iter().all(|option| hinted.iter().any(|word| word == option)), "{hinted:?}");
    sandbox.run(&hinted).ok().says("2 the same").says("Removed my.env");
    assert!(!source.exists());
    assert_eq!(sandbox.run(["list", "-e", "dev", "--json"]).ok().json(), serde_json::json!([]));
    sandbox.write("other.env", "B=1\n");
    let mut with_variable = sandbox.command(["import", "other.env"]);
    let run = crate::harness::finish({
        with_variable.env("VAULT_ENV", "prod");
        with_variable
    })
    .ok();
    assert_eq!(hinted_import(&run), ["import", "-e", "prod", "other.env", "--delete-source"]);
}

#[test]
fn a_file_without_values_is_not_reported_as_holding_secrets() {
    let sandbox = Sandbox::with_vault();
    sandbox.write(".env", "# nothing yet\n");
    let run = sandbox.run(["import", "--allow-empty"]).ok();
    assert!(!run.stderr.contains("still contains"), "{run:?}");
}

#[test]
fn an_example_file_is_not_imported() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("PORT", b"3000");
    sandbox.set("TOKEN", b"real");
    sandbox.write(".env.example", "PORT=\nTOKEN=\nNEW=\n");
    for text in ["PORT=\nTOKEN=\nNEW=\n", "PORT=8080\nTOKEN=your-token-here\nNEW=change-me\n", "NEW=change-me\n", ""] {
        sandbox.write(".env.example", text);
        for options in [&[][..], &["--dry-run"], &["--allow-empty", "-y"]] {
            let run = sandbox.run([&["import", ".env.example"], options].concat()).fails(2);
            run.says(".env.example is an example file, with names and no values, so nothing was imported")
                .says("vault check --against .env.example");
        }
    }
    for name in [".env.sample", ".env.template", ".env.dist", "example.env"] {
        sandbox.write(name, "NEW=change-me\n");
        sandbox.run(["import", name]).fails(2).says(&format!("vault check --against {name}"));
        sandbox.run(["init", "--key", "--vault", "other.vault", "--import", name]).fails(2).says("is an example");
    }
    assert!(!sandbox.project().join("other.vault").exists());
    let values = ["PORT", "TOKEN"].map(|name| sandbox.run(["get", name]).ok().text());
    assert_eq!(values, ["3000", "real"]);
    sandbox.run(["get", "NEW"]).fails(3);
    // Run the command of the hint.
    sandbox.run_with_input(["import", "-"], b"PORT=8080\n").ok().says("1 changed");
}

#[test]
fn empty_values_are_imported_only_with_an_option() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"kept");
    let source = sandbox.write(".env", "A=\nB=1\n");
    sandbox.run(["import", "--delete-source"]).fails(1).says(".env stays");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "kept");
    sandbox.run(["import", "--allow-empty"]).ok().says("0 added, 1 changed, 1 the same").says("--allow-empty");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "");
    sandbox.run(["import", "--allow-empty", "--delete-source"]).ok().says("Removed .env");
    assert!(!source.exists());
    let sandbox = Sandbox::empty();
    sandbox.write(".env", "A=\nB=1\n");
    sandbox.run(["init", "--key", "--import", ".env"]).ok().says("1 item from .env").says("left out");
}

#[test]
fn empty_input_from_a_failed_command_is_not_imported() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["import", "-"]).fails(2).says("standard input is empty").says("set -o pipefail");
    sandbox.run_with_input(["import", "-"], b" \n").fails(2).says("standard input is empty").says("set -o pipefail");
    for blank in ["", "\n", "\r\n\r\n", "\u{feff}", "\u{feff}\r\n"] {
        sandbox.write(".env", blank);
        sandbox.run(["import"]).fails(2).says(".env is empty, so nothing was imported");
    }
}

#[test]
fn a_file_without_values_is_not_imported_unless_an_option_says_so() {
    let sandbox = Sandbox::with_vault();
    for (name, text) in [
        (".env", "# nothing yet\n\n# A=1\n"),
        ("a.json", "{}"),
        ("a.json", "[]"),
        ("a.yaml", "# nothing yet\n"),
        ("a.yaml", "{}\n"),
        ("a.toml", "# nothing yet\n"),
        ("a.csv", "name,value\n"),
        ("terraform.tfvars", "# nothing yet\n"),
        ("a.properties", "# nothing yet\n"),
    ] {
        sandbox.write(name, text);
        for arguments in [&["import", name][..], &["import", "--dry-run", name]] {
            sandbox.run(arguments).fails(2).says(&format!("{name} contains no values, so nothing was imported"));
        }
        sandbox.run(["init", "--key", "--vault", "new.vault", "--import", name]).fails(2).says("contains no values");
        assert!(!sandbox.project().join("new.vault").exists());
        sandbox.run(["import", "--allow-empty", name]).ok().says("0 added");
    }
    sandbox
        .run_with_input(["import", "-"], b"# c\n")
        .fails(2)
        .says("standard input contains no values")
        .says("pipefail");
}

#[test]
fn quiet_still_names_what_was_left_out() {
    let sandbox = Sandbox::with_vault();
    sandbox.write(".env", "A=1\nEMPTY=\nPATH=/x\n");
    let run = sandbox.run(["-q", "import"]).ok().says("EMPTY").says("warning: line 3  PATH skipped");
    assert!(!run.stderr.contains("Imported"), "{run:?}");
    sandbox.run_with_input(["-q", "set", "B"], b"x\0").ok().says("warning: B contains a NUL byte");
    sandbox.run(["-q", "exec", "--", "true"]).ok().says("warning: left out: B contains a NUL byte");
    sandbox
        .run(["-q", "exec", "--except", "A", "--except", "B", "--", "true"])
        .ok()
        .says("no item matches --only and --except");
    sandbox.run(["-q", "export"]).ok().says("warning: dotenv can't hold B");
}

#[test]
fn hints_name_the_environment_that_was_chosen() {
    let sandbox = Sandbox::with_environments(&["dev", "stage"]);
    let run = sandbox.run(["list", "-e", "stage"]).ok().says("vault set -e stage NAME");
    run.says("vault import -e stage .env");
    let sandbox = Sandbox::empty();
    sandbox.run(["init", "--key", "-e", "prod", "-e", "dev"]).ok().says("vault exec -e prod -- CMD");
}

#[test]
fn init_imports_a_dotenv_file() {
    let sandbox = Sandbox::empty();
    sandbox.write(".env", "A=1\nB=2\n");
    sandbox.run(["init", "--key", "--import", ".env"]).ok().says("environment dev, 2 items from .env");
}

#[test]
fn an_import_can_set_the_kind_of_its_items() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("PORT", b"3000");
    sandbox.write("a.yaml", "PORT: 3000\nHOST: h\na.b: x\n");
    let run = sandbox.run(["import", "a.yaml", "--kind", "variable"]).ok().says("1 added, 1 changed, 0 the same");
    run.says("a.b skipped: that is not a variable name").says("--kind variable --delete-source");
    let items = sandbox.run(["list", "--json"]).ok().json();
    assert!(items.as_array().unwrap().iter().all(|item| item["kind"] == "variable"), "{items}");
    sandbox.run(["import", "a.yaml", "--kind", "variable"]).ok().says("0 added, 0 changed, 2 the same");
}

#[test]
fn a_dry_run_accepts_what_an_import_accepts() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("a.json", format!(r#"{{"A": "{}"}}"#, "x".repeat((1 << 20) + 1)));
    let refused = sandbox.run(["import", "a.json"]).fails(2);
    assert_eq!(sandbox.run(["import", "a.json", "--dry-run"]).fails(2).stderr, refused.stderr);
    let members: Vec<String> = (0..28).map(|i| format!("\"A{i}\": \"{}\"", "x".repeat(1 << 20))).collect();
    sandbox.write("b.json", format!("{{{}}}", members.join(",")));
    let refused = sandbox.run(["import", "b.json"]).fails(2).says("would be larger than");
    assert_eq!(sandbox.run(["import", "b.json", "--dry-run"]).fails(2).stderr, refused.stderr);
}

#[test]
fn a_vault_file_is_never_overwritten_or_imported_as_values() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.write("page", "vault://A");
    for command in [
        &["get", "A", "-o", "secrets.vault"][..],
        &["export", "-o", "./secrets.vault"],
        &["export", "-f", "github", "-o", "secrets.vault"],
        &["render", "page", "-o", "secrets.vault"],
        &["log", "export", "-o", "secrets.vault"],
        &["import", "secrets.vault"],
    ] {
        sandbox.run(command).fails(2).says("secrets.vault is a vault");
        assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before, "{command:?}");
    }
    let log = sandbox.run(["log", "--json"]).ok().text();
    for action in ["get", "export", "render"] {
        assert!(!log.contains(&format!("\"action\":\"{action}\"")), "nothing was handed out: {log}");
    }
    sandbox.run(["verify"]).ok();
}

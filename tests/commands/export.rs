//! `export`, and how real readers parse each format.

use crate::harness::Sandbox;

#[test]
fn an_import_reads_an_export_back() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let values: [(&str, &[u8]); 5] = [
        ("A", b"$(touch x) `touch x` \"quoted\" it's !"),
        ("B", b"one\ntwo\n"),
        ("C", b""),
        ("D", b" spaces "),
        ("E", b"$A"),
    ];
    values.iter().for_each(|(name, value)| sandbox.set(name, value));
    sandbox.run(["export", "-o", "out.env"]).ok();
    sandbox.run(["import", "-e", "prod", "--allow-empty", "out.env"]).ok();
    for (name, value) in values {
        assert_eq!(sandbox.run(["get", &format!("prod/{name}")]).ok().stdout, value, "{name}");
    }
    let shell = format!("eval \"$('{}' export -f shell)\"; printf %s \"$A\"", crate::harness::program().display());
    assert_eq!(crate::harness::finish(sandbox.other("sh", ["-c", &shell])).ok().stdout, values[0].1);
    assert!(!sandbox.project().join("x").exists());
    assert_eq!(
        sandbox.run(["export", "-f", "json", "--only", "B"]).ok().json(),
        serde_json::json!({"B": "one\ntwo\n"})
    );
}

#[test]
fn items_that_a_format_cannot_represent_are_left_out_and_named() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("BINARY", b"\xff\0");
    let run = sandbox.run(["export"]).fails(1).says("BINARY");
    assert!(run.stdout.is_empty());
    assert!(!run.stderr.contains("json can hold"), "json refuses it, too: {run:?}");
    run.says("vault get NAME -o FILE");
    sandbox.run(["export", "-f", "json"]).fails(1).says("vault exec --file NAME");
    sandbox.run(["export", "--except", "BINARY"]).ok();
    sandbox.set("RETURN", b"a\r\nb");
    sandbox.set("REST", b"carried");
    let run = sandbox.run(["export"]).ok().says("BINARY (").says("RETURN (its value contains a carriage return");
    assert_eq!(run.text(), "REST=carried\n");
    assert_eq!(sandbox.run(["export", "--only", "RE*"]).ok().says("json can hold").text(), "REST=carried\n");
    let run = sandbox.run(["export", "--strict"]);
    assert_eq!((run.code, run.text().as_str()), (1, "REST=carried\n"));
    sandbox.run(["export", "--only", "RETURN,REST"]).fails(1).says("dotenv can't hold RETURN");
    let log = sandbox.run(["log", "--json"]).ok().text();
    let exported = |line: &&str| line.contains("\"export\"") && line.contains("\"outcome\":\"ok\"");
    assert!(log.lines().filter(exported).all(|line| !line.contains("RETURN")), "{log}");
    sandbox.run(["export", "-f", "nonsense"]).fails(2);
}

#[test]
fn a_dotenv_file_for_one_reader_may_contain_references() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"${HOME}");
    sandbox.run(["export"]).fails(1).says("A (").says("--dialect");
    for (dialect, line) in [
        ("node", "A='${HOME}'\n"),
        ("python", "A='${:-$}{HOME}'\n"),
        ("compose", "A='${HOME}'\n"),
        ("ruby", "A='${HOME}'\n"),
        ("laravel", "A=\"\\${HOME}\"\n"),
    ] {
        assert_eq!(sandbox.run(["export", "--dialect", dialect]).ok().text(), line);
    }
    sandbox.run(["export", "--dialect", "perl"]).fails(2);
    sandbox.run(["export", "-f", "json", "--dialect", "node"]).fails(2).says("--dialect goes with -f dotenv");
}

#[test]
fn a_kubernetes_secret_gets_the_given_name() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"x");
    assert!(sandbox.run(["export", "-f", "k8s"]).ok().text().contains("  name: \"vault\"\n"));
    assert!(sandbox.run(["export", "-f", "k8s", "--name", "app"]).ok().text().contains("  name: \"app\"\n"));
    sandbox.run(["export", "-f", "k8s", "--name", "App"]).fails(2).says("is not a valid name for a Kubernetes object");
    sandbox.run(["export", "-f", "json", "--name", "app"]).fails(2).says("--name goes with -f k8s or compose");
    sandbox.run(["export", "-f", "compose", "--name", "my web"]).fails(2).says("is not a valid Compose service name");
    let text = sandbox.run(["export", "-f", "compose", "--name", "web"]).ok().text();
    assert!(text.starts_with("services:\n  \"web\":\n    environment:\n"), "{text}");
}

#[test]
fn an_example_holds_names_and_notes_and_no_value() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.run(["set", "TOKEN", "--note", "ask the team"]).ok();
    let text = sandbox.run(["export", "-f", "example"]).ok().text();
    assert!(text.contains("TOKEN=") && text.contains("ask the team") && !text.contains("hunter2"), "{text}");
}

/// Exports for GitHub, as in a step of a workflow.
fn step(sandbox: &Sandbox, arguments: &[&str]) -> crate::harness::Run {
    let mut command = sandbox.command(["export", "-f", "github"].iter().chain(arguments));
    command.env("GITHUB_ENV", sandbox.project().join("github-env"));
    crate::harness::finish(command)
}

#[test]
fn f4_f5_github_masks_every_line_first_and_appends_to_its_file() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"line one\nline 100%\n");
    sandbox.run(["set", "PORT=3000", "--kind", "variable"]).ok();
    sandbox.write("github-env", "EARLIER=without an end");
    let masks = step(&sandbox, &[]).ok().text();
    assert_eq!(masks, "::add-mask::line one\n::add-mask::line 100%25\n");
    let file = std::fs::read_to_string(sandbox.project().join("github-env")).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let delimiter = lines[1].strip_prefix("KEY<<").unwrap();
    assert_eq!(lines[..6], ["EARLIER=without an end", lines[1], "line one", "line 100%", "", delimiter]);
    assert!(lines[6].starts_with("PORT<<") && !lines[6].ends_with(delimiter), "{file}");
    step(&sandbox, &["-o", "outputs", "--only", "PORT"]).ok();
    let outputs = std::fs::read_to_string(sandbox.project().join("outputs")).unwrap();
    assert!(outputs.starts_with("PORT<<") && outputs.contains("\n3000\n"), "{outputs}");
}

#[test]
fn f8_github_export_needs_a_file_and_follows_no_link() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"hunter2-hunter2");
    let run = sandbox.run(["export", "-f", "github"]).fails(2).says("GITHUB_ENV names no file").says("-o FILE");
    assert!(run.stdout.is_empty());
    std::os::unix::fs::symlink("elsewhere", sandbox.project().join("github-env")).unwrap();
    step(&sandbox, &[]).fails(1);
    assert!(!sandbox.project().join("elsewhere").exists());
}

const TEXT: &str = "it's \"$HOME\" `x` \\ 100% # ü: {a}, [b]";

/// Asserts that a Python program gets the original values from an export on its standard input.
fn read_by_python(format: &str, program: &str) {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TEXT", TEXT.as_bytes());
    sandbox.set("ROWS", b"one\ntwo\n");
    let exported = sandbox.run(["export", "-f", format]).ok();
    let program = format!(
        "import sys\nsource = sys.stdin.buffer.read().decode()\n{program}\nsys.stdout.buffer.write((values['TEXT'] + '|' + values['ROWS']).encode())"
    );
    let run = crate::harness::feed(sandbox.other("python3", ["-c", &program]), &exported.stdout).ok();
    assert_eq!(run.text(), format!("{TEXT}|one\ntwo\n"), "{format}");
}

#[test]
fn f1_python_reads_the_values_back_from_json_toml_and_csv() {
    if !crate::harness::has("python3") {
        return;
    }
    read_by_python("json", "import json; values = json.loads(source)");
    read_by_python("toml", "import tomllib; values = tomllib.loads(source)");
    read_by_python("csv", "import csv, io; values = dict(list(csv.reader(io.StringIO(source, newline='')))[1:])");
}

#[test]
fn f1_jq_reads_the_values_back_from_json() {
    let jq = crate::harness::has("jq");
    assert!(jq || std::env::var_os("CI").is_none(), "jq is missing on CI");
    if !jq {
        return;
    }
    let sandbox = Sandbox::with_vault();
    for (name, value) in [("TEXT", TEXT), ("ROWS", "one\ntwo\n"), ("EMPTY", ""), ("UNICODE", "\u{1f511}\u{2028}\t\"")] {
        sandbox.set(name, value.as_bytes());
        let exported = sandbox.run(["export", "-f", "json"]).ok();
        let run = crate::harness::feed(sandbox.other("jq", ["-j", &format!(".{name}")]), &exported.stdout).ok();
        assert_eq!(run.text(), value, "{name}");
    }
}

#[test]
fn f1_a_yaml_parser_reads_the_values_back_from_yaml_and_kubernetes() {
    let sandbox = Sandbox::empty();
    let yaml = crate::harness::has("python3")
        && crate::harness::finish(sandbox.other("python3", ["-c", "import yaml"])).code == 0;
    assert!(yaml || std::env::var_os("CI").is_none(), "python3's yaml is missing on CI");
    if yaml {
        read_by_python("yaml", "import yaml; values = yaml.safe_load(source)");
        let decode = "import yaml, base64\nvalues = {name: base64.b64decode(value).decode() for name, value in yaml.safe_load(source)['data'].items()}";
        read_by_python("k8s", decode);
    }
}

#[test]
fn f3_a_newline_in_a_docker_env_file_is_refused_by_name() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("ROWS", b"one\ntwo");
    let run = sandbox.run(["export", "-f", "docker"]).fails(1).says("docker can't hold ROWS");
    assert!(run.stdout.is_empty());
}

#[test]
fn import_reads_back_every_export_it_supports() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TEXT", TEXT.as_bytes());
    sandbox.set("ROWS", b"one\ntwo\n");
    for format in ["json", "yaml", "toml", "csv"] {
        let file = format!("out.{format}");
        sandbox.run(["export", "-f", format, "-o", &file]).ok();
        sandbox.run(["import", "-e", "prod", &file]).ok().says("2");
        assert_eq!(sandbox.run(["get", "prod/TEXT"]).ok().text(), TEXT, "{format}");
        assert_eq!(sandbox.run(["get", "prod/ROWS"]).ok().text(), "one\ntwo\n", "{format}");
        sandbox.run(["rm", "-y", "prod/TEXT", "prod/ROWS"]).ok();
    }
}

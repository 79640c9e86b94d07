//! `import` and `export`.

use crate::harness::Sandbox;

const DOTENV: &str = "\u{feff}# comment\nexport A=1\r\nB=\"two # words\" # comment\nC='$HOME ${X}'\nMULTI=\"one\ntwo\"\n\
    SPACED = x\nA=last\nLD_PRELOAD=evil.so\nnot an assignment\nHASH=a#b\n";

#[test]
fn a_dotenv_file_is_taken_over_and_what_was_left_out_is_named() {
    let sandbox = Sandbox::with_vault();
    sandbox.write(".env", DOTENV);
    let run = sandbox.run(["import"]).ok();
    for (name, value) in
        [("A", "last"), ("B", "two # words"), ("C", "$HOME ${X}"), ("MULTI", "one\ntwo"), ("SPACED", "x")]
    {
        assert_eq!(sandbox.run(["get", name]).ok().text(), value);
    }
    let run = run.says("LD_PRELOAD skipped: can load code (--allow-name LD_PRELOAD)").says("line 2");
    let run = run.says("line 10  no assignment").says("HASH: node reads it differently from python");
    assert!(!run.stderr.contains("evil.so") && !run.stderr.contains("not an assignment"), "{run:?}");
    sandbox.run(["get", "LD_PRELOAD"]).fails(3);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"old");
    sandbox.set("B", b"same");
    sandbox.write(".env", "A=new\nB=same\nC=added\n");
    let before = std::fs::read(sandbox.vault()).unwrap();
    let text = sandbox.run(["import", "--dry-run"]).ok().text();
    assert_eq!(text, "add     dev/C\nchange  dev/A\nsame    dev/B\n");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run(["import"]).ok().says("1 added, 1 changed, 1 the same");
    assert_eq!(sandbox.run(["history", "B", "--json"]).ok().json().as_array().unwrap().len(), 1);
}

#[test]
fn the_source_is_deleted_only_when_the_vault_gives_all_of_it_back() {
    let sandbox = Sandbox::with_vault();
    let source = sandbox.write(".env", "A=1\nLD_PRELOAD=x\n");
    sandbox.run(["import", "--delete-source"]).fails(1).says("stays: some of its lines were skipped");
    assert!(source.exists());
    sandbox.write(".env", "A=1\nB=2\n");
    sandbox.run(["import", "--delete-source"]).ok().says("Removed .env");
    assert!(!source.exists());
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "2");
}

#[test]
fn init_takes_a_dotenv_file_along() {
    let sandbox = Sandbox::empty();
    sandbox.write(".env", "A=1\nB=2\n");
    sandbox.run(["init", "--key", "--import", ".env"]).ok().says("environment dev, 2 items from .env");
}

#[test]
fn references_are_expanded_only_on_demand() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("a.env", "A=x\nB=${A}/$A\nC=$UNSET\n");
    sandbox.run(["import", "a.env"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "${A}/$A");
    sandbox.run(["import", "a.env", "--expand"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "x/x");
    assert_eq!(sandbox.run(["get", "C"]).ok().text(), "$UNSET");
}

#[test]
fn exports_come_back_through_an_import() {
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
    sandbox.run(["import", "-e", "prod", "out.env"]).ok();
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
fn what_a_format_cannot_carry_is_refused_by_name() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("BINARY", b"\xff\0");
    let run = sandbox.run(["export"]).fails(1).says("BINARY");
    assert!(run.stdout.is_empty());
    sandbox.run(["export", "--except", "BINARY"]).ok();
    sandbox.run(["export", "-f", "nonsense"]).fails(2);
}

#[test]
fn an_example_holds_names_and_notes_and_no_value() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.run(["set", "TOKEN", "--note", "ask the team"]).ok();
    let text = sandbox.run(["export", "-f", "example"]).ok().text();
    assert!(text.contains("TOKEN=") && text.contains("ask the team") && !text.contains("hunter2"), "{text}");
}

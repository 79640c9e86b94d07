//! `import`: which format a file has, and how it is read.

use crate::harness::Sandbox;

#[test]
fn references_are_expanded_only_on_request() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("a.env", "A=x\nB=${A}/$A\nC=$UNSET\n");
    sandbox.run(["import", "a.env"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "${A}/$A");
    sandbox.run(["import", "a.env", "--expand"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "x/x");
    assert_eq!(sandbox.run(["get", "C"]).ok().text(), "$UNSET");
    sandbox.copy_case("expand-escape.env");
    sandbox.run(["import", "expand-escape.env", "--expand"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "$A");
    sandbox.run(["import", "expand-escape.env", "--expand", "--dialect", "compose"]).ok();
    assert_eq!(sandbox.run(["get", "C"]).ok().text(), "pa$A");
}

#[test]
fn a_file_that_docker_refuses_is_refused() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("a.env", "A=1\nno assignment\n");
    let run = sandbox.run(["import", "a.env", "--dialect", "docker"]).fails(2);
    run.says("docker refuses the whole file because of line 2").says("--dialect");
}

#[test]
fn a_file_with_millions_of_lines_is_refused_before_it_fills_the_memory() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("big.env", ["A=\"", &"x\n".repeat(3 << 20), "\""].concat());
    for line in
        [&["import", "big.env"][..], &["check", "--against", "big.env"], &["exec", "--env-file", "big.env", "true"]]
    {
        let mut limited = sandbox.other("sh", ["-c", "ulimit -v 1000000; exec \"$@\"", "sh"]);
        limited.arg(crate::harness::program()).args(line);
        let run = crate::harness::finish(limited);
        assert!(run.code == 2 || run.code == 125, "{line:?} {run:?}");
        run.says("the file has more than 200,000 lines");
    }
}

#[test]
fn files_written_by_other_programs_are_recognized() {
    let sandbox = Sandbox::with_vault();
    for (file, name, value) in [
        ("k8s-secret.yaml", "DB_PASSWORD", "pw-1"),
        ("op-item-get.json", "App", "pw-1"),
        ("bitwarden.csv", "SITE_A", "pw-1"),
    ] {
        sandbox.copy_case(file);
        sandbox.run(["import", file]).ok();
        assert_eq!(sandbox.run(["get", name]).ok().text(), value, "{file}");
    }
    sandbox.copy_case("not-a-dotenv.tfvars");
    sandbox.run(["import", "not-a-dotenv.tfvars"]).fails(2).says("\"tags\" is a group of values").says("--flatten=__");
    sandbox.run(["import", "not-a-dotenv.tfvars", "--flatten=__"]).ok().says("--flatten=__ --delete-source");
    assert_eq!(sandbox.run(["get", "tags__env"]).ok().text(), "dev");
    assert_eq!(sandbox.run(["get", "password"]).ok().text(), "x");
    sandbox.write("app.ini", "[db]\nA=1\n");
    sandbox.run(["import", "app.ini"]).fails(2).says("vault can't import a .ini file").says("tfvars, properties");
    let compose = std::fs::read(sandbox.copy_case("docker-compose.yml.example")).unwrap();
    sandbox.write("docker-compose.yml", compose);
    sandbox.run(["import", "docker-compose.yml"]).fails(2).says("this is a compose file");
}

#[test]
fn a_csv_file_that_is_not_taken_as_a_whole_is_not_deleted() {
    let sandbox = Sandbox::with_vault();
    let surplus = sandbox.write("surplus.csv", "name,value\nDBURL,postgres://u:p,w@h/db?opt=a,b\n");
    let run = sandbox.run(["import", "surplus.csv", "--delete-source"]).fails(2);
    run.says("line 2 has 4 fields, and the header has 2").says("in quotes");
    let columns = sandbox.write("columns.csv", "name,value,note\nA,1,hunter2\n");
    let run = sandbox.run(["import", "columns.csv", "--delete-source"]).fails(1);
    let run = run.says("line 2  what is in \"note\"; left out").says("columns.csv stays");
    assert!(!run.stderr.contains("hunter2") && surplus.exists() && columns.exists(), "{run:?}");
    let whole = sandbox.write("whole.csv", "name,value\nDBURL,\"postgres://u:p,w@h/db?opt=a,b\"\n");
    sandbox.run(["import", "whole.csv", "--delete-source"]).ok().says("Removed whole.csv");
    assert_eq!(sandbox.run(["get", "DBURL"]).ok().text(), "postgres://u:p,w@h/db?opt=a,b");
    assert!(!whole.exists());
}

#[test]
fn nested_names_are_joined_only_on_request() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("config.yaml", "db:\n  url: postgres://x\n  pool: 5\nPLAIN: yes it is\n");
    sandbox.run(["import", "config.yaml"]).fails(2).says("db").says("--flatten");
    let text = sandbox.run(["import", "config.yaml", "--flatten", "--dry-run"]).ok().text();
    assert_eq!(text, "add     dev/db_url (variable)\nadd     dev/db_pool (variable)\nadd     dev/PLAIN (secret)\n");
    sandbox.run(["import", "config.yaml", "--flatten"]).ok();
    assert_eq!(sandbox.run(["get", "db_url"]).ok().text(), "postgres://x");
}

#[test]
fn the_format_is_detected_by_name_or_content_or_given_as_an_option() {
    let sandbox = Sandbox::with_vault();
    sandbox.run_with_input(["import", "-"], br#"{"A": "from json"}"#).ok();
    sandbox.run_with_input(["import", "-", "--format", "toml"], b"B = \"from toml\"\n").ok();
    sandbox.write("1password.csv", "Title,Url,Username,Password,OTPAuth\nC,,mia,from csv,\n");
    sandbox.run(["import", "1password.csv"]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "from json");
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "from toml");
    assert_eq!(sandbox.run(["get", "C"]).ok().text(), "from csv");
    sandbox
        .run(["import", "-", "--format", "xml"])
        .fails(2)
        .says("use one of: dotenv, json, yaml, toml, csv, tfvars, properties");
    sandbox.run_with_input(["import", "-", "--format", "json"], b"{\"A\": hunter2").fails(2).says("line 1");
}

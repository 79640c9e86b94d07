//! Which kinds imported items get, and which questions vault asks first.

use crate::harness::Sandbox;
use rexpect::session::PtySession;
use std::process::Stdio;

const SETTINGS: &str = "PORT=3000\nNODE_ENV=production\nDEBUG=false\nAPI_URL=https://api.example.com/v1\n\
                        DATABASE_URL=postgres://app:pw@db/app\nTOKEN=true\n";

fn on_terminal(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap()
}

/// Name and kind of every item.
fn kinds(sandbox: &Sandbox) -> Vec<(String, String)> {
    let list = sandbox.run(["list", "--json"]).ok().json();
    let text = |item: &serde_json::Value, field: &str| item[field].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|item| (text(item, "name"), text(item, "kind"))).collect()
}

fn kind(sandbox: &Sandbox, name: &str) -> String {
    kinds(sandbox).into_iter().find(|(of, _)| of == name).unwrap().1
}

#[test]
fn plain_settings_become_variables_and_everything_else_secrets() {
    let sandbox = Sandbox::empty();
    sandbox.write(".env", SETTINGS);
    let import = "not masked, because they look like plain settings: PORT (number), NODE_ENV (environment), \
                  DEBUG (boolean), API_URL (URL without credentials); to mask them: --kind secret";
    let sandbox = sandbox.into_vault();
    sandbox.run(["import"]).ok().says(import);
    for (name, kind) in kinds(&sandbox) {
        let is_plain = ["PORT", "NODE_ENV", "DEBUG", "API_URL"].contains(&name.as_str());
        assert_eq!(kind == "variable", is_plain, "{name}");
    }
    // As the dry run said.
    sandbox.run(["import", "--kind", "secret"]).ok().says("0 added, 4 changed");
    assert!(kinds(&sandbox).iter().all(|(_, kind)| kind == "secret"));
    // An existing item keeps its kind, whatever its value looks like.
    sandbox.write(".env", "PORT=8080\n");
    sandbox.run(["import"]).ok().says("1 changed");
    assert_eq!(kind(&sandbox, "PORT"), "secret");
}

#[test]
fn init_also_imports_plain_settings_as_variables() {
    let sandbox = Sandbox::empty();
    sandbox.write(".env", SETTINGS);
    let run = sandbox.run(["init", "--key", "--import", ".env"]).ok().says("because they look like plain settings");
    let mut sandbox = sandbox;
    sandbox.use_key(&run.text());
    assert_eq!((kind(&sandbox, "PORT"), kind(&sandbox, "TOKEN")), ("variable".into(), "secret".into()));
}

#[test]
fn an_existing_secret_stays_a_secret_whatever_its_value() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("bank.csv", "title,password,username\nBank,123,true\n");
    sandbox.run(["import", "bank.csv"]).ok();
    sandbox.write("secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  DEBUG: 'true'\n");
    sandbox.run(["import", "secret.yaml"]).ok();
    assert!(kinds(&sandbox).iter().all(|(_, kind)| kind == "secret"), "{:?}", kinds(&sandbox));
    sandbox.write("config.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  VERBOSE: 'true'\n");
    sandbox.run(["import", "config.yaml"]).ok();
    assert_eq!(kind(&sandbox, "VERBOSE"), "variable");
}

#[test]
fn the_kind_of_several_items_can_be_changed_at_once() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    for name in ["A", "B", "prod/C"] {
        sandbox.set(name, b"1");
    }
    sandbox.run(["set", "--kind", "variable", "A", "B", "prod/C"]).ok().says("Set dev/B (same value)");
    assert_eq!((kind(&sandbox, "A"), kind(&sandbox, "B")), ("variable".into(), "variable".into()));
    // On a terminal, vault asks only for the value of a new item.
    let mut set = on_terminal(&sandbox, &["set", "--kind", "secret", "A", "B", "NEW"]);
    let before = set.exp_string("Value for dev/NEW: ").unwrap();
    assert!(!before.contains("dev/A"), "{before}");
    set.send_line("typed").unwrap();
    set.exp_string("Set dev/A (same value)").unwrap();
    set.exp_eof().unwrap();
    assert_eq!(kind(&sandbox, "A"), "secret");
    assert_eq!(["A", "NEW"].map(|name| sandbox.run(["get", name]).ok().text()), ["1", "typed"]);
}

#[test]
fn on_a_terminal_an_import_shows_its_changes_and_asks_for_confirmation() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("SAME", b"same-value");
    sandbox.set("OLD", b"old-value");
    sandbox.write(".env", "SAME=same-value\nOLD=new-value\nPORT=3000\n");
    let ask = |arguments: &[&str], answer: &str| {
        let mut import = on_terminal(&sandbox, arguments);
        let shown = import.exp_string("Import .env into dev: 1 added, 1 changed, 1 the same? [y/N] ").unwrap();
        for line in ["add     dev/PORT (variable)", "change  dev/OLD (secret)", "same    dev/SAME (secret)"] {
            assert!(shown.contains(line), "{shown}");
        }
        assert!(!shown.contains("-value") && !shown.contains("3000"), "{shown}");
        import.send_line(answer).unwrap();
        import.exp_eof().unwrap()
    };
    let end = ask(&["import"], "");
    assert!(end.contains("nothing was imported"), "{end}");
    sandbox.run(["get", "PORT"]).fails(3);
    let end = ask(&["import"], "y");
    assert!(end.contains("Imported .env into dev"), "{end}");
    assert_eq!(sandbox.run(["get", "OLD"]).ok().text(), "new-value");
    // Without a change there is no question, and -y answers the question.
    assert!(on_terminal(&sandbox, &["import"]).exp_eof().unwrap().contains("0 added, 0 changed, 3 the same"));
    sandbox.write(".env", "OLD=newer-value\n");
    assert!(on_terminal(&sandbox, &["import", "-y"]).exp_eof().unwrap().contains("1 changed"));
    // A value from a pipe was not typed.
    sandbox.write("from-pipe", "OLD=piped\n");
    let line = format!("cat from-pipe | '{}' import -", crate::harness::program().display());
    let mut piped = sandbox.other("sh", ["-c", &line]);
    piped.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let shown = rexpect::session::spawn_command(piped, Some(30_000)).unwrap().exp_eof().unwrap();
    assert!(shown.contains("Imported - into dev: 0 added, 1 changed"), "{shown}");
}

//! The document that says what the API is, and a program that tries whether that is so.

use crate::harness::Place;
use std::process::Command;

#[test]
fn the_document_is_served_to_whoever_reaches_the_server() {
    let place = Place::new();
    let server = place.serve();
    let answer = server.ask("GET", "/openapi.json", &[], None).status(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let committed: serde_json::Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
    assert_eq!(answer.body, committed);
    let mia = server.mia();
    // What stands in it is there, and what doesn't has the methods in its answer.
    for (path, methods) in committed["paths"].as_object().unwrap() {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let is_there = methods.get(method.to_lowercase()).is_some();
            let asked = path.replace("{objectId}", &"0".repeat(32)).replace("{class}", "Secret");
            let answer = match method {
                _ if path.ends_with("/logout") => continue,
                "GET" => mia.get(&asked),
                _ => mia.ask(method, &asked, Some(&serde_json::json!({}))),
            };
            if is_there {
                assert_ne!(answer.status, 405, "{method} {asked}");
            } else if path.starts_with("/parse/classes/") && answer.status != 405 {
                // The same for all classes, and forbidden for this one; some SDKs sign up there.
                assert!(
                    answer.body["code"] == 119 || answer.body["code"] == 101 || answer.body["code"] == 200,
                    "{answer:?}"
                );
            } else {
                assert!(answer.status == 405 && answer.headers.contains_key("allow"), "{method} {asked}: {answer:?}");
            }
        }
    }
}

/// Runs if `VAULT_TEST_SCHEMATHESIS` names a Python that has it; on CI it has to run. It can't know rules that no schema
/// expresses, such as that a name is taken or a passphrase is too weak. All its other checks must pass.
#[test]
#[allow(clippy::print_stderr, reason = "nobody should take what wasn't tried for what went well")]
fn schemathesis_finds_nothing() {
    let program = std::env::var_os("VAULT_TEST_SCHEMATHESIS");
    assert!(program.is_some() || std::env::var_os("CI").is_none(), "schemathesis is missing on CI");
    let Some(program) = program else {
        eprintln!("skipped: VAULT_TEST_SCHEMATHESIS is not set, so schemathesis isn't tried");
        return;
    };
    let place = Place::new();
    let server = place.serve_with(&["--rate", "1000000"]);
    let token = server.mia().token;
    let mut schemathesis = Command::new(program);
    schemathesis.args(["-m", "schemathesis.cli", "run"]).arg(format!("{}/openapi.json", server.base)).arg("--header");
    schemathesis.arg(format!("X-Parse-Session-Token: {token}"));
    // Its session would end, and each passphrase takes a second: these are in the tests of signing in.
    for path in ["/parse/logout", "/parse/login"] {
        schemathesis.args(["--exclude-path", path]);
    }
    schemathesis.args(["--exclude-checks", "positive_data_acceptance", "--phases", "coverage,fuzzing"]);
    schemathesis.args(["--max-examples", "3", "--seed", "20261129", "--generation-deterministic", "--no-color"]);
    schemathesis.args(["--request-timeout", "120", "--continue-on-failure"]);
    let output = schemathesis.current_dir(place.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "what it found is above");
    assert!(place.log("mia").len() > 10, "it did something");
}

//! The OpenAPI document, and a program that compares it with the server.

use crate::harness::Place;
use std::process::Command;

#[test]
fn the_openapi_document_is_served_without_a_session_and_is_accurate() {
    let place = Place::new();
    let server = place.serve();
    let answer = server.ask("GET", "/openapi.json", &[], None).status(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let committed: serde_json::Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
    assert_eq!(answer.body, committed);
    let mia = server.mia();
    // Every method in the document works, and every other one is answered with the methods that do.
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
                // The URL also matches the pattern for all classes, and this class may forbid the method. Some SDKs
                // sign up there.
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

/// Runs if `VAULT_TEST_SCHEMATHESIS` names a Python interpreter with schemathesis, which CI must have. Schemathesis
/// can't know rules that no schema expresses, such as that a name is taken or a passphrase is too weak. All its other
/// checks must pass.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped check must not look like a passed one")]
fn schemathesis_finds_nothing() {
    let program = std::env::var_os("VAULT_TEST_SCHEMATHESIS");
    assert!(program.is_some() || std::env::var_os("CI").is_none(), "schemathesis is missing on CI");
    let Some(program) = program else {
        eprintln!("skipped: VAULT_TEST_SCHEMATHESIS is not set, so schemathesis doesn't run");
        return;
    };
    let place = Place::new();
    let server = place.serve_with(&["--rate", "1000000"]);
    let token = server.mia().token;
    let mut schemathesis = Command::new(program);
    schemathesis.args(["-m", "schemathesis.cli", "run"]).arg(format!("{}/openapi.json", server.base)).arg("--header");
    schemathesis.arg(format!("X-Parse-Session-Token: {token}"));
    // A logout would end the session, and each login takes a second. The tests of signing in cover both.
    for path in ["/parse/logout", "/parse/login"] {
        schemathesis.args(["--exclude-path", path]);
    }
    schemathesis.args(["--exclude-checks", "positive_data_acceptance", "--phases", "coverage,fuzzing"]);
    schemathesis.args(["--max-examples", "3", "--seed", "20261129", "--generation-deterministic", "--no-color"]);
    schemathesis.args(["--request-timeout", "120", "--continue-on-failure"]);
    let output = schemathesis.current_dir(place.path()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{printed}");
    assert!(output.status.success(), "schemathesis found a problem (above)");
    assert!(place.log("mia").len() > 10, "schemathesis must have made requests");
}

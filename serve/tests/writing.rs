//! Creating, changing and removing objects.

use crate::harness::{Client, Place, Server};
use serde_json::{Value, json};
use vault::actions::env_rm::Removal;
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::vault::Agreed;

#[test]
fn an_object_is_created_changed_and_removed() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let new = json!({ "name": "NEW_KEY", "value": "first", "environment": "dev", "kind": "api-key", "note": "n",
        "tags": ["eu"], "provider": "acme", "expiresAt": { "__type": "Date", "iso": "2030-01-01T00:00:00.000Z" } });
    let made = mia.ask("POST", "/parse/classes/Secret", Some(&new));
    let id = made.body["objectId"].as_str().unwrap().to_owned();
    assert_eq!(
        (made.status, made.headers["location"].to_str().unwrap()),
        (201, &*format!("/parse/classes/Secret/{id}"))
    );
    let path = format!("/parse/classes/Secret/{id}");
    let read = mia.get(&path).ok();
    for field in ["name", "value", "kind", "note", "tags", "provider", "expiresAt"] {
        assert_eq!(read[field], new[field], "{field}");
    }
    let changed = mia.ask("PUT", &path, Some(&json!({ "value": "second", "note": { "__op": "Delete" } }))).ok();
    assert_eq!(changed["version"], 2);
    let read = mia.get(&path).ok();
    assert_eq!((&read["value"], read.get("note"), read.get("expiresAt")), (&json!("second"), None, None));
    // The whole object that was read is sent back.
    assert_eq!(mia.ask("PUT", &path, Some(&read)).ok()["version"], 2);
    mia.ask("DELETE", &path, None).ok();
    mia.get(&path).refused(101);
    let actions: Vec<_> = place.log("mia").iter().map(|line| line.entry.action).collect();
    assert!(
        actions.ends_with(&[Action::Set, Action::Get, Action::Set, Action::Get, Action::Set, Action::Remove]),
        "{actions:?}"
    );
    assert_eq!(place.log("mia").pop().unwrap().entry.program, "shop");
}

#[test]
fn each_class_creates_items_of_its_kind() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    for (class, name, kind) in
        [("EnvironmentVariable", "key", "variable"), ("APIKey", "key", "api-key"), ("SecureVault", "name", "secret")]
    {
        let item = format!("MADE_{}", class.to_uppercase());
        let made = mia.ask("POST", &format!("/parse/classes/{class}"), Some(&json!({ name: item, "value": "v" }))).ok();
        let seen = mia.find("Secret", json!({ "where": { "objectId": made["objectId"] } })).ok();
        assert_eq!((&seen["results"][0]["name"], &seen["results"][0]["kind"]), (&json!(item), &json!(kind)));
        assert_eq!(seen["results"][0]["environment"], "dev");
    }
}

#[test]
fn an_object_without_an_environment_goes_to_the_default_as_long_as_that_is_clear() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let post = |client: &Client<'_>, name: &str| {
        client.ask("POST", "/parse/classes/Secret", Some(&json!({ "name": name, "value": "v" })))
    };
    let made = post(&mia, "A").ok();
    let seen = mia.find("Secret", json!({ "where": { "objectId": made["objectId"] } })).ok();
    assert_eq!(seen["results"][0]["environment"], "dev");
    let mut session = place.session();
    let removal = Removal::of(&session, &EnvironmentName::new("dev").unwrap()).unwrap();
    Agreed::to(removal).save(&mut session).unwrap();
    post(&mia, "B").refused(142).says("environment is required: say which environment: it was dev until now");
    post(&noah, "B").refused(119).says("noah may read no environment");
}

#[test]
fn an_object_without_an_environment_goes_to_the_one_that_the_server_was_started_with() {
    let place = Place::new();
    for (variable, option, expected) in [("prod", None, "prod"), ("prod", Some("dev"), "dev")] {
        let mut command = place.command(&option.map_or(vec![], |name| vec!["-e", name]));
        command.env("VAULT_ENV", variable);
        let server = Server::start(command);
        let object = json!({ "name": format!("FOR_{}", expected.to_uppercase()), "value": "v" });
        let made = server.mia().ask("POST", "/parse/classes/Secret", Some(&object)).ok();
        let seen = server.mia().find("Secret", json!({ "where": { "objectId": made["objectId"] } })).ok();
        assert_eq!(seen["results"][0]["environment"], expected);
    }
    let mut command = place.command(&[]);
    command.env("VAULT_ENV", "dev,prod");
    let server = Server::start(command);
    let made = server.mia().ask("POST", "/parse/classes/Secret", Some(&json!({ "name": "B", "value": "v" })));
    made.refused(142).says("environment is required: this command takes one environment");
}

#[test]
fn a_lost_update_is_refused() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let path = format!("/parse/classes/Secret/{}", mia.item("dev", "TOKEN"));
    let put = |version: &str, value: &str| {
        mia.ask_with("PUT", &path, &[("if-match", version)], Some(&json!({ "value": value })))
    };
    put("\"1\"", "second").ok();
    let refused = put("\"1\"", "other").refused(119).status(412).says("has version 2 now");
    assert_eq!(refused.body["reason"], "changed");
    mia.ask_with("DELETE", &path, &[("if-match", "1")], None).status(412);
    // A change that breaks a rule is refused whatever version it names.
    for (body, rule) in [
        (json!({ "tags": ["a b"] }), "is not a tag"),
        (json!({ "tags": [""] }), "is not a tag"),
        (json!({ "as": "LD_PRELOAD" }), "can make a program load code"),
        (json!({ "value": "v".repeat(1024 * 1024 + 1) }), "is larger than 1024 KiB"),
        (json!({ "kind": "colour" }), "is not one of"),
    ] {
        mia.ask_with("PUT", &path, &[("if-match", "1")], Some(&body)).refused(142).says(rule);
    }
    mia.ask_with("DELETE", &path, &[("if-match", "one")], None).refused(142);
    mia.ask("DELETE", &path, Some(&json!({ "version": 1 }))).refused(142).says("is not expected here");
    assert_eq!(mia.get(&path).ok()["value"], "second");
    put("2", "third").ok();
    // An unsupported method is reported first.
    mia.ask_with("POST", &path, &[("if-match", "7")], Some(&json!({}))).status(405);
    let environment = format!("/parse/classes/Environment/{}", mia.id("Environment", &json!({ "name": "dev" })));
    mia.ask("DELETE", &environment, Some(&json!({ "note": "n" }))).status(405);
    // An expected version is never ignored, because the client relies on it.
    let parameters = json!({ "username": "noah", "environment": "dev", "right": "read" });
    let grant = mia.ask_with("POST", "/parse/functions/grant", &[("if-match", "7")], Some(&parameters));
    grant.refused(142).says("take a version");
    let batch = json!({ "requests": [{ "method": "PUT", "path": path, "body": { "note": "n" } }] });
    mia.ask_with("POST", "/parse/batch", &[("if-match", "7")], Some(&batch)).refused(142);
    assert_eq!(mia.get(&path).ok().get("note"), None);
}

#[test]
fn an_invalid_change_is_refused_with_the_rule_it_breaks() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let before = std::fs::read(place.vault()).unwrap();
    let post = |json: &Value| mia.ask("POST", "/parse/classes/Secret", Some(json));
    for (json, rule) in [
        (json!({ "value": "v" }), "name is required"),
        (json!({ "name": "A" }), "value is required"),
        (json!({ "name": 1, "value": "v" }), "name must be a string"),
        (json!({ "name": "A B", "value": "v" }), "is not a valid item name"),
        (json!({ "name": "A", "value": "v", "colour": "red" }), "has no field"),
        (json!({ "name": "A", "value": "v", "kind": "colour" }), "is not one of secret, variable, api-key"),
        (json!({ "name": "A", "value": "v", "encoding": "hex" }), "base64"),
        (json!({ "name": "A", "value": "v", "note": "n".repeat(5000) }), "note is longer than 4096 bytes"),
        (json!({ "name": "A", "value": "v", "tags": ["a b"] }), "is not a tag"),
        (json!({ "name": "A", "value": "v", "tags": [""] }), "is not a tag"),
        (json!({ "name": "A", "value": "v", "version": 7 }), "version can't be set"),
        (json!({ "name": "LD_PRELOAD", "value": "v" }), "LD_PRELOAD can make a program load code"),
        (json!({ "name": "not-a-variable", "value": "v", "kind": "variable" }), "can't be a variable"),
        (json!({ "name": "A", "value": "v".repeat(1024 * 1024 + 1) }), "is larger than 1024 KiB"),
    ] {
        post(&json).refused(142).says(rule);
    }
    post(&json!({ "name": "TOKEN", "value": "v" })).refused(137);
    post(&json!({ "name": "A", "value": "v", "ACL": { "*": { "read": true } } })).refused(119);
    post(&json!({ "name": "A", "value": "v", "environment": "nowhere" })).refused(101);
    let path = format!("/parse/classes/Secret/{}", mia.item("dev", "TOKEN"));
    let put = |json: &Value| mia.ask("PUT", &path, Some(json));
    put(&json!({ "name": "OTHER" })).refused(142).says("name can't be changed");
    put(&json!({ "value": null })).refused(142);
    put(&json!({ "version": { "__op": "Increment", "amount": 1 } })).refused(111);
    assert_eq!(std::fs::read(place.vault()).unwrap(), before);
}

#[test]
fn only_users_with_write_access_can_write_and_refusals_are_logged() {
    let place = Place::new();
    let server = place.serve();
    let noah = server.noah();
    let path = format!("/parse/classes/Secret/{}", noah.item("dev", "TOKEN"));
    noah.ask("PUT", &path, Some(&json!({ "value": "x" }))).refused(119).says("noah may not write dev");
    noah.ask("DELETE", &path, None).refused(119);
    noah.ask("POST", "/parse/classes/Secret", Some(&json!({ "name": "A", "value": "v" }))).refused(119);
    let denied = place.log("noah").into_iter().filter(|line| line.entry.outcome == vault::log::Outcome::Denied).count();
    assert_eq!(denied, 3);
}

#[test]
fn requests_in_a_batch_succeed_or_fail_on_their_own() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let made = |name: &str| json!({ "method": "POST", "path": "/parse/classes/Secret", "body": { "name": name, "value": "v" } });
    let done =
        mia.ask("POST", "/parse/batch", Some(&json!({ "requests": [made("ONE"), made("ONE"), made("TWO")] }))).ok();
    assert!(done[0]["success"]["objectId"].is_string() && done[2]["success"]["objectId"].is_string(), "{done}");
    assert_eq!(done[1]["error"]["code"], 137);
    for path in ["/parse/login", "/parse/users", "/parse/classes/_User", "/parse/batch"] {
        let signing = json!({ "requests": [{ "method": "POST", "path": path, "body": {} }] });
        mia.ask("POST", "/parse/batch", Some(&signing)).refused(251);
    }
    let many: Vec<Value> = (0..51).map(|number| made(&format!("N{number}"))).collect();
    mia.ask("POST", "/parse/batch", Some(&json!({ "requests": many }))).refused(251);
    mia.ask("POST", "/parse/batch", Some(&json!({ "requests": 1 }))).refused(107);
}

#[test]
fn the_next_request_sees_changes_by_another_process() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    assert_eq!(mia.find("Secret", json!({})).each("name").len(), 5);
    place.set("dev", "FROM_ELSEWHERE", "v");
    assert_eq!(mia.get(&format!("/parse/classes/Secret/{}", mia.item("dev", "FROM_ELSEWHERE"))).ok()["value"], "v");
}

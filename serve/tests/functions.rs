//! Cloud functions: history, rollback, rotation and grants.

use crate::harness::{Client, Place};
use serde_json::{Value, json};
use vault::log::{Action, Outcome};

fn call(client: &Client<'_>, name: &str, fields: &Value) -> crate::harness::Answer {
    client.ask("POST", &format!("/parse/functions/{name}"), Some(fields))
}

#[test]
fn history_shows_versions_and_authors_but_no_value() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    mia.ask("PUT", &format!("/parse/classes/Secret/{id}"), Some(&json!({ "value": "second" }))).ok();
    let before = place.log("mia").len();
    let history = call(&mia, "history", &json!({ "objectId": id })).ok()["result"].clone();
    let row = |place: usize| {
        (history[place]["version"].clone(), history[place]["createdBy"].clone(), history[place]["current"].clone())
    };
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!((row(0), row(1)), ((json!(2), json!("mia"), json!(true)), (json!(1), json!("mia"), json!(false))));
    assert!(!history.to_string().contains("s3cret") && !history.to_string().contains("second"));
    assert_eq!(place.log("mia").len(), before);
}

#[test]
fn a_rollback_saves_an_earlier_value_as_a_new_version() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let path = format!("/parse/classes/Secret/{id}");
    let until = json!({ "__type": "Date", "iso": "2030-01-01T00:00:00.000Z" });
    mia.ask("PUT", &path, Some(&json!({ "value": "second", "expiresAt": until }))).ok();
    let back = json!({ "objectId": id, "version": 1 });
    let stale = [("if-match", "1")];
    mia.ask_with("POST", "/parse/functions/rollback", &stale, Some(&back)).refused(119).status(412);
    assert_eq!(call(&mia, "rollback", &back).ok()["result"]["version"], 3);
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.action, &*entry.program, entry.items), (Action::Rollback, "shop", vec!["TOKEN".into()]));
    let read = mia.get(&path).ok();
    assert_eq!(
        (&read["value"], read.get("expiresAt")),
        (&json!("s3cret-of-dev"), None),
        "a value's expiry must be rolled back with it"
    );
    call(&mia, "rollback", &json!({ "objectId": id, "version": 9 })).refused(101);
    call(&mia, "rollback", &json!({ "objectId": "none", "version": 1 })).refused(101);
    call(&mia, "rollback", &json!({ "objectId": id })).refused(142).says("version is required");
}

#[test]
fn a_rotation_sets_a_random_value_without_showing_it() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let new = json!({ "name": "ROTATED", "value": "first", "environment": "dev", "note": "n",
        "expiresAt": { "__type": "Date", "iso": "2040-01-01T00:00:00.000Z" } });
    let id = mia.ask("POST", "/parse/classes/Secret", Some(&new)).ok()["objectId"].as_str().unwrap().to_owned();
    let done = call(&mia, "rotate", &json!({ "objectId": id })).ok();
    assert_eq!(done, json!({ "result": { "objectId": id, "version": 2 } }));
    assert_eq!(place.log("mia").pop().unwrap().entry.action, Action::Rotate);
    let read = mia.get(&format!("/parse/classes/Secret/{id}")).ok();
    let value = read["value"].as_str().unwrap();
    assert!(value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");
    assert_eq!((&read["note"], read["expiresAt"]["iso"].as_str().map(|iso| &iso[..4])), (&json!("n"), Some("2040")));
    call(&mia, "rotate", &json!({ "objectId": id, "length": 0 })).refused(142);
    call(&mia, "rotate", &json!({ "objectId": id, "length": "8" })).refused(142).says("must be a whole number");
    call(&mia, "rotate", &json!({ "objectId": id, "length": 8 })).ok();
    let noah = server.noah();
    call(&noah, "rotate", &json!({ "objectId": id })).refused(119).says("noah may not write dev");
}

#[test]
fn an_admin_grants_and_revokes_rights_and_sees_which_values_were_known() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let wanted = |right: &str| json!({ "username": "noah", "environment": "prod", "right": right });
    call(&noah, "grant", &wanted("write")).refused(119);
    let given = call(&mia, "grant", &wanted("read")).ok();
    assert_eq!(given["result"]["user"]["grants"][1], json!({ "environment": "prod", "right": "read" }));
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.action, entry.environment.as_deref()), (Action::Grant, Some("prod")));
    assert_eq!(entry.note.as_deref(), Some("noah: read, by vault serve"));
    let id = noah.item("prod", "TOKEN");
    assert_eq!(noah.get(&format!("/parse/classes/Secret/{id}")).ok()["value"], "s3cret-of-prod");
    let taken = call(&mia, "grant", &wanted("none")).ok();
    assert_eq!((&taken["result"]["users"], &taken["result"]["rotate"]), (&json!(["noah"]), &json!(["prod/TOKEN"])));
    noah.get(&format!("/parse/classes/Secret/{id}")).refused(101);
    call(&mia, "grant", &wanted("all")).refused(142);
    call(&mia, "grant", &json!({ "username": "nobody", "environment": "prod", "right": "read" })).refused(101);
    // Nobody could change dev any more.
    call(&mia, "grant", &json!({ "username": "mia", "environment": "dev", "right": "none" })).refused(142);
    assert!(place.log("noah").iter().any(|line| line.entry.outcome == Outcome::Denied));
}

#[test]
fn unknown_functions_and_parameters_are_refused() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    call(&mia, "reveal", &json!({})).refused(141).says("rollback");
    call(&mia, "history", &json!({ "objectId": "1", "values": true })).refused(142).says("history has no parameter");
    call(&mia, "history", &json!({ "objectId": 1 })).refused(142).says("must be a string");
    server.ask("POST", "/parse/functions/history", &[], Some(&json!({ "objectId": "1" }))).refused(101);
    let reason = [("x-vault-reason", "für Zoë")];
    let id = mia.item("dev", "TOKEN");
    mia.ask_with("GET", &format!("/parse/classes/Secret/{id}"), &reason, None).ok();
    assert_eq!(place.log("mia").pop().unwrap().entry.reason.as_deref(), Some("für Zoë"));
}

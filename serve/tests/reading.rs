//! Reading values: each is given out after its log entry, which names the client.

use crate::harness::Place;
use serde_json::json;
use vault::log::{Action, Outcome};

#[test]
fn reading_one_object_logs_the_client_and_reason_and_gives_its_value() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let read = mia.ask_with("GET", &format!("/parse/classes/Secret/{id}"), &[("x-vault-reason", "a test")], None);
    assert_eq!(read.headers["etag"], "\"1\"");
    assert_eq!(read.ok()["value"], "s3cret-of-dev");
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.action, entry.outcome, &*entry.program), (Action::Get, Outcome::Ok, "shop"));
    assert_eq!((entry.items, entry.environment.as_deref()), (vec!["TOKEN".into()], Some("dev")));
    assert_eq!(entry.reason.as_deref(), Some("a test"));

    let before = place.log("mia").len();
    let outline = mia.get(&format!("/parse/classes/Secret/{id}?keys=name")).ok();
    assert!(outline.get("value").is_none() && outline["name"] == "TOKEN");
    assert!(mia.get(&format!("/parse/classes/Secret/{id}?excludeKeys=value")).ok().get("value").is_none());
    assert_eq!(place.log("mia").len(), before);
}

#[test]
fn a_query_gives_only_values_it_selects_and_logs_each() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let found =
        mia.find("Secret", json!({ "where": { "name": "TOKEN" }, "keys": "name,value", "order": "environment" }));
    assert_eq!(found.each("value"), ["s3cret-of-dev", "s3cret-of-prod"]);
    let log = place.log("mia");
    let given: Vec<_> =
        log.iter().rev().take(2).map(|line| (line.entry.environment.clone(), line.entry.items.len())).collect();
    assert_eq!(given, [(Some("prod".to_owned()), 1), (Some("dev".to_owned()), 1)]);
}

#[test]
fn a_query_for_one_id_reads_the_object_as_sdks_expect() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let before = place.log("mia").len();
    let several = mia.find("Secret", json!({ "where": { "objectId": id } }));
    assert_eq!((several.each("value"), place.log("mia").len()), (vec![String::new()], before));
    let one = mia.find("Secret", json!({ "where": { "objectId": id }, "limit": 1 }));
    assert_eq!((one.each("value"), place.log("mia").len()), (vec!["s3cret-of-dev".to_owned()], before + 1));
    let none = mia.find("Secret", json!({ "where": { "objectId": "0" }, "limit": 1 })).ok();
    assert_eq!(none, json!({ "results": [] }));
}

#[test]
fn an_api_key_is_returned_encrypted_unless_its_value_is_selected() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let path = format!("/parse/classes/APIKey/{}", mia.id("APIKey", &json!({ "key": "STRIPE_KEY" })));
    let read = mia.get(&path).ok();
    assert!(read["encryptedValue"].as_str().unwrap().starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert!(read.get("value").is_none() && !read.to_string().contains("sk_test"));
    assert_eq!(mia.get(&format!("{path}?keys=value")).ok()["value"], "sk_test_51HxAmple");
}

#[test]
fn a_binary_value_is_returned_as_base64() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let read = mia.get(&format!("/parse/classes/Secret/{}", mia.item("dev", "BINARY"))).ok();
    assert_eq!((&read["value"], &read["encoding"]), (&json!("/wA="), &json!("base64")));
}

#[test]
fn a_value_that_cannot_be_logged_is_not_returned() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    place.keep_from_logging("mia");
    let refused = mia.get(&format!("/parse/classes/Secret/{id}"));
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(!refused.body.to_string().contains("s3cret"));
    mia.find("Secret", json!({ "keys": "value" })).refused(1);
}

#[test]
fn a_protected_environment_needs_a_reason_for_each_request() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let prod = vault::name::EnvironmentName::new("prod").unwrap();
    vault::actions::env_protect::protect(&mut place.session(), &prod, vault::roster::Protection::Yes).unwrap();
    let path = format!("/parse/classes/Secret/{}", mia.item("prod", "TOKEN"));
    mia.get(&path).refused(119).says("prod is protected");
    assert_eq!(mia.ask_with("GET", &path, &[("x-vault-reason", "an incident")], None).ok()["value"], "s3cret-of-prod");
    let refused = mia.get(&path);
    // The reason of the first request doesn't count for the next one.
    refused.refused(119);
}

#[test]
fn a_log_can_be_read_by_its_user_and_by_admins() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    noah.get(&format!("/parse/classes/Secret/{}", noah.item("dev", "TOKEN"))).ok();
    let newest = json!({ "order": "-accessTime", "limit": 1, "where": { "action": "get" }, "include": "secret,user" });
    let seen = mia.find("AccessLog", newest.clone()).ok()["results"][0].clone();
    assert_eq!(
        (&seen["user"]["username"], &seen["secret"]["name"], &seen["program"]),
        (&json!("noah"), &json!("TOKEN"), &json!("shop"))
    );
    assert!(seen["secret"].get("value").is_none());
    let own = noah.find("AccessLog", json!({ "include": "user" })).ok();
    assert!(own["results"].as_array().unwrap().iter().all(|entry| entry["user"]["username"] == "noah"));
    mia.ask("DELETE", &format!("/parse/classes/AccessLog/{}", seen["objectId"].as_str().unwrap()), None).refused(119);
}

#[test]
fn under_strict_settings_no_request_gets_an_expired_value() {
    let place = Place::new();
    let expired = json!({ "name": "OLD", "environment": "dev", "value": "o", "expiresAt": "2020-01-01T00:00:00.000Z" });
    let server = place.serve();
    let id = server.mia().ask("POST", "/parse/classes/Secret", Some(&expired)).ok()["objectId"].clone();
    let path = format!("/parse/classes/Secret/{}", id.as_str().unwrap());
    assert_eq!(server.mia().get(&path).ok()["value"], "o");
    drop(server);
    let server = place.serve_with(&["--strict"]);
    let mia = server.mia();
    mia.get(&path).refused(119).status(400).says("expired: dev/OLD").says("strict settings");
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.action, entry.outcome, entry.items), (Action::Get, Outcome::Failed, vec!["OLD".into()]));
    mia.find("Secret", json!({ "keys": "value" })).refused(119);
    assert_eq!(mia.get(&format!("{path}?keys=name,expiresAt")).ok()["name"], "OLD");
    assert_eq!(mia.get(&format!("/parse/classes/Secret/{}", mia.item("dev", "TOKEN"))).ok()["value"], "s3cret-of-dev");
}

#[test]
fn a_former_admin_sees_the_log_of_that_time_as_on_the_command_line() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let id = mia.get("/parse/users/me").ok()["objectId"].clone();
    let of_mia = json!({ "__type": "Pointer", "className": "_User", "objectId": id });
    let seen = || noah.find("AccessLog", json!({ "where": { "user": of_mia, "action": "get" } })).each("environment");
    let make = |role: &str| {
        let asked = json!({ "username": "noah", "role": role });
        mia.ask("POST", "/parse/functions/setRole", Some(&asked)).ok();
    };
    let read = |environment: &str| {
        mia.get(&format!("/parse/classes/Secret/{}", mia.item(environment, "TOKEN"))).ok();
    };
    read("dev");
    assert!(seen().is_empty());
    make("admin");
    read("prod");
    make("member");
    read("dev");
    assert_eq!(seen(), ["prod"]);
}

#[test]
fn a_broken_log_proves_nothing_and_is_an_error() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let segment = place.state().join("log/mia/000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    mia.find("AccessLog", json!({})).refused(1).status(500).says("mia's log: entry ").says("vault log verify");
}

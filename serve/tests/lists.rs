//! Queries.

use crate::harness::Place;
use serde_json::json;

#[test]
fn a_list_shows_all_items_without_values_or_a_log_entry() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let before = place.log("mia").len();
    for class in ["Secret", "EnvironmentVariable", "APIKey", "SecureVault", "Environment", "_User", "AccessLog"] {
        let text = mia.get(&format!("/parse/classes/{class}")).ok().to_string();
        // With quotes, because random ids may contain the same digits.
        for value in ["s3cret", "\"3000\"", "sk_test", "/wA="] {
            assert!(!text.contains(value), "{class}: {text}");
        }
    }
    assert_eq!(place.log("mia").len(), before);
    let secrets = mia.find("Secret", json!({ "order": "environment,name" }));
    assert_eq!(secrets.each("name"), ["BINARY", "PORT", "STRIPE_KEY", "TOKEN", "TOKEN"]);
    assert_eq!(mia.find("EnvironmentVariable", json!({})).each("key"), ["PORT"]);
    assert_eq!(mia.find("APIKey", json!({})).each("key"), ["STRIPE_KEY"]);
    assert_eq!(mia.find("SecureVault", json!({ "order": "-name" })).each("name"), ["TOKEN", "TOKEN", "BINARY"]);
    assert_eq!(mia.find("Environment", json!({ "order": "name" })).each("name"), ["dev", "prod"]);
    assert_eq!(mia.get("/parse/users?order=username").each("username"), ["mia", "noah"]);
}

#[test]
fn a_user_sees_only_readable_items_and_the_acl_agrees() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    assert_eq!(noah.find("Secret", json!({})).each("environment"), ["dev"; 4]);
    let prod = mia.item("prod", "TOKEN");
    noah.get(&format!("/parse/classes/Secret/{prod}")).refused(101).says("Object not found.");
    let me = noah.get("/parse/users/me").ok();
    let (noah_id, dev) = (me["objectId"].as_str().unwrap(), mia.item("dev", "TOKEN"));
    let acl = noah.find("Secret", json!({ "where": { "objectId": dev } })).ok()["results"][0]["ACL"].clone();
    assert_eq!(acl[noah_id], json!({ "read": true }));
    assert_eq!(acl.as_object().unwrap().values().filter(|rights| rights["write"] == true).count(), 1);
    assert!(noah.find("Environment", json!({ "where": { "name": "prod" } })).ok()["results"][0].get("items").is_none());
}

#[test]
fn descending_order_is_the_reverse_of_ascending_order() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let ids = |order: &str| mia.find("Secret", json!({ "order": order })).each("objectId");
    let mut up = ids("kind");
    up.reverse();
    assert_eq!(ids("-kind"), up);
    // These log entries have the same second.
    for name in ["TOKEN", "PORT", "STRIPE_KEY"] {
        mia.get(&format!("/parse/classes/Secret/{}", mia.item("dev", name))).ok();
    }
    let log = mia
        .find("AccessLog", json!({ "order": "-accessTime", "where": { "action": "get" }, "include": "secret" }))
        .ok();
    let names: Vec<_> = log["results"].as_array().unwrap().iter().map(|entry| &entry["secret"]["name"]).collect();
    assert_eq!(names, ["STRIPE_KEY", "PORT", "TOKEN"]);
}

#[test]
fn field_names_may_be_a_string_or_a_list_and_both_ways_are_logged() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let (dev, in_url) =
        (json!({ "environment": "dev" }), "where=%7B%22environment%22%3A%22dev%22%7D&order=%5B%22-name%22%5D");
    let listed = mia.find("Secret", json!({ "where": dev, "order": ["-name"], "keys": ["name"] }));
    assert_eq!(listed.each("name"), ["TOKEN", "STRIPE_KEY", "PORT", "BINARY"]);
    assert_eq!(listed.ok()["results"][0].get("kind"), None);
    assert_eq!(
        mia.get(&format!("/parse/classes/Secret?{in_url}")).each("name"),
        ["TOKEN", "STRIPE_KEY", "PORT", "BINARY"]
    );
    for wrong in [json!([1]), json!({}), json!("[1]"), json!("[name"), json!(["no-field"]), json!("[\"no-field\"]")] {
        mia.find("Secret", json!({ "keys": wrong })).refused(102);
    }
    mia.find("Secret", json!({ "order": ["value"] })).refused(102);
    let before = place.log("mia").len();
    let read = mia.find("Secret", json!({ "where": { "name": "PORT" }, "keys": ["name", "value"] }));
    assert_eq!((read.each("value"), place.log("mia").len() - before), (vec!["3000".to_owned()], 1));
}

#[test]
fn queries_filter_sort_count_and_select_as_in_parse() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let names = |parameters| mia.find("Secret", parameters).each("name");
    assert_eq!(names(json!({ "where": { "name": { "$regex": "^\\QST\\E" } } })), ["STRIPE_KEY"]);
    assert_eq!(
        names(json!({ "where": { "kind": { "$in": ["variable", "api-key"] } }, "order": "-name" })),
        ["STRIPE_KEY", "PORT"]
    );
    assert_eq!(names(json!({ "where": { "environment": "dev" }, "order": "name", "limit": 1, "skip": 1 })), ["PORT"]);
    let counted = mia.find("Secret", json!({ "limit": 0, "count": 1 })).ok();
    assert_eq!(counted, json!({ "results": [], "count": 5 }));
    let shaped =
        mia.find("Secret", json!({ "where": { "name": "PORT" }, "keys": "name,owner", "include": "owner" })).ok();
    let object = shaped["results"][0].as_object().unwrap();
    assert_eq!(object.keys().collect::<Vec<_>>(), ["ACL", "createdAt", "name", "objectId", "owner", "updatedAt"]);
    assert_eq!((&object["owner"]["username"], &object["owner"]["__type"]), (&json!("mia"), &json!("Object")));
    let url = "/parse/classes/Secret?where=%7B%22name%22%3A%22PORT%22%7D&excludeKeys=owner&limit=5";
    assert_eq!(mia.get(url).each("name"), ["PORT"]);
    let owner = json!({ "__type": "Pointer", "className": "_User", "objectId": object["owner"]["objectId"] });
    assert_eq!(names(json!({ "where": { "owner": owner }, "limit": 1000 })).len(), 5);
}

#[test]
fn unsupported_query_options_are_errors() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    for parameters in [
        json!({ "where": { "name": { "$text": "a" } } }),
        json!({ "where": { "value": "s3cret-of-dev" } }),
        json!({ "where": "{" }),
        json!({ "order": "value" }),
        json!({ "order": "colour" }),
        json!({ "limit": -1 }),
        json!({ "keys": "colour" }),
        json!({ "include": "name" }),
        json!({ "hint": "x" }),
    ] {
        mia.find("Secret", parameters).refused(102);
    }
    mia.get("/parse/classes/Colour").refused(103);
    mia.get("/parse/nothing").refused(119).status(404);
    mia.ask("POST", "/parse/classes/Environment", Some(&json!({ "name": "x" }))).refused(119);
}

#[test]
fn schemas_list_fields_and_permissions() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let all = mia.get("/parse/schemas");
    assert_eq!(all.each("className").len(), 7);
    let secret = mia.get("/parse/schemas/Secret").ok();
    assert_eq!(secret["fields"]["owner"], json!({ "type": "Pointer", "targetClass": "_User" }));
    assert_eq!(secret["fields"]["name"], json!({ "type": "String", "required": true }));
    assert_eq!(secret["classLevelPermissions"]["create"], json!({ "requiresAuthentication": true }));
    assert_eq!(mia.get("/parse/schemas/AccessLog").ok()["classLevelPermissions"]["delete"], json!({}));
}

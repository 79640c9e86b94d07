//! Asking to be added, and managing users as an admin.

use crate::harness::{Client, MIA, Place};
use serde_json::{Value, json};
use vault::log::Action;
use vault::serving::{Request, ask};
use vault::vault::File;

const EVA: &str = "seven-otters-3-sleep";

fn eva() -> Value {
    json!({ "username": "eva", "password": EVA })
}

#[test]
fn a_requesting_user_is_added_by_an_admin_and_signs_in_with_the_same_passphrase() {
    let place = Place::new();
    let server = place.serve();
    let asked = server.ask("POST", "/parse/users", &[], Some(&eva())).status(202).body;
    assert_eq!((&asked["username"], &asked["requested"]), (&json!("eva"), &json!(true)));
    assert!(
        asked["recoveryKey"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1") && asked.get("sessionToken").is_none()
    );
    server.login("eva", EVA).refused(119).status(403).says("not been added yet");

    let (mia, noah) = (server.mia(), server.noah());
    noah.ask("POST", "/parse/functions/requests", None).refused(119);
    let waiting = mia.ask("POST", "/parse/functions/requests", None).ok()["result"].clone();
    assert_eq!(waiting.as_array().unwrap().len(), 1);
    let same = |field: &str| waiting[0][field] == asked[field];
    assert!(same("username") && same("keys") && same("fingerprint") && waiting[0].get("recoveryKey").is_none());
    let grants = json!([{ "environment": "dev", "right": "read" }]);
    let add = json!({ "username": "eva", "keys": asked["keys"], "grants": grants });
    noah.ask("POST", "/parse/functions/addUser", Some(&add)).refused(119);
    let added = mia.ask("POST", "/parse/functions/addUser", Some(&add)).ok()["result"].clone();
    assert_eq!((&added["user"]["grants"], &added["key"]), (&grants, &Value::Null));
    assert_eq!(mia.ask("POST", "/parse/functions/requests", None).ok()["result"], json!([]));

    let failed = || vault::log::failed_unlocks(&place.state()).unwrap().len();
    let before = failed();
    server.login("eva", "another-staple-9-lamp").refused(101);
    assert_eq!(failed(), before + 1);
    let eva = server.signed_in("eva", EVA);
    assert_eq!(eva.get("/parse/classes/Secret").each("environment"), ["dev"; 4]);
    assert!(place.log("eva").iter().any(|line| line.entry.action == Action::Join && line.entry.program == "ureq"));
    assert!(place.log("mia").iter().any(|line| line.entry.action == Action::UserAdd && line.entry.program == "shop"));
    // The request is gone, and the recovery key opens the vault without the server.
    let kept = std::fs::read_dir(place.state())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("asked-"));
    assert_eq!(kept.count(), 0);
    let recovery = vault::identity::Key::parse(asked["recoveryKey"].as_str().unwrap()).unwrap();
    let opened = vault::vault::Vault::open_with_key(
        &place.vault(),
        &recovery,
        &place.settings(),
        &vault::log::Caller::default(),
    )
    .unwrap();
    assert_eq!(opened.user().as_str(), "eva");
    server.signed_in("eva", EVA).get("/parse/users/me").ok();
}

#[test]
fn a_name_can_be_requested_once_and_further_requests_have_to_wait() {
    let place = Place::new();
    let server = place.serve();
    let ask = |name: &str, passphrase: &str| {
        server.ask("POST", "/parse/users", &[], Some(&json!({ "username": name, "password": passphrase })))
    };
    ask("mia", EVA).refused(202);
    ask("eva", "password").refused(142).says("too easy to guess");
    ask("eva", EVA).status(202);
    let refused =
        (0..20).map(|_| ask("eva", EVA)).find(|answer| answer.status == 429).expect("nobody was made to wait");
    assert!(refused.refused(155).headers.contains_key("retry-after"));
    // Waiting requests don't slow down logins.
    let mia = server.signed_in("mia", MIA);
    server.login("eva", "another-staple-9-lamp").refused(101).says("Invalid username");
    mia.ask("POST", "/parse/functions/refuseRequest", Some(&json!({ "username": "eva" }))).ok();
    mia.ask("POST", "/parse/functions/refuseRequest", Some(&json!({ "username": "eva" }))).refused(101);
    assert_eq!(mia.ask("POST", "/parse/functions/requests", None).ok()["result"], json!([]));
    server.login("eva", EVA).refused(101);
}

#[test]
fn a_request_gives_no_access_to_another_user_with_the_same_name() {
    let place = Place::new();
    let server = place.serve();
    server.ask("POST", "/parse/users", &[], Some(&eva())).status(202);
    // An admin adds another eva, with a key of her own.
    let added = server.mia().ask("POST", "/parse/functions/addUser", Some(&json!({ "username": "eva" }))).ok();
    server.login("eva", EVA).refused(101);
    let key = added["result"]["key"].as_str().unwrap();
    let joined = json!({ "username": "eva", "password": "nine-herons-4-dance", "invitation": key });
    server.ask("POST", "/parse/users", &[], Some(&joined)).status(201).ok();
    server.login("eva", EVA).refused(101);
    server.login("eva", "nine-herons-4-dance").ok();
}

#[test]
fn an_admin_adds_and_removes_users_and_sets_roles() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let call = |name: &str, fields: Value| mia.ask("POST", &format!("/parse/functions/{name}"), Some(&fields));
    let added = call("addUser", json!({ "username": "eva", "email": "e@example.com", "role": "admin" })).ok();
    assert!(added["result"]["key"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    assert_eq!((&added["result"]["user"]["role"], &added["result"]["user"]["grants"]), (&json!("admin"), &json!([])));
    assert_eq!(
        call("setRole", json!({ "username": "eva", "role": "member" })).ok()["result"]["user"]["role"],
        "member"
    );
    let removed = call("removeUser", json!({ "username": "noah" })).ok()["result"].clone();
    assert_eq!(removed["users"], json!(["noah"]));
    assert!(removed["rotate"].as_array().unwrap().contains(&json!("dev/TOKEN")), "{removed}");
    noah.get("/parse/users/me").refused(209);
    let log = place.log("mia");
    let entry = &log.iter().rfind(|line| line.entry.action == Action::UserRemove).unwrap().entry;
    assert_eq!((&*entry.program, entry.note.as_deref()), ("shop", Some("noah, by vault serve")));

    call("addUser", json!({ "username": "eva" })).refused(137).says("already exists");
    call("addUser", json!({ "username": "No Name" })).refused(142);
    call("addUser", json!({ "username": "ben", "role": "king" })).refused(142);
    let refused = call("addUser", json!({ "username": "ben", "keys": "vault-keys-1" })).refused(142);
    refused.says("give the whole line that vault join --request printed");
    call("addUser", json!({ "username": "ben", "grants": [{ "environment": "dev" }] })).refused(142);
    call("addUser", json!({ "username": "ben", "grants": [{ "environment": "none", "right": "read" }] })).refused(101);
    call("removeUser", json!({ "username": "mia" })).refused(119);
    let refused = call("setRole", json!({ "username": "mia", "role": "member" })).refused(119);
    refused.says("make somebody else an admin first: vault user role NAME admin");
    let users = mia.get("/parse/users").each("username");
    assert_eq!(users, ["eva", "mia"]);
}

#[test]
fn a_demotion_that_leaves_an_environment_without_a_giver_must_be_accepted() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let call = |client: &Client<'_>, name: &str, fields: Value| {
        client.ask("POST", &format!("/parse/functions/{name}"), Some(&fields))
    };
    let on_prod = |user: &str, right: &str| json!({ "username": user, "environment": "prod", "right": right });
    call(&mia, "setRole", json!({ "username": "noah", "role": "admin" })).ok();
    call(&mia, "grant", on_prod("noah", "write")).ok();
    let key_of_noah = json!({ "username": "eva", "grants": [{ "environment": "prod", "right": "read" }] });
    call(&noah, "addUser", key_of_noah).ok();
    let lowered = call(&mia, "grant", on_prod("mia", "read")).ok()["result"].clone();
    assert_eq!((&lowered["knownKeys"], &lowered["unmanaged"]), (&json!([]), &json!([])), "noah is an admin");

    let demote = |unmanaged: Value| {
        call(&mia, "setRole", json!({ "username": "noah", "role": "member", "unmanaged": unmanaged }))
    };
    let refused = call(&mia, "setRole", json!({ "username": "noah", "role": "member" })).refused(142);
    let refused = refused.says("noah is the last admin who writes prod").says(r#"the parameter unmanaged: [\"prod\"]"#);
    assert_eq!(
        (&refused.body["reason"], &refused.body["accept"]),
        (&json!("unmanaged"), &json!({ "unmanaged": ["prod"] }))
    );
    demote(json!("prod")).refused(142).says("unmanaged must be a list of environments");
    demote(json!(["dev"])).refused(142).says("noah is the last admin who writes prod");
    demote(json!(["none"])).refused(101);
    let demoted = demote(json!(["prod"])).ok()["result"].clone();
    assert_eq!((&demoted["user"]["role"], &demoted["knownKeys"]), (&json!("member"), &json!(["eva"])));
    assert_eq!(demoted["unmanaged"], json!([{ "environment": "prod", "writer": "noah" }]));
}

#[test]
fn a_removal_and_a_revoked_right_return_what_is_left_behind() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let call = |name: &str, fields: Value| mia.ask("POST", &format!("/parse/functions/{name}"), Some(&fields));
    // Of two rights on an environment, the new user gets the higher one, as on the command line.
    let right = |right: &str| json!({ "environment": "dev", "right": right });
    let eva = json!({ "username": "eva", "grants": [right("write"), right("read")] });
    assert_eq!(call("addUser", eva).ok()["result"]["user"]["grants"], json!([right("write")]));
    let revoke = json!({ "username": "mia", "environment": "dev", "right": "none" });
    let revoked = call("grant", revoke).ok()["result"].clone();
    assert_eq!(revoked["unmanaged"], json!([{ "environment": "dev", "writer": "eva" }]));
    assert_eq!(revoked["knownKeys"], json!(["eva"]), "mia made the key");
    let removed = call("removeUser", json!({ "username": "noah" })).ok()["result"].clone();
    assert_eq!((&removed["knownKeys"], &removed["unmanaged"]), (&json!([]), &json!([])));
}

#[test]
fn users_whose_keys_a_removed_user_made_go_along_unless_they_are_kept() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let call = |client: &Client<'_>, name: &str, fields: Value| {
        client.ask("POST", &format!("/parse/functions/{name}"), Some(&fields))
    };
    call(&mia, "setRole", json!({ "username": "noah", "role": "admin" })).ok();
    call(&noah, "addUser", json!({ "username": "eva" })).ok();
    call(&mia, "removeUser", json!({ "username": "noah", "keepIssued": "yes" }))
        .refused(142)
        .says("keepIssued must be true or false");
    let removed = call(&mia, "removeUser", json!({ "username": "noah", "keepIssued": true })).ok()["result"].clone();
    assert_eq!(removed["users"], json!(["noah"]));
    assert_eq!(removed["knownKeys"], json!(["eva"]));
}

#[test]
fn an_environment_that_can_not_be_read_can_be_given_up_or_restored() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let remove = |more: Value| {
        let mut fields = json!({ "username": "noah" });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        mia.ask("POST", "/parse/functions/removeUser", Some(&fields))
    };
    remove(json!({ "empty": ["nowhere"] })).refused(101);
    remove(json!({ "empty": ["dev", "dev"] })).refused(142).says("two contents are given for dev");
    remove(json!({ "restore": ["dev"] })).refused(142).says("restore must give a text for each environment");
    remove(json!({ "restore": { "dev": "-x" } })).refused(142);
    assert_eq!(remove(json!({ "empty": ["dev"] })).ok()["result"]["users"], json!(["noah"]));
}

#[test]
fn a_change_that_orphans_an_environment_must_be_accepted() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let call = |name: &str, fields: Value| mia.ask("POST", &format!("/parse/functions/{name}"), Some(&fields));
    let grant = |right: &str, orphans: Value| {
        call("grant", json!({ "username": "mia", "environment": "prod", "right": right, "orphans": orphans }))
    };
    for (right, what) in [("read", "writer of prod"), ("none", "reader of prod")] {
        let refused = grant(right, json!([])).refused(142).says(&format!("mia is the last {what}"));
        assert_eq!(refused.body["reason"], "last-holder");
        assert_eq!(refused.body["accept"], json!({ "orphans": ["prod"] }));
        grant(right, json!(["dev"])).refused(142).says(r#"the parameter orphans: [\"prod\"]"#);
    }
    grant("read", json!("prod")).refused(142).says("orphans must be a list of environments");
    grant("read", json!(["none"])).refused(101);
    let lowered = grant("read", json!(["prod"])).ok()["result"].clone();
    assert!(lowered["user"]["grants"].to_string().contains(r#"{"environment":"prod","right":"read"}"#), "{lowered}");

    call("addUser", json!({ "username": "eva", "grants": [{ "environment": "dev", "right": "write" }] })).ok();
    call("grant", json!({ "username": "mia", "environment": "dev", "right": "read" })).ok();
    let remove = |orphans: Value| call("removeUser", json!({ "username": "eva", "orphans": orphans }));
    let refused = remove(json!([])).refused(142).says("eva is the last writer of dev");
    assert_eq!(refused.body["accept"], json!({ "orphans": ["dev"] }));
    assert_eq!(remove(refused.body["accept"]["orphans"].clone()).ok()["result"]["users"], json!(["eva"]));
}

#[test]
fn lowering_a_right_takes_effect_at_once_in_open_sessions() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let id = noah.item("dev", "TOKEN");
    noah.get(&format!("/parse/classes/Secret/{id}")).ok();
    let none = json!({ "username": "noah", "environment": "dev", "right": "none" });
    mia.ask("POST", "/parse/functions/grant", Some(&none)).ok();
    noah.get(&format!("/parse/classes/Secret/{id}")).refused(101);
    assert_eq!(noah.get("/parse/classes/Secret").each("name"), Vec::<String>::new());
    // After all sessions were ended from outside, Mia's session is invalid although her rights haven't changed.
    let sockets = vault::agent::Sockets::new(&place.runtime()).unwrap().of_servers();
    assert_eq!(ask(&sockets[0], &Request::EndAll).unwrap().unwrap().ended.len(), 2);
    mia.get("/parse/classes/Secret").refused(209);
}

#[test]
fn users_are_not_listed_from_a_roster_whose_end_was_cut_off() {
    let place = Place::new();
    place.remove_user("noah");
    // Without its last change, the roster says that Noah is still a user. The blocks were signed under that change.
    let mut file = File::parse(std::fs::read(place.vault()).unwrap()).unwrap();
    file.roster.pop();
    std::fs::write(place.vault(), file.to_text()).unwrap();
    // This device has not seen the change.
    std::fs::remove_dir_all(place.path().join("state")).unwrap();
    let server = place.serve();
    let answer = server.mia().get("/parse/users");
    assert!(!answer.body.to_string().contains("noah"), "{}", answer.body);
    answer.says("not valid");
}

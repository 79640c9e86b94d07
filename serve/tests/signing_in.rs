//! Signing in and out.

use crate::harness::{MIA, NOAH, Place};
use serde_json::json;
use vault::log::{Action, Line, Outcome};

#[test]
fn a_user_signs_in_with_name_and_passphrase_and_signs_out() {
    let place = Place::new();
    let server = place.serve();
    let answer = server.login("mia", MIA).ok();
    assert_eq!((&answer["username"], &answer["role"]), (&json!("mia"), &json!("admin")));
    assert!(answer["sessionToken"].as_str().unwrap().starts_with("r:"));
    assert!(!answer.to_string().contains(MIA));
    let mia = server.mia();
    let me = mia.get("/parse/users/me").ok();
    assert_eq!((&me["username"], &me["sessionToken"]), (&json!("mia"), &json!(mia.token)));
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.action, entry.outcome), (Action::Unlock, Outcome::Ok));

    mia.ask("POST", "/parse/logout", None).ok();
    mia.get("/parse/users/me").refused(209);
    mia.get("/parse/classes/Secret").refused(209);
    mia.ask("POST", "/parse/logout", None).refused(209);
}

#[test]
fn the_sdks_login_request_works_too() {
    let place = Place::new();
    let server = place.serve();
    let body = json!({ "username": "mia", "password": MIA, "_method": "GET", "_ApplicationId": "shop",
        "_ClientVersion": "js6.1.1", "_InstallationId": "1" });
    let token = server.ask("POST", "/parse/login", &[], Some(&body)).ok()["sessionToken"].clone();
    let body = json!({ "_method": "GET", "_ApplicationId": "shop", "_SessionToken": token });
    let me = server.ask("POST", "/parse/users/me", &[], Some(&body)).ok();
    assert_eq!(me["username"], "mia");
}

#[test]
fn a_wrong_user_and_a_wrong_passphrase_are_refused_alike() {
    let place = Place::new();
    let server = place.serve();
    let wrong = server.login("mia", NOAH).refused(101).status(404);
    for (username, password) in [("nobody", MIA), ("noah", MIA), ("Mia", MIA), ("mia", ""), ("", MIA)] {
        let other = server.login(username, password);
        assert_eq!((&other.body, other.status), (&wrong.body, 404), "{username}");
    }
    server.ask("POST", "/parse/login", &[], Some(&json!({ "password": MIA }))).refused(200);
    server.ask("POST", "/parse/login", &[], Some(&json!({ "username": "mia" }))).refused(201);
    server.ask("POST", "/parse/login", &[], Some(&json!({ "username": 1, "password": true }))).refused(200);
    let failed = place.log("mia").into_iter().filter(|line| line.entry.outcome == Outcome::Failed).count();
    assert_eq!(failed, 2);
}

#[test]
fn only_the_user_whose_passphrase_is_guessed_has_to_wait() {
    let place = Place::new();
    let server = place.serve();
    let refused = (0..20).map(|_| server.login("mia", "wrong")).find(|answer| answer.status == 429);
    let refused = refused.expect("nobody was made to wait").refused(155);
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    // The right passphrase has to wait, too. Otherwise, the answer would tell it apart.
    server.login("mia", MIA).refused(155);
    server.login("noah", NOAH).ok();
}

#[test]
fn without_a_session_nothing_is_shown() {
    let place = Place::new();
    let server = place.serve();
    for path in ["classes/Secret", "classes/AccessLog", "classes/Secret/1", "users", "schemas", "schemas/Secret"] {
        server.ask("GET", &format!("/parse/{path}"), &[], None).refused(101).says("needs to be authenticated");
        server.ask("GET", &format!("/parse/{path}"), &[("x-parse-session-token", "r:0")], None).refused(209);
    }
    server.ask("GET", "/parse/users/me", &[], None).refused(209);
    server.ask("GET", "/parse/classes/Secret", &[("x-parse-master-key", "m")], None).refused(119).status(403);
}

#[test]
fn an_unused_session_expires() {
    let place = Place::new();
    let server = place.serve_with(&["--idle", "1s"]);
    let mia = server.mia();
    let mut tries = 0;
    // Sooner or later, even on a slow machine, a second passes between two requests.
    while mia.get("/parse/users/me").status == 200 {
        tries += 1;
        std::thread::sleep(std::time::Duration::from_millis(1000 + 100 * tries));
    }
    mia.get("/parse/users/me").refused(209);
}

#[test]
fn replacing_a_users_keys_ends_their_sessions() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    noah.get("/parse/classes/Secret").ok();
    place.remove_user("noah");
    noah.get("/parse/classes/Secret").refused(209);
    mia.get("/parse/classes/Secret").ok();
}

#[test]
fn a_code_can_be_used_to_sign_in_once() {
    let place = Place::new();
    let server = place.serve_as_mia(&["--json", "--code"], None);
    let login = |code: &str| server.ask("POST", "/parse/login", &[], Some(&json!({ "code": code })));
    login("00000000000000000000000000000000").refused(101);
    assert_eq!(login(server.details["code"].as_str().unwrap()).ok()["username"], "mia");
    login(server.details["code"].as_str().unwrap()).refused(101);
    let (code, printed) = place.fails(&["--code"]);
    assert_eq!(code, Some(4), "{printed}");
}

#[test]
fn an_added_user_signs_up_with_the_key_and_chooses_a_passphrase() {
    use vault::secret::ExposeSecret as _;
    let place = Place::new();
    let server = place.serve();
    let key = place.add("eva").to_text();
    let eva = json!({ "username": "eva", "password": "seven-otters-3-sleep", "invitation": key.expose_secret() });
    let sign_up = |changed: serde_json::Value| {
        let mut body = eva.clone();
        body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        server.ask("POST", "/parse/users", &[], Some(&body))
    };
    sign_up(json!({ "password": "password" })).refused(142).says("too easy to guess");
    sign_up(json!({ "username": "mia" })).refused(119).says("invitation");
    sign_up(json!({ "invitation": "AGE-SECRET-KEY-1" })).refused(119).says("invitation");
    sign_up(json!({ "invitation": null })).refused(142);
    sign_up(json!({ "email": "e@example.com" })).refused(142);
    let done = sign_up(json!({})).status(201).ok();
    assert_eq!(done["username"], "eva");
    assert!(done["recoveryKey"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    let token = done["sessionToken"].as_str().unwrap();
    let listed = server.ask("GET", "/parse/classes/Secret", &[("x-parse-session-token", token)], None);
    assert_eq!(listed.each("environment"), ["dev"; 4]);
    // The key no longer opens anything, but the passphrase does. The log says that somebody tried the key.
    sign_up(json!({})).refused(119);
    let failed = |line: &Line| line.entry.action == Action::Unlock && line.entry.outcome == Outcome::Failed;
    assert!(["mia", "eva"].iter().any(|user| place.log(user).iter().any(failed)));
    server.login("eva", "seven-otters-3-sleep").ok();
    assert!(place.log("eva").iter().any(|line| line.entry.action == Action::Join));
}

#[test]
fn conditions_are_not_parsed_before_sign_in() {
    let place = Place::new();
    let server = place.serve();
    let path = "/parse/classes/Secret";
    let query = serde_json::json!({ "_method": "GET", "where": { "name": { "$regex": "(" } }, "order": "nothing" });
    server.ask("POST", path, &[], Some(&query)).refused(101).status(401);
    let ended = [("x-parse-session-token", "r:none")];
    server.ask("POST", path, &ended, Some(&query)).refused(209);
    server.ask("GET", "/events?class=Secret&where=(", &[], None).refused(101);
}

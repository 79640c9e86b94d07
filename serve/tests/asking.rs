//! The form of a request.

use crate::harness::Place;
use serde_json::json;

#[test]
fn a_body_that_is_not_json_or_too_large_is_refused() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    mia.ask("POST", "/parse/classes/Secret", Some(&json!([1]))).refused(107);
    mia.ask("POST", "/parse/classes/Secret", Some(&json!({ "_Unknown": 1 }))).refused(107);
    let large = json!({ "name": "A", "value": "v".repeat(9 * 1024 * 1024) });
    mia.ask("POST", "/parse/classes/Secret", Some(&large)).refused(142).status(413);
    mia.ask_with("GET", "/parse/users/me", &[("x-vault-client", &"n".repeat(1025))], None).refused(142);
    mia.ask("PATCH", "/parse/classes/Secret", None).status(405);
}

//! Who may send queries, in which form, and how large they may be.

use super::{data, query, query_without_session, reads, refused};
use crate::harness::{Client, NOAH, Place};
use serde_json::json;

#[test]
fn graphql_enforces_the_same_rights_as_rest() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let in_prod = mia.item("prod", "TOKEN");
    let all = data(query(&noah, "{ secrets { count edges { node { environment } } } }", &json!({})))["secrets"].clone();
    assert_eq!(all["count"], 4);
    assert!(all["edges"].as_array().unwrap().iter().all(|edge| edge["node"]["environment"] == "dev"), "{all}");
    let read = "query Q($id: ID!) { secret(id: $id) { name value } }";
    let answer = query(&noah, read, &json!({ "id": in_prod }));
    refused(&answer, 101, "not found");
    assert!(answer.body["data"].is_null(), "{answer:?}");
    let by_node = "query Q($id: ID!) { node(id: $id) { ... on Secret { value } } }";
    use base64::Engine as _;
    let global = base64::engine::general_purpose::STANDARD.encode(format!("Secret:{in_prod}"));
    refused(&query(&noah, by_node, &json!({ "id": global })), 101, "not found");

    let own = noah.item("dev", "TOKEN");
    let before = std::fs::read(place.vault()).unwrap();
    for change in [
        "mutation M($id: ID!) { updateSecret(input: { id: $id, fields: { value: \"x\" } }) { secret { id } } }",
        "mutation M($id: ID!) { deleteSecret(input: { id: $id }) { secret { id } } }",
    ] {
        refused(&query(&noah, change, &json!({ "id": own })), 119, "dev");
    }
    let create = "mutation { createSecret(input: { fields: { name: \"X\", value: \"x\", environment: \"dev\" } }) { secret { id } } }";
    refused(&query(&noah, create, &json!({})), 119, "dev");
    refused(&query(&noah, &create.replace("dev", "prod"), &json!({})), 119, "prod");
    assert_eq!(std::fs::read(place.vault()).unwrap(), before);
    let log = data(query(&noah, "{ accessLogs { edges { node { user { username } } } } }", &json!({})));
    assert!(!log.to_string().contains("mia") && log.to_string().contains("noah"), "{log}");
    for other in ["createUser", "updateUser", "deleteUser", "createEnvironment", "deleteAccessLog"] {
        let text = format!("mutation {{ {other}(input: {{}}) {{ clientMutationId }} }}");
        refused(&query(&mia, &text, &json!({})), 102, other);
    }
}

#[test]
fn without_a_session_only_the_schema_can_be_read() {
    let place = Place::new();
    let server = place.serve();
    for text in [
        "{ secrets { count } }",
        "{ users { edges { node { username } } } }",
        "{ environments { count } }",
        "{ node(id: \"U2VjcmV0OjE=\") { id } }",
        "mutation { callCloudCode(input: { functionName: history }) { result } }",
    ] {
        refused(&query_without_session(&server, text), 101, "needs to be authenticated");
    }
    refused(&query_without_session(&server, "{ viewer { sessionToken } }"), 209, "Invalid session token");
    let schema = data(query_without_session(
        &server,
        "{ __schema { types { name } } __type(name: \"Secret\") { fields { name } } }",
    ));
    assert!(schema.to_string().contains("SecretConnection") && schema.to_string().contains("rotateDue"));
    let wrong = "mutation M($password: String!) { logIn(input: { username: \"mia\", password: $password }) { viewer { sessionToken } } }";
    let answer = server.ask(
        "POST",
        "/graphql",
        &[],
        Some(&json!({ "query": wrong, "variables": { "password": "wrong-wrong-wrong" } })),
    );
    refused(&answer, 101, "Invalid username/password.");
    let often = "mutation { a: logIn(input: { username: \"mia\", password: \"a\" }) { clientMutationId } b: logIn(input: { username: \"mia\", password: \"b\" }) { clientMutationId } }";
    refused(&query_without_session(&server, often), 102, "once");
    let missing = query_without_session(&server, "mutation { logIn(input: {}) { clientMutationId } }");
    refused(&missing, 200, "username");
}

#[test]
fn an_invited_user_signs_up_and_gets_the_recovery_key_once() {
    use vault::secret::ExposeSecret as _;
    let place = Place::new();
    let key = place.add("ada");
    let server = place.serve();
    let sign_up = |invitation: &str| {
        let text = "mutation M($fields: CreateUserFieldsInput!) { signUp(input: { fields: $fields }) { recoveryKey viewer { sessionToken user { username } } } }";
        let fields = json!({ "username": "ada", "password": "a-lovely-engine-1843", "invitation": invitation });
        server.ask("POST", "/graphql", &[], Some(&json!({ "query": text, "variables": { "fields": fields } })))
    };
    refused(&sign_up("AGE-SECRET-KEY-1WRONG"), 119, "invitation");
    let done = data(sign_up(key.to_text().expose_secret()))["signUp"].clone();
    assert_eq!(done["viewer"]["user"]["username"], "ada");
    assert!(done["recoveryKey"].as_str().unwrap().len() > 40);
    let ada = Client { server: &server, token: done["viewer"]["sessionToken"].as_str().unwrap().to_owned() };
    assert_eq!(data(query(&ada, "{ secrets { count } }", &json!({})))["secrets"]["count"], 4);
    assert_eq!(server.login("ada", "a-lovely-engine-1843").status, 200);
}

#[test]
fn a_user_without_an_invitation_asks_to_be_added() {
    let place = Place::new();
    let server = place.serve();
    let text = "mutation { signUp(input: { fields: { username: \"ada\", password: \"a-lovely-engine-1843\" } }) {
        requested keys fingerprint recoveryKey viewer { sessionToken } } }";
    let done = data(query_without_session(&server, text))["signUp"].clone();
    assert_eq!((&done["requested"], &done["viewer"]), (&json!(true), &json!(null)));
    let mia = server.mia();
    let requests = "mutation { callCloudCode(input: { functionName: requests }) { result } }";
    let waiting = data(query(&mia, requests, &json!({})))["callCloudCode"]["result"].clone();
    assert_eq!((&waiting[0]["username"], &waiting[0]["fingerprint"]), (&json!("ada"), &done["fingerprint"]));
    let add =
        "mutation M($params: Object) { callCloudCode(input: { functionName: addUser, params: $params }) { result } }";
    let params =
        json!({ "username": "ada", "keys": done["keys"], "grants": [{ "environment": "dev", "right": "read" }] });
    data(query(&mia, add, &json!({ "params": params })));
    let sign_in = "mutation { logIn(input: { username: \"ada\", password: \"a-lovely-engine-1843\" }) { viewer { user { username } } } }";
    assert_eq!(data(query_without_session(&server, sign_in))["logIn"]["viewer"]["user"]["username"], "ada");
}

#[test]
fn a_request_must_be_a_json_post_that_no_other_page_sent() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let body = json!({ "query": "{ health }" });
    for method in ["GET", "PUT", "DELETE"] {
        let answer = mia.ask(method, "/graphql", None).status(405);
        assert_eq!(answer.headers["allow"], "POST");
        refused(&answer, 119, "POST");
    }
    refused(&mia.ask("GET", "/graphql?query=%7Bhealth%7D", None).status(405), 119, "POST");
    refused(&mia.ask("POST", "/graphql?operationName=A", Some(&body)).status(400), 102, "no parameters");
    assert_eq!(mia.ask_with("POST", "/graphql", &[("origin", "http://evil.example")], Some(&body)).status, 403);
    assert_eq!(mia.ask_with("POST", "/graphql", &[("origin", "null")], Some(&body)).status, 403);
    assert_eq!(mia.ask_with("POST", "/graphql", &[("host", "evil.example")], Some(&body)).status, 421);
    refused(
        &mia.ask_with("POST", "/graphql", &[("x-parse-master-key", "m")], Some(&body)).status(403),
        119,
        "master key",
    );
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "",
    ] {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer =
            agent.post(format!("{}/graphql", server.base)).header("content-type", kind).send(body.to_string()).unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
        assert!(answer.body_mut().read_to_string().unwrap().contains("application/json"));
    }
    refused(&mia.ask("POST", "/graphql", Some(&json!([body]))).status(400), 251, "not a list");
    refused(
        &mia.ask("POST", "/graphql", Some(&json!({ "query": "{ health }", "variables": [] }))).status(400),
        107,
        "variables",
    );
    refused(&mia.ask("POST", "/graphql", Some(&json!({ "query": "{ health" }))).status(400), 102, "line 1");
    refused(
        &mia.ask("POST", "/graphql", Some(&json!({ "query": "v".repeat(9 * 1024 * 1024) }))).status(413),
        142,
        "larger",
    );
    refused(&mia.ask("POST", "/graphql", Some(&json!({ "query": "subscription { secrets { count } }" }))), 102, "");
    let named = json!({ "query": "query A { health } query B { viewer { user { username } } }", "operationName": "B" });
    assert_eq!(data(mia.ask("POST", "/graphql", Some(&named)))["viewer"]["user"]["username"], "mia");
    refused(&mia.ask("POST", "/graphql", Some(&json!({ "query": named["query"] }))), 102, "peration name");
}

#[test]
fn a_query_that_costs_too_much_is_refused_before_any_value_is_read() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let aliases = |count: usize| -> String {
        (0..count).map(|number| format!("a{number}: secret(id: \"{id}\") {{ v: value }} ")).collect()
    };
    for text in
        [format!("{{ {} }}", aliases(100)), format!("{{ ...f ...f }} fragment f on Query {{ {} }}", aliases(30))]
    {
        refused(&query(&mia, &text, &json!({})).status(400), 102, "at most 50");
    }
    let short: String = (0..10_000).map(|number| format!("a{number}:health ")).collect();
    refused(&query(&mia, &format!("{{ {short} }}"), &json!({})).status(400), 102, "longer");
    assert_eq!(reads(&place, "mia", "shop"), 0);
    // The largest allowed number is read, with a log entry for each.
    let many = data(query(&mia, &format!("{{ {} }}", aliases(50)), &json!({})));
    assert_eq!((many["a49"]["v"].as_str(), reads(&place, "mia", "shop")), (Some("s3cret-of-dev"), 50));
    // The same field many times is read once.
    let same: String = (0..400).map(|number| format!("a{number}: value ")).collect();
    data(query(&mia, &format!("{{ secret(id: \"{id}\") {{ {same} }} }}"), &json!({})));
    assert_eq!(reads(&place, "mia", "shop"), 51);

    for (text, why) in [
        ("{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a }".to_owned(), "levels deep"),
        (format!("{{ {}health {}}}", "... on Query { ".repeat(40), "} ".repeat(40)), "levels deep"),
        ("{".repeat(5_000), "brackets"),
        (format!("{{ secrets(where: {}) {{ count }} }}", "[".repeat(5_000)), "brackets"),
        ("{ secrets(first: 1000) { edges { node { ".to_owned() + &"a: name ".repeat(150) + "} } } }", "fields"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(), "fields"),
    ] {
        refused(&query(&mia, &text, &json!({})).status(400), 102, why);
    }
    // Without a check of our own, the library would crash on this one.
    refused(&query(&mia, "query A($x: [Nope] = [1]) { health }", &json!({})).status(400), 102, "Nope");
    // Conditions are limited as well, including those in variables.
    let mut deep = json!({ "name": { "equalTo": "A" } });
    for _ in 0..50 {
        deep = json!({ "OR": [deep] });
    }
    let text = "query Q($where: SecretWhereInput) { secrets(where: $where) { count } }";
    refused(&query(&mia, text, &json!({ "where": deep })), 102, "levels deep");
    let have = json!({ "owner": { "have": { "username": { "exists": true } } } });
    refused(&query(&mia, text, &json!({ "where": { "OR": vec![have.clone(); 10_000] } })), 102, "have");
    // Nested conditions count too: 3 and their 9 are more than 8.
    let deep = json!({ "secret": { "have": { "OR": vec![have; 3] } } });
    let log = "query A($where: AccessLogWhereInput) { accessLogs(where: $where) { count } }";
    refused(&query(&mia, log, &json!({ "where": { "OR": vec![deep; 3] } })), 102, "have");
    let many = json!({ "name": { "in": vec!["A"; 10_000] } });
    refused(&query(&mia, text, &json!({ "where": many })), 102, "at most");
    // The server has survived all of that.
    assert_eq!(data(query_without_session(&server, "{ health }"))["health"], true);
    assert_eq!(server.login("noah", NOAH).status, 200);
}

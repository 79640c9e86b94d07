//! Signing in, finding and reading.

use super::{data, query, query_without_session, reads, refused};
use crate::harness::{Client, MIA, Place};
use serde_json::{Value, json};

#[test]
fn a_user_signs_in_lists_and_reads_items_and_signs_out() {
    let place = Place::new();
    let server = place.serve();
    assert_eq!(data(query_without_session(&server, "{ health }")), json!({ "health": true }));
    let sign_in = "mutation In($input: LogInInput!) { logIn(input: $input) { clientMutationId viewer { sessionToken
        user { id username role grants { ... on Element { value } } } } } }";
    let variables = json!({ "input": { "username": "mia", "password": MIA, "clientMutationId": "one" } });
    let body = json!({ "query": sign_in, "variables": variables, "operationName": "In" });
    let answer = server.ask("POST", "/graphql", &[("x-parse-application-id", "shop")], Some(&body));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let signed_in = data(answer)["logIn"].clone();
    assert_eq!(signed_in["clientMutationId"], "one");
    let user = &signed_in["viewer"]["user"];
    assert_eq!((&user["username"], &user["role"]), (&json!("mia"), &json!("admin")));
    assert_eq!(user["grants"][0]["value"], json!({ "environment": "dev", "right": "write" }));
    let token = signed_in["viewer"]["sessionToken"].as_str().unwrap().to_owned();
    let mia = Client { server: &server, token: token.clone() };

    let found = query(
        &mia,
        "query Q($where: SecretWhereInput) { secrets(where: $where, order: [environment_ASC, name_ASC]) { count
            edges { cursor node { id objectId name kind environment version createdAt ACL { users { userId read write } public { read } }
                owner { id username createdAt } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        &json!({ "where": { "OR": [{ "name": { "equalTo": "TOKEN" } }, { "name": { "matchesRegex": "^stripe", "options": "i" } }] } }),
    );
    let list = data(found)["secrets"].clone();
    let names: Vec<&str> =
        list["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["name"].as_str().unwrap()).collect();
    assert_eq!((&list["count"], names), (&json!(3), vec!["STRIPE_KEY", "TOKEN", "TOKEN"]));
    assert_eq!(list["pageInfo"]["hasNextPage"], false);
    let node = &list["edges"][1]["node"];
    assert_eq!(
        (&node["owner"]["username"], &node["version"], &node["environment"]),
        (&json!("mia"), &json!(1), &json!("dev"))
    );
    assert_eq!(node["ACL"]["users"].as_array().unwrap().len(), 2);
    assert_eq!((&node["ACL"]["users"][0]["read"], &node["ACL"]["public"]), (&json!(true), &Value::Null));
    assert_eq!((reads(&place, "mia", "shop"), list.to_string().contains("s3cret")), (0, false));

    for id in [&node["id"], &node["objectId"]] {
        let one = query(&mia, "query Q($id: ID!) { secret(id: $id) { name value } }", &json!({ "id": id }));
        assert_eq!(data(one)["secret"], json!({ "name": "TOKEN", "value": "s3cret-of-dev" }));
    }
    assert_eq!(reads(&place, "mia", "shop"), 2);
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((entry.items, entry.environment.as_deref()), (vec!["TOKEN".into()], Some("dev")));
    let viewer = data(query(&mia, "{ viewer { sessionToken user { username } } }", &json!({})));
    assert_eq!(viewer["viewer"], json!({ "sessionToken": token, "user": { "username": "mia" } }));
    let out = data(query(&mia, "mutation { logOut(input: {}) { ok clientMutationId } }", &json!({})));
    assert_eq!(out["logOut"], json!({ "ok": true, "clientMutationId": null }));
    refused(&query(&mia, "{ viewer { sessionToken } }", &json!({})), 209, "sign in again");
}

#[test]
fn only_a_query_for_a_single_object_returns_its_value() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    for (list, hint) in [
        ("{ secrets { edges { node { name value } } } }", "secret(id:"),
        (
            "{ secrets(where: { objectId: { equalTo: \"ID\" } }, first: 1) { edges { node { ...v } } } } fragment v on Secret { a: value }",
            "secret(id:",
        ),
        ("{ accessLogs { edges { node { secret { value } } } } }", "secret(id:"),
        ("{ aPIKeys { edges { node { ... on Node { ... on APIKey { encryptedValue } } } } } }", "aPIKey(id:"),
        ("{ secureVaults { edges { node { value @include(if: true) } } } }", "secureVault(id:"),
    ] {
        let answer = query(&mia, &list.replace("ID", &id), &json!({}));
        assert!(!answer.body.to_string().contains("s3cret"), "{answer:?}");
        // The log has no entry yet that points to an item.
        if !list.contains("accessLogs") {
            refused(&answer, 102, hint);
        }
    }
    let single = "query Q($id: ID!) { secrets(where: { id: { equalTo: $id } }, first: 1) { edges { node { name } } } }";
    assert_eq!(data(query(&mia, single, &json!({ "id": id })))["secrets"]["edges"][0]["node"]["name"], "TOKEN");
    let outline = "query Q($id: ID!) { secret(id: $id) { name version value @skip(if: true) } }";
    assert_eq!(data(query(&mia, outline, &json!({ "id": id })))["secret"], json!({ "name": "TOKEN", "version": 1 }));
    assert_eq!(reads(&place, "mia", "shop"), 0);

    // A node of another class doesn't read the value that is selected for this class.
    let global = data(query(&mia, "{ aPIKeys { edges { node { id } } } }", &json!({})))["aPIKeys"]["edges"][0]["node"]
        ["id"]
        .clone();
    let node = "query Q($id: ID!) { node(id: $id) { id __typename ... on Secret { value } ... on APIKey { key } } }";
    let other = data(query(&mia, node, &json!({ "id": global })));
    assert_eq!(other["node"], json!({ "id": global, "__typename": "APIKey", "key": "STRIPE_KEY" }));
    assert_eq!(reads(&place, "mia", "shop"), 0);
    let node = node.replace("key }", "key value encryptedValue }");
    let read = data(query(&mia, &node, &json!({ "id": global })))["node"].clone();
    assert!(read["value"] == "sk_test_51HxAmple" && read["encryptedValue"].as_str().unwrap().contains("AGE"), "{read}");
    assert_eq!(reads(&place, "mia", "shop"), 1, "several secret fields of one object must be logged as one read");
    let binary = mia.item("dev", "BINARY");
    let read = query(&mia, "query Q($id: ID!) { secret(id: $id) { value encoding } }", &json!({ "id": binary }));
    assert_eq!(data(read)["secret"], json!({ "value": "/wA=", "encoding": "base64" }));

    // An item that is reached through a log entry has no value.
    let newest = "{ accessLogs(first: 1, order: [accessTime_DESC, number_DESC], where: { action: { equalTo: \"get\" } }) { edges { node { action program
        secret { name environment owner { username } } user { username } } } } }";
    let entry = data(query(&mia, newest, &json!({})))["accessLogs"]["edges"][0]["node"].clone();
    assert_eq!(
        (&entry["secret"]["owner"]["username"], &entry["secret"]["name"], &entry["program"]),
        (&json!("mia"), &json!("BINARY"), &json!("shop"))
    );
    let pointed = newest.replace("secret { name", "secret { value name");
    let answer = query(&mia, &pointed, &json!({}));
    refused(&answer, 102, "secret(id:");
    assert_eq!(answer.body["data"]["accessLogs"]["edges"][0]["node"]["secret"]["value"], Value::Null);
}

#[test]
fn the_log_names_client_and_reason_and_without_an_entry_no_value_is_given() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let body = json!({ "query": "query Q($id: ID!) { secret(id: $id) { value } }", "variables": { "id": mia.item("dev", "TOKEN") } });
    let headers = [("x-vault-client", "grapher"), ("x-vault-reason", "a test")];
    data(mia.ask_with("POST", "/graphql", &headers, Some(&body)));
    let entry = place.log("mia").pop().unwrap().entry;
    assert_eq!((&*entry.program, entry.reason.as_deref()), ("grapher", Some("a test")));

    let prod = vault::name::EnvironmentName::new("prod").unwrap();
    vault::actions::env_protect::protect(&mut place.session(), &prod, vault::roster::Protection::Yes).unwrap();
    let guarded = json!({ "query": body["query"], "variables": { "id": mia.item("prod", "TOKEN") } });
    refused(&mia.ask("POST", "/graphql", Some(&guarded)), 119, "prod is protected");
    assert_eq!(data(mia.ask_with("POST", "/graphql", &headers, Some(&guarded)))["secret"]["value"], "s3cret-of-prod");

    place.keep_from_logging("mia");
    let answer = mia.ask("POST", "/graphql", Some(&body));
    refused(&answer, 1, "");
    assert!(!answer.body.to_string().contains("s3cret"));
}

#[test]
fn long_lists_are_read_page_by_page() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let page = "query Q($first: Int, $after: String, $last: Int, $before: String, $skip: Int) { secrets(order: [environment_ASC, name_ASC],
        first: $first, after: $after, last: $last, before: $before, skip: $skip) { count edges { cursor node { name } }
        pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }";
    let names = |list: &Value| -> Vec<String> {
        let edges = list["edges"].as_array().unwrap();
        edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let one = data(query(&mia, page, &json!({ "first": 2 })))["secrets"].clone();
    assert_eq!((names(&one), &one["count"]), (vec!["BINARY".to_owned(), "PORT".to_owned()], &json!(5)));
    assert_eq!((&one["pageInfo"]["hasNextPage"], &one["pageInfo"]["hasPreviousPage"]), (&json!(true), &json!(false)));
    let two = data(query(&mia, page, &json!({ "first": 2, "after": one["pageInfo"]["endCursor"] })))["secrets"].clone();
    assert_eq!(
        (names(&two), &two["pageInfo"]["hasPreviousPage"]),
        (vec!["STRIPE_KEY".to_owned(), "TOKEN".to_owned()], &json!(true))
    );
    let last = data(query(&mia, page, &json!({ "last": 1 })))["secrets"].clone();
    assert_eq!((names(&last), &last["pageInfo"]["hasNextPage"]), (vec!["TOKEN".to_owned()], &json!(false)));
    assert_eq!(last["edges"][0]["cursor"], last["pageInfo"]["startCursor"]);
    let before = data(query(&mia, page, &json!({ "before": two["edges"][1]["cursor"], "last": 1 })))["secrets"].clone();
    assert_eq!(names(&before), ["STRIPE_KEY"]);
    refused(&query(&mia, page, &json!({ "first": -1 })), 102, "first");
    refused(&query(&mia, page, &json!({ "after": "x" })), 102, "after");

    let by_owner =
        "query Q($name: String) { secrets(where: { owner: { have: { username: { equalTo: $name } } } }) { count } }";
    assert_eq!(data(query(&mia, by_owner, &json!({ "name": "mia" })))["secrets"]["count"], 5);
    assert_eq!(data(query(&mia, by_owner, &json!({ "name": "noah" })))["secrets"]["count"], 0);
    for (condition, what) in [
        ("value: { equalTo: \"s3cret-of-dev\" }", "value"),
        ("name: { near: 1 }", "near"),
        ("colour: { equalTo: \"red\" }", "colour"),
        ("createdAt: { greaterThan: \"yesterday\" }", "date"),
    ] {
        refused(&query(&mia, &format!("{{ secrets(where: {{ {condition} }}) {{ count }} }}"), &json!({})), 102, what);
    }
    refused(&query(&mia, "{ secrets(order: [value_ASC]) { count } }", &json!({})), 102, "value_ASC");
}

//! Creating, changing and removing objects, and calling functions.

use super::{data, query, reads, refused};
use crate::harness::Place;
use serde_json::{Value, json};
use vault::log::Action;

#[test]
fn an_object_is_created_changed_and_removed() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let create = "mutation M($fields: CreateSecretFieldsInput) { createSecret(input: { fields: $fields, clientMutationId: \"c\" }) {
        clientMutationId secret { id objectId name version createdAt updatedAt tags { ... on Element { value } } expiresAt } } }";
    let fields = json!({ "name": "NEW_KEY", "value": "first", "environment": "dev", "kind": "api-key", "note": "n", "tags": ["eu"],
        "expiresAt": "2030-01-01T00:00:00.000Z" });
    let made = data(query(&mia, create, &json!({ "fields": fields })))["createSecret"].clone();
    assert_eq!((&made["clientMutationId"], &made["secret"]["version"]), (&json!("c"), &json!(1)));
    assert_eq!(
        (&made["secret"]["tags"], &made["secret"]["expiresAt"]),
        (&json!([{ "value": "eu" }]), &fields["expiresAt"])
    );
    let id = made["secret"]["id"].clone();
    refused(&query(&mia, create, &json!({ "fields": fields })), 137, "already");

    let update = "mutation M($id: ID!, $value: String, $note: String, $version: Int) { updateSecret(input: { id: $id,
        fields: { value: $value, note: $note }, version: $version }) { secret { version note value } } }";
    let updated = data(query(&mia, update, &json!({ "id": id, "value": "second" })));
    // A variable that wasn't sent changes nothing. A null variable removes the note.
    assert_eq!(updated["updateSecret"]["secret"], json!({ "version": 2, "note": "n", "value": "second" }));
    let updated = data(query(&mia, update, &json!({ "id": id, "note": null, "version": 2 })));
    assert_eq!(updated["updateSecret"]["secret"], json!({ "version": 2, "note": null, "value": "second" }));
    assert_eq!(reads(&place, "mia", "shop"), 2, "a value in the answer to a change must be logged, too");

    let delete = "mutation M($id: ID!, $version: Int) { deleteSecret(input: { id: $id, version: $version }) { secret { objectId name } } }";
    refused(&query(&mia, delete, &json!({ "id": id, "version": 1 })), 119, "has version 2 now");
    let gone = data(query(&mia, delete, &json!({ "id": id, "version": 2 })));
    assert_eq!(gone["deleteSecret"]["secret"], json!({ "objectId": made["secret"]["objectId"], "name": "NEW_KEY" }));
    refused(&query(&mia, delete, &json!({ "id": id })), 101, "not found");

    // The other classes are views of the same items.
    let variable = "mutation { createEnvironmentVariable(input: { fields: { key: \"MODE\", value: \"v\" } }) { environmentVariable { key environment } } }";
    let made = data(query(&mia, variable, &json!({})));
    assert_eq!(
        made["createEnvironmentVariable"]["environmentVariable"],
        json!({ "key": "MODE", "environment": "dev" })
    );
    let counted = "{ secrets(where: { kind: { equalTo: \"variable\" } }) { count } }";
    assert_eq!(data(query(&mia, counted, &json!({})))["secrets"]["count"], 2);
    let actions: Vec<_> = place.log("mia").iter().map(|line| line.entry.action).collect();
    assert!(actions.contains(&Action::Remove) && actions.ends_with(&[Action::Set]), "{actions:?}");
}

#[test]
fn a_lost_update_is_refused() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let update = "mutation M($id: ID!, $value: String, $version: Int) { updateSecret(input: { id: $id, fields: { value: $value },
        version: $version }) { secret { version } } }";
    data(query(&mia, update, &json!({ "id": id, "value": "second", "version": 1 })));
    let answer = query(&mia, update, &json!({ "id": id, "value": "other", "version": 1 }));
    refused(&answer, 119, "has version 2 now");
    assert_eq!(answer.body["errors"][0]["extensions"]["reason"], "changed");
    assert_eq!(answer.body["errors"][0]["path"], json!(["updateSecret"]));
    let read = query(&mia, "query Q($id: ID!) { secret(id: $id) { value version } }", &json!({ "id": id }));
    assert_eq!(data(read)["secret"], json!({ "value": "second", "version": 2 }));
    let headers = [("if-match", "2")];
    let body = json!({ "query": update, "variables": { "id": id, "value": "x" } });
    refused(&mia.ask_with("POST", "/graphql", &headers, Some(&body)), 142, "version into the input");
}

#[test]
fn functions_are_called_with_call_cloud_code() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let id = mia.item("dev", "TOKEN");
    let call = |name: &str, params: Value, version: Value| {
        let text = "mutation M($name: CloudCodeFunction!, $params: Object, $version: Int) {
            callCloudCode(input: { functionName: $name, params: $params, version: $version, clientMutationId: \"f\" }) { result clientMutationId } }";
        query(&mia, text, &json!({ "name": name, "params": params, "version": version }))
    };
    let rotated = data(call("rotate", json!({ "objectId": id, "length": 40 }), Value::Null))["callCloudCode"].clone();
    assert_eq!((&rotated["result"]["version"], &rotated["clientMutationId"]), (&json!(2), &json!("f")));
    refused(&call("rollback", json!({ "objectId": id, "version": 1 }), json!(1)), 119, "now, not");
    assert_eq!(
        data(call("rollback", json!({ "objectId": id, "version": 1 }), json!(2)))["callCloudCode"]["result"]["version"],
        3
    );
    let history = data(call("history", json!({ "objectId": id }), Value::Null))["callCloudCode"]["result"].clone();
    assert_eq!(history.as_array().unwrap().len(), 3);
    let granted =
        data(call("grant", json!({ "username": "noah", "environment": "prod", "right": "read" }), Value::Null));
    assert_eq!(granted["callCloudCode"]["result"]["user"]["username"], "noah");
    refused(&call("format", json!({}), Value::Null), 102, "CloudCodeFunction");
    refused(&call("rotate", json!({ "objectId": id, "depth": 1 }), Value::Null), 142, "has no parameter");
}

#[test]
fn an_invalid_change_is_refused_with_the_rule_it_breaks() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let before = std::fs::read(place.vault()).unwrap();
    for (fields, code, rule) in [
        ("name: \"A\"", 102, "value"),
        ("name: \"A B\", value: \"v\"", 142, "a space"),
        ("name: \"A\", value: 1", 102, "String"),
        ("name: \"A\", value: \"v\", colour: \"red\"", 102, "colour"),
        ("name: \"A\", value: \"v\", kind: \"thing\"", 142, "thing"),
        ("name: \"A\", value: \"v\", environment: \"other\"", 101, "other"),
        ("name: \"A\", value: \"v\", expiresAt: \"soon\"", 142, "expiresAt"),
        ("name: \"A\", value: \"v\", tags: [1]", 142, "tags"),
        ("name: \"LD_PRELOAD\", value: \"v\"", 142, "LD_PRELOAD"),
        ("name: \"A\", value: \"v\", version: 1", 102, "version"),
    ] {
        let text = format!("mutation {{ createSecret(input: {{ fields: {{ {fields} }} }}) {{ secret {{ id }} }} }}");
        refused(&query(&mia, &text, &json!({})), code, rule);
    }
    let text = "mutation M($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }";
    for input in [json!("x"), json!({ "fields": "x" }), json!({ "fields": [] })] {
        let answer = query(&mia, text, &json!({ "input": input }));
        assert!(answer.body["errors"][0]["extensions"]["code"].is_u64(), "{answer:?}");
    }
    // A missing variable makes the whole request fail, whichever field needs it.
    let half =
        "mutation M($id: ID!) { createSecret(input: { fields: { name: \"HALF\", value: \"v\" } }) { secret { id } }
        deleteSecret(input: { id: $id }) { secret { id } } }";
    refused(&query(&mia, half, &json!({})).status(400), 102, "required");
    let id = mia.item("dev", "TOKEN");
    let update = |fields: &str| {
        let text = format!(
            "mutation {{ updateSecret(input: {{ id: \"{id}\", fields: {{ {fields} }} }}) {{ secret {{ id }} }} }}"
        );
        query(&mia, &text, &json!({}))
    };
    refused(&update("name: \"OTHER\""), 142, "name can't be changed");
    refused(&update("value: null"), 142, "value is required");
    data(update("name: \"TOKEN\""));
    assert_eq!(std::fs::read(place.vault()).unwrap(), before);
    refused(&query(&mia, "{ secret(id: \"0\") { id } }", &json!({})), 101, "not found");
    refused(&query(&mia, "{ node(id: \"0\") { id } }", &json!({})), 142, "global id");
    refused(&query(&mia, "{ secret { id } }", &json!({})), 102, "id");
}

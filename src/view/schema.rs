//! The JSON Schema of the objects. Commands print one object or a list of them.

use super::{
    AccessLog, Allowed, Diagnosis, Diff, Environment, ErrorObject, Exposure, Finding, Generated, Import, ItemDiff,
    Keys, LogArchive, LogStats, LogVerification, Lost, Pin, Request, RosterChange, Secret, ServerStatus, Status,
    Unlocked, User, Verification, Version,
};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// Returns the document that is committed.
fn whole() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut any = Vec::new();
    for list in [
        of::<Secret>,
        of::<Version>,
        of::<Environment>,
        of::<User>,
        of::<Keys<'static>>,
        of::<Exposure>,
        of::<RosterChange>,
        of::<Finding>,
        of::<Diagnosis>,
        of::<ItemDiff>,
        of::<Unlocked>,
        of::<ServerStatus>,
    ] {
        let object = list(&mut generator);
        any.push(json!({ "type": "array", "items": object }));
        any.push(object.into());
    }
    for object in [
        of::<AccessLog>,
        of::<Status>,
        of::<Pin>,
        of::<Import>,
        of::<Generated>,
        of::<Verification>,
        of::<Diff>,
        of::<LogArchive>,
        of::<LogStats>,
        of::<LogVerification>,
        of::<Request>,
        of::<Lost>,
        of::<Allowed>,
        of::<ErrorObject>,
    ] {
        any.push(object(&mut generator).into());
    }
    let mut definitions = generator.take_definitions(true);
    definitions.values_mut().for_each(close);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What vault prints as JSON; logs are JSON Lines",
        "anyOf": any,
        "$defs": definitions,
    })
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Forbids further properties. Otherwise an object would also match any other type that requires less.
fn close(definition: &mut Value) {
    if definition["type"] == "object" {
        definition["additionalProperties"] = false.into();
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
fn the_committed_schema_is_what_the_code_generates() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/vault.schema.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&whole()).unwrap());
    if std::env::var_os("VAULT_BLESS").is_some() {
        std::fs::write(committed, &text).unwrap();
    }
    let is_same = std::fs::read_to_string(committed).is_ok_and(|committed| committed == text);
    assert!(is_same, "{committed} is out of date: VAULT_BLESS=1 cargo test --lib schema");
}

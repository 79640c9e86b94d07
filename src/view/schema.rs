//! The JSON Schema of the objects. Commands print one object or a list of them.

use super::{
    AccessLog, Allowed, Diagnosis, Diff, Environment, ErrorObject, Exposure, Finding, Generated, Import, ItemDiff,
    Keys, LogArchive, LogStats, LogVerification, Lost, Pin, Request, RightsSet, RosterChange, Secret, ServerStatus,
    Status, Unlocked, User, Verification, Version,
};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// Returns the document that is committed.
fn whole() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut any = Vec::new();
    for list in [
        reference_to::<Secret>,
        reference_to::<Version>,
        reference_to::<Environment>,
        reference_to::<User>,
        reference_to::<Keys<'static>>,
        reference_to::<Exposure>,
        reference_to::<RosterChange>,
        reference_to::<Finding>,
        reference_to::<Diagnosis>,
        reference_to::<ItemDiff>,
        reference_to::<Unlocked>,
        reference_to::<ServerStatus>,
    ] {
        let object = list(&mut generator);
        any.push(json!({ "type": "array", "items": object }));
        any.push(object.into());
    }
    for object in [
        reference_to::<AccessLog>,
        reference_to::<Status>,
        reference_to::<Pin>,
        reference_to::<Import>,
        reference_to::<Generated>,
        reference_to::<Verification>,
        reference_to::<Diff>,
        reference_to::<LogArchive>,
        reference_to::<LogStats>,
        reference_to::<LogVerification>,
        reference_to::<Request>,
        reference_to::<Lost>,
        reference_to::<RightsSet>,
        reference_to::<Allowed>,
        reference_to::<ErrorObject>,
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

fn reference_to<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
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

//! The JSON Schema of what `--json` prints: one of the objects, or a list of them where commands print lists.

use crate::cli::showing::object::{
    AccessLog, Allowed, Diagnosis, Diff, Environment, ErrorObject, Exposure, Finding, Generated, Import, ItemDiff,
    Keys, LogArchive, LogStats, LogVerification, Lost, Pin, Request, RosterChange, Secret, Status, Unlocked, User,
    Verification, Version,
};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The document that is committed.
pub fn whole() -> Value {
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
        "title": "What vault --json prints; logs are lines of it",
        "anyOf": any,
        "$defs": definitions,
    })
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Without this each object would also pass for any that needs less.
fn close(definition: &mut Value) {
    if definition["type"] == "object" {
        definition["additionalProperties"] = false.into();
    }
}

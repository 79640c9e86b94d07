//! The output of `--json` conforms to `vault schema`.

use crate::harness::{Run, Sandbox, finish};
use serde_json::Value;

/// The keywords that the generated schema uses. Any other one fails the test.
const KNOWN: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "format",
    "items",
    "maximum",
    "minimum",
    "properties",
    "required",
    "type",
];

/// Returns whether the value conforms to this part of the schema.
fn fits(value: &Value, schema: &Value, root: &Value) -> bool {
    let rules = schema.as_object().unwrap();
    assert!(rules.keys().all(|rule| KNOWN.contains(&rule.as_str())), "{schema}");
    if let Some(reference) = rules.get("$ref") {
        return fits(value, root.pointer(&reference.as_str().unwrap()[1..]).unwrap(), root);
    }
    if let Some(any) = rules.get("anyOf") {
        return any.as_array().unwrap().iter().any(|schema| fits(value, schema, root));
    }
    if let Some(words) = rules.get("enum") {
        return words.as_array().unwrap().contains(value);
    }
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "string" => value.is_string(),
        "array" => value.as_array().is_some_and(|items| items.iter().all(|item| fits(item, &schema["items"], root))),
        "object" => value.is_object() && members_fit(value, schema, root),
        other => panic!("no type {other}"),
    };
    schema["type"].as_array().map_or_else(|| is(&schema["type"]), |kinds| kinds.iter().any(is))
}

/// Returns whether every printed field is in the schema, and every required one is printed.
fn members_fit(value: &Value, schema: &Value, root: &Value) -> bool {
    assert_eq!(schema["additionalProperties"], false);
    let described = |(name, member): (&String, &Value)| {
        schema["properties"].get(name).is_some_and(|schema| fits(member, schema, root))
    };
    let required = schema["required"].as_array().unwrap();
    value.as_object().unwrap().iter().all(described)
        && required.iter().all(|name| value.get(name.as_str().unwrap()).is_some())
}

struct Schema(Value);

impl Schema {
    /// Asserts that every line of the output conforms to this object of the schema.
    #[track_caller]
    fn check(&self, output: &[u8], object: &str) {
        let one = serde_json::json!({ "$ref": format!("#/$defs/{object}") });
        let several = serde_json::json!({ "type": "array", "items": one });
        let lines: Vec<&[u8]> = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        assert!(!lines.is_empty(), "no {object} was printed");
        for line in lines {
            let value: Value = serde_json::from_slice(line).unwrap();
            let any = self.0["anyOf"].as_array().unwrap();
            let is_listed = |schema: &Value| any.contains(schema) && fits(&value, schema, &self.0);
            assert!(is_listed(&one) || is_listed(&several), "{object}: {value}");
            assert!(value.as_array().is_none_or(|items| !items.is_empty()), "an empty list shows nothing");
        }
    }
}

fn schema(sandbox: &Sandbox) -> Schema {
    Schema(sandbox.run(["schema"]).ok().json())
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(arguments.iter().chain(&["--json"]))
}

#[test]
fn the_output_of_commands_on_items_conforms_to_the_schema() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let schema = schema(&sandbox);
    sandbox.write(".env", "A=1\nB=long-enough\nno assignment\n");
    sandbox.write("leak.txt", "long-enough");
    sandbox.write(".env.example", "MISSING=\n");
    schema.check(&json(&sandbox, &["import", "--dry-run"]).ok().stdout, "Import");
    schema.check(&json(&sandbox, &["import"]).ok().stdout, "Import");
    schema.check(
        &json(&sandbox, &["set", "K=v", "--kind", "api-key", "--tag", "x", "--note", "n", "--expires", "9d"])
            .ok()
            .stdout,
        "Secret",
    );
    sandbox.set("BINARY", b"\xff");
    for arguments in
        [&["list"][..], &["list", "--values"], &["get", "A"], &["get", "BINARY"], &["rotate", "A", "--generate"]]
    {
        schema.check(&json(&sandbox, arguments).ok().stdout, "Secret");
    }
    schema.check(&json(&sandbox, &["history", "A", "--values"]).ok().stdout, "Version");
    schema.check(&json(&sandbox, &["check"]).stdout, "Finding");
    schema.check(&json(&sandbox, &["scan"]).stdout, "Finding");
    schema.check(&json(&sandbox, &["env", "diff", "dev", "prod"]).ok().stdout, "ItemDiff");
    sandbox.git(&["init", "-q"]).ok();
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", "none"]).ok();
    schema.check(&json(&sandbox, &["diff", "--values"]).ok().stdout, "Diff");
    schema.check(&json(&sandbox, &["log"]).ok().stdout, "AccessLog");
    schema.check(&json(&sandbox, &["log", "verify"]).ok().stdout, "LogVerification");
    schema.check(&json(&sandbox, &["log", "archive", "--before", "2001-01-01"]).ok().stdout, "LogArchive");
    schema.check(&json(&sandbox, &["generate"]).ok().stdout, "Generated");
    schema.check(json(&sandbox, &["get", "NOWHERE"]).stderr.as_bytes(), "ErrorObject");
    schema.check(json(&sandbox, &["gte", "NOWHERE"]).stderr.as_bytes(), "ErrorObject");
}

#[test]
fn the_output_of_commands_on_vaults_environments_and_users_conforms_to_the_schema() {
    let sandbox = Sandbox::empty();
    let schema = schema(&sandbox);
    let created = json(&sandbox, &["init", "--key", "-e", "dev"]).ok();
    schema.check(&created.stdout, "Keys");
    let mut sandbox = sandbox;
    sandbox.use_key(created.json()["key"].as_str().unwrap());
    sandbox.set("A", b"1");
    schema.check(&json(&sandbox, &["user", "add", "ci", "--read", "dev"]).ok().stdout, "Keys");
    sandbox.write("names", "ann\nbea\n");
    schema.check(&json(&sandbox, &["user", "add", "--names", "names"]).ok().stdout, "Keys");
    schema.check(&json(&sandbox, &["user", "list"]).ok().stdout, "User");
    schema.check(&json(&sandbox, &["user", "role", "ci", "admin"]).ok().stdout, "RightsSet");
    schema.check(&json(&sandbox, &["grant", "ci", "dev:write"]).ok().stdout, "RightsSet");
    schema.check(&json(&sandbox, &["user", "history"]).ok().stdout, "RosterChange");
    schema.check(&json(&sandbox, &["exposure", "ci"]).ok().stdout, "Exposure");
    schema.check(&json(&sandbox, &["revoke", "ci", "dev"]).ok().stdout, "Lost");
    schema.check(&json(&sandbox, &["join", "--request", "--user", "ben"]).ok().stdout, "Request");
    schema.check(&json(&sandbox, &["env", "list"]).ok().stdout, "Environment");
    for arguments in [&["status"][..], &[]] {
        schema.check(&json(&sandbox, arguments).ok().stdout, "Status");
    }
    schema.check(&json(&sandbox, &["status", "--pin"]).ok().stdout, "Pin");
    schema.check(&json(&sandbox, &["verify"]).ok().stdout, "Verification");
    let keys = json(&sandbox, &["passwd", "--key"]).ok();
    schema.check(&keys.stdout, "Keys");
    sandbox.use_key(keys.json()["key"].as_str().unwrap());
    sandbox.run(["list"]).ok();
}

#[test]
fn with_json_a_recovery_key_is_only_in_the_object() {
    let sandbox = Sandbox::empty();
    let schema = schema(&sandbox);
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments.iter().chain(&["--json", "--work-factor", "10"]));
        command.env("VAULT_PASSPHRASE", "seven purple lanterns drift over quiet harbors");
        finish(command).ok()
    };
    let created = run(&["init"]);
    schema.check(&created.stdout, "Keys");
    assert!(created.json()["recoveryKey"].is_string() && !created.stderr.contains("AGE-SECRET"), "{created:?}");
    schema.check(&run(&["recovery"]).stdout, "Keys");
}

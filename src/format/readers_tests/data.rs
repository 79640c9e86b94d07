use super::{VALUE, item, missing, output, texts};
use crate::format::export::{Format, Item, write};
use std::collections::BTreeMap;
use std::process::Command;

type Values = BTreeMap<String, String>;

/// Returns texts, with special cases for each format among them.
fn values() -> Vec<String> {
    let mut values = texts(VALUE, 10, 500);
    let traps = [
        "0123",
        "1.10",
        "no",
        "~",
        "null",
        "1e3",
        "2024-01-01",
        "- a",
        "a: b",
        "|",
        ">",
        "&a",
        "*a",
        "!b",
        "@",
        "%{if}",
        "$${A}",
        "$$${A}",
        "%%{A}",
        "{{ .A }}",
        "=1+1",
        "a,b",
        "\u{7f}",
        "\u{80}",
        "\u{ffff}",
        "\u{1f600}",
        "Straße",
        "日本",
    ];
    values.extend(traps.map(str::to_owned));
    values
}

/// Returns the values that the format can represent, by name, and a file with all of them.
fn carried(format: Format) -> (Values, Vec<u8>) {
    let named = values().into_iter().enumerate().map(|(i, value)| (format!("V{i}"), value));
    let kept: Values = named.filter(|(name, value)| write(format, &[item(name, value.as_bytes())]).is_ok()).collect();
    let items: Vec<Item<'_>> = kept.iter().map(|(name, value)| item(name, value.as_bytes())).collect();
    let file = write(format, &items).unwrap().to_vec();
    (kept, file)
}

fn python(program: &str, input: &[u8]) -> Option<Values> {
    let output = output(Command::new("python3").args(["-c", program]), input)?;
    Some(serde_json::from_slice(&output).unwrap())
}

#[test]
fn pyyaml_reads_yaml_back_unchanged() {
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))";
    let (expected, file) = carried(Format::Yaml);
    assert_eq!(expected.len(), values().len());
    if let Some(found) = python(program, &file) {
        assert_eq!(found, expected);
    }
}

#[test]
fn pyyaml_reads_keys_as_text() {
    let program =
        "import json, sys, yaml; print(json.dumps({str(k): v for k, v in yaml.safe_load(sys.stdin).items()}))";
    let names = ["no", "NULL", "1_000", "1.5", "0x1F", "_", "a.b-c", "12:30", "y", "A"];
    let names: Vec<&str> = names.into_iter().filter(|name| crate::name::ItemName::new(*name).is_ok()).collect();
    let items: Vec<Item<'_>> = names.iter().map(|name| item(name, name.as_bytes())).collect();
    if let Some(found) = python(program, &write(Format::Yaml, &items).unwrap()) {
        assert!(found.iter().all(|(name, value)| name == value), "{found:?}");
        assert_eq!(found.len(), names.len());
    }
}

#[test]
fn python_reads_toml_back_unchanged() {
    let program = "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.buffer.read().decode())))";
    let (expected, file) = carried(Format::Toml);
    assert_eq!(expected.len(), values().len());
    if let Some(found) = python(program, &file) {
        assert_eq!(found, expected);
    }
}

#[test]
fn python_reads_csv_back_unchanged() {
    let program = "import csv, io, json, sys
rows = list(csv.reader(io.StringIO(sys.stdin.buffer.read().decode(), newline='')))
assert rows[0] == ['name', 'value']
print(json.dumps(dict(rows[1:])))";
    let (expected, file) = carried(Format::Csv);
    assert_eq!(expected.len(), values().len());
    if let Some(found) = python(program, &file) {
        assert_eq!(found, expected);
    }
}

#[test]
fn jq_reads_json_back_unchanged() {
    let (expected, file) = carried(Format::Json);
    let Some(found) = output(Command::new("jq").args(["-ac", "."]), &file) else { return };
    assert_eq!(serde_json::from_slice::<Values>(&found).unwrap(), expected);
}

#[test]
fn docker_and_compose_files_are_read_back_unchanged_in_their_dialects() {
    use crate::format::dotenv::{Dialect, References, parse};
    for (format, dialect) in [(Format::Docker, Dialect::Docker), (Format::Compose, Dialect::Compose)] {
        let (expected, file) = carried(format);
        assert!(expected.len() > 300, "{format} {}", expected.len());
        let read = parse(&file, dialect, References::Keep).unwrap().entries;
        let found: Values = read.into_iter().map(|e| (e.name, e.value.as_str().unwrap().to_owned())).collect();
        assert_eq!(found, expected, "{format}");
    }
}

#[test]
fn a_kubernetes_secret_can_hold_any_bytes() {
    use base64::Engine as _;
    let values = [("A", vec![0, 0xff, b'\n']), ("tls.key", b"x".to_vec()), ("NO", Vec::new())];
    let items: Vec<Item<'_>> = values.iter().map(|(name, value)| item(name, value)).collect();
    let file = write(Format::K8s, &items).unwrap();
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())['data']))";
    let Some(found) = python(program, &file) else { return };
    for (name, value) in &values {
        assert_eq!(&base64::engine::general_purpose::STANDARD.decode(&found[*name]).unwrap(), value);
    }
}

/// Terraform is large and rarely installed. Without it this test passes, even in CI.
#[test]
fn terraform_reads_tfvars_back_unchanged() {
    let (expected, file) = carried(Format::Tfvars);
    assert!(expected.len() > 400, "{}", expected.len());
    if Command::new("terraform").arg("version").output().is_err() {
        println!("skipped: terraform is not installed");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let variables: String = expected.keys().map(|name| format!("variable \"{name}\" {{ type = string }}\n")).collect();
    std::fs::write(directory.path().join("main.tf"), variables).unwrap();
    std::fs::write(directory.path().join("terraform.tfvars"), file).unwrap();
    let pairs: Vec<String> = expected.keys().map(|name| format!("{name} = var.{name}")).collect();
    let question = format!("base64encode(jsonencode({{ {} }}))\n", pairs.join(", "));
    let mut command = Command::new("terraform");
    command.arg("console").current_dir(directory.path()).env("CHECKPOINT_DISABLE", "1");
    let answer = output(&mut command, question.as_bytes()).or_else(|| missing("terraform")).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    use base64::Engine as _;
    let json = base64::engine::general_purpose::STANDARD.decode(answer.trim().trim_matches('"')).unwrap();
    assert_eq!(serde_json::from_slice::<Values>(&json).unwrap(), expected);
}

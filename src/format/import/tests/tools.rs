//! The output of other tools: password managers, Kubernetes, Docker, sops and doppler.

use super::*;

#[test]
fn lists_of_assignments_and_docker_inspect_are_read() {
    let list = flat(Source::Json, "[\"A=b=c\",\n\"PATH\",\n\"EMPTY=\"]");
    assert_eq!(values(&list), [("A", "b=c"), ("EMPTY", "")]);
    assert_eq!(notes(&list), ["line 2  not an assignment; left out"]);
    let inspect = "[{\"Id\": \"x\", \"Config\": {\"Hostname\": \"h\", \"Env\": [\"A=1\", \"B=2\"]}}]";
    assert_eq!(values(&flat(Source::Json, inspect)), [("A", "1"), ("B", "2")]);
    assert_eq!(values(&flat(Source::Yaml, "- A=1\n- B=x y\n")), [("A", "1"), ("B", "x y")]);
}

#[test]
fn values_that_sops_has_not_decrypted_are_refused() {
    let hint = "decrypt it first: [import-decrypted]";
    for (source, text) in [
        (Source::Yaml, "a: ENC[AES256_GCM,data:x,type:str]\nsops:\n  mac: x\n  version: 3.9.0\n"),
        (Source::Json, "{\"a\": \"ENC[AES256_GCM,data:x,type:str]\"}"),
        (Source::Dotenv, "A=ENC[AES256_GCM,data:x,type:str]\nsops_version=3.9.0\n"),
    ] {
        let error = error(source, text);
        assert!(error.to_string().contains("still encrypted by sops"), "{error}");
        assert_eq!(error.advice().unwrap().to_string(), hint);
    }
    assert_eq!(values(&flat(Source::Yaml, "a: b\n")), [("a", "b")]);
}

#[test]
fn names_that_doppler_adds_are_left_out() {
    let text = r#"{"A": "1", "DOPPLER_CONFIG": "dev", "DOPPLER_ENVIRONMENT": "dev", "DOPPLER_PROJECT": "p"}"#;
    let json = flat(Source::Json, text);
    assert_eq!(values(&json), [("A", "1")]);
    assert_eq!(json.notes.len(), 3);
    let dotenv = "A=\"1\"\nDOPPLER_CONFIG=\"dev\"\nDOPPLER_ENVIRONMENT=\"dev\"\nDOPPLER_PROJECT=\"p\"\n";
    assert_eq!(values(&flat(Source::Dotenv, dotenv)), [("A", "1")]);
    assert_eq!(values(&flat(Source::Dotenv, "DOPPLER_CONFIG=x\n")), [("DOPPLER_CONFIG", "x")]);
}

#[test]
fn a_1password_export_is_read() {
    let csv = "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\r\n\
        GitHub Token (prod),https://x,mia,\"p\"\"w,1\",,false,false,work;Team/ci,\r\n\
        STRIPE_KEY,,,sk_1,,false,false,,\"two\r\nlines\"\r\n\
        Server note,,,,,false,false,,root\r\n\
        Empty,,,,,false,false,,\r\n";
    let imported = flat(Source::Csv, csv);
    let expected = [
        ("GITHUB_TOKEN_PROD", "p\"w,1"),
        ("GITHUB_TOKEN_PROD_USERNAME", "mia"),
        ("GITHUB_TOKEN_PROD_URL", "https://x"),
        ("STRIPE_KEY", "sk_1"),
        ("STRIPE_KEY_NOTES", "two\r\nlines"),
        ("SERVER_NOTE", "root"),
    ];
    assert_eq!(values(&imported), expected);
    let expected = [
        "line 2  GITHUB_TOKEN_PROD: named after the title \"GitHub Token (prod)\"",
        "line 2  GITHUB_TOKEN_PROD: not all of its tags fit: an item has at most 16, of A-Z a-z 0-9 _ . -",
        "line 5  SERVER_NOTE: named after the title \"Server note\"",
        "line 6  the record \"Empty\" without a value that vault imports; left out",
    ];
    assert_eq!(notes(&imported), expected);
    assert_eq!(imported.entries[0].tags, ["work", "Team-ci"]);
    assert_eq!([0, 1, 2, 3].map(|index: usize| imported.notes[index].is_left_out), [false, true, false, true]);
    let other = flat(Source::Csv, "title,password,Passkey\nA,1,x\nB,2,\n");
    assert_eq!(notes(&other), ["line 2  A: its \"passkey\"; left out"]);
    assert!(error(Source::Csv, "a,b\n1,2\n").advice().is_some());
}

#[test]
fn a_bitwarden_export_is_read() {
    let json = r#"{"encrypted": false, "folders": [], "items": [
        {"type": 1, "name": "db", "notes": null, "login": {"username": "u", "password": "p", "totp": null, "uris": [{"uri": "https://y"}]},
         "fields": [{"name": "Read replica", "value": "r", "type": 0}]},
        {"type": 2, "name": "PEM", "notes": "a\nb", "secureNote": {"type": 0}},
        {"type": 3, "name": "Visa", "notes": null, "card": {"number": "4111"}}]}"#;
    let imported = flat(Source::Json, json);
    assert_eq!(
        values(&imported),
        [("db", "p"), ("db_USERNAME", "u"), ("db_URL", "https://y"), ("db_READ_REPLICA", "r"), ("PEM", "a\nb")]
    );
    assert_eq!(notes(&imported), ["line 5  the record \"Visa\" without a value that vault imports; left out"]);
    let card = r#"{"items": [{"name": "V", "notes": "n", "card": {"code": "1"}}], "encrypted": false}"#;
    assert_eq!(notes(&flat(Source::Json, card)), ["line 1  V: its \"card\"; left out"]);
    assert_eq!(error(Source::Json, "{\"encrypted\": true, \"data\": \"x\"}").to_string(), "the export is encrypted");
}

#[test]
fn kubernetes_data_is_decoded() {
    let secret = flat(Source::Yaml, include_str!("../../fixtures/k8s-secret.yaml"));
    assert_eq!(values(&secret), [("DB_PASSWORD", "pw-1")]);
    assert_eq!(values(&read(Source::Yaml, include_bytes!("../../fixtures/k8s-secret.yaml"), &PLAIN).unwrap()).len(), 1);
    let both = "---\napiVersion: v1\nkind: Secret\ndata:\n  A: eA==\n  B: |\n    e\n    Q==\nstringData: {A: over}\n---\n\
        apiVersion: v1\nkind: ConfigMap\ndata:\n  HOST: h\nbinaryData:\n  BIN: /w==\n---\napiVersion: apps/v1\nkind: Deployment\n---\n";
    let imported = flat(Source::Yaml, both);
    let found: Vec<(&str, &[u8])> = imported.entries.iter().map(|entry| (entry.name.as_str(), &*entry.value)).collect();
    assert_eq!(found, [("B", b"y" as &[u8]), ("A", b"over"), ("HOST", b"h"), ("BIN", b"\xff")]);
    assert_eq!(notes(&imported)[1], "line 18  an object of kind \"Deployment\"; left out");
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "data": {"A": "eA=="}}]}"#;
    assert_eq!(values(&flat(Source::Json, list)), [("A", "x")]);
    for (text, message) in [
        (
            "apiVersion: v1\nkind: Secret\ndata:\n  A: hunter2!\n",
            "line 4: \"A\" is not base64, which the data of a Secret must be",
        ),
        ("apiVersion: v1\nkind: SealedSecret\n", "line 1 begins a SealedSecret, which only its cluster can decrypt"),
        (
            "apiVersion: v1\nkind: Secret\ndata:\n  A: {b: c}\n",
            "line 4: \"A\" is a group of values, not a single value",
        ),
        ("apiVersion: v1\nkind: Secret\n---\nA: 1\n", "line 3 begins a second YAML document"),
        ("apiVersion: v1\nkind: Secret\nsops: {mac: x}\n", "the file is still encrypted by sops"),
    ] {
        assert_eq!(error(Source::Yaml, text).to_string(), message);
    }
}

#[test]
fn kubernetes_and_terraform_exports_are_imported_unchanged() {
    let items = [("A", "x\ny"), ("B", "it's ${HOME} %{if} \"q\" \\"), ("EMPTY", "")];
    let items = items.map(|(name, value)| Item { name, value: value.as_bytes(), is_variable: false, note: None });
    for (format, source) in [(Format::K8s, Source::Yaml), (Format::Tfvars, Source::Tfvars)] {
        let imported = read(source, &export::write(format, &items).unwrap(), &PLAIN).unwrap();
        let found: Vec<&[u8]> = imported.entries.iter().map(|entry| &*entry.value).collect();
        assert_eq!(found, items.map(|item| item.value), "{format}");
    }
}

#[test]
fn the_output_of_op_and_bitwarden_is_read() {
    let item = flat(Source::Json, include_str!("../../fixtures/op-item-get.json"));
    assert_eq!(values(&item), [("App", "pw-1")]);
    let json = r#"[{"id": "x", "title": "App db", "tags": ["prod"], "urls": [{"href": "https://x"}], "fields": [
        {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username", "value": "u"},
        {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "p"},
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"},
        {"id": "t", "type": "OTP", "label": "one-time password", "value": "otpauth://x", "totp": "1"},
        {"id": "y", "type": "STRING", "label": "port", "value": "5432", "section": {"id": "s", "label": "Replica"}}]}]"#;
    let imported = flat(Source::Json, json);
    let expected = [
        ("APP_DB", "p"),
        ("APP_DB_USERNAME", "u"),
        ("APP_DB_OTP", "otpauth://x"),
        ("APP_DB_URL", "https://x"),
        ("APP_DB_REPLICA_PORT", "5432"),
    ];
    assert_eq!(values(&imported), expected);
    assert_eq!(imported.entries[0].tags, ["prod"]);
    let csv = flat(Source::Csv, include_str!("../../fixtures/bitwarden.csv"));
    let expected =
        [("SITE_A", "pw-1"), ("SITE_A_USERNAME", "user"), ("SITE_A_NOTES", "n"), ("SITE_A_URL", "https://a.example")];
    assert_eq!(values(&csv), expected);
    let header = include_str!("../../fixtures/bitwarden.csv").lines().next().unwrap();
    let csv = flat(Source::Csv, &format!("{header}\n,,note,PIN,1234,\"a: b\nc: d: e\",0,,,,\n"));
    assert_eq!(values(&csv), [("PIN", "1234"), ("PIN_a", "b"), ("PIN_c", "d: e")]);
    let alone = r#"{"object": "item", "name": "db", "login": {"password": "p"}}"#;
    assert_eq!(values(&flat(Source::Json, alone)), [("db", "p")]);
}

//! Nothing in a file is lost silently: each part is a value, or is noted as left out, or the file is refused.

use super::*;

fn is_left_out(imported: &Imported) -> bool {
    imported.notes.is_anything_left_out()
}

#[test]
fn a_record_with_more_or_fewer_fields_than_the_header_is_refused() {
    for (text, line, fields) in [
        ("name,value\nDBURL,postgres://u:p,w@h/db?opt=a,b\n", 2, "4 fields, and the header has 2"),
        ("title,password\nGH,pw,with,commas\n", 2, "4 fields, and the header has 2"),
        ("name,value\nA,1\nB,line1\nline2\n", 4, "1 field, and the header has 2"),
        ("name,value\nA,1,\n", 2, "3 fields, and the header has 2"),
    ] {
        let error = error(Source::Csv, text);
        assert_eq!(error.to_string(), format!("line {line} has {fields}"));
        assert!(error.advice().unwrap().to_string().contains("in quotes"));
    }
}

#[test]
fn columns_that_are_not_read_are_noted_by_their_position() {
    for (text, expected) in [
        ("name,value,note,tags\nA,1,n,t\nB,2,,\n", "line 2  what is in \"note\", \"tags\"; left out"),
        ("name,value,value,\nA,1,2,3\n", "line 2  what is in \"value\", \"column 4\"; left out"),
        ("name,key,value\nA,k,1\n", "line 2  what is in \"key\"; left out"),
        (
            "title,url,website,username,login_username,password\nA,u,u2,n,n2,p\n",
            "line 2  A: its \"website\", \"login_username\"; left out",
        ),
        ("title,password,password\nA,p,p2\n", "line 2  A: its \"password\"; left out"),
        ("title,password,folder,type\nA,p,Work,login\n", "line 2  A: its \"folder\"; left out"),
        ("title,password,type\nA,p,other\n", "line 2  A: its \"type\"; left out"),
    ] {
        assert_eq!(notes(&flat(Source::Csv, text)), [expected], "{text}");
    }
    let flags = "title,password,favorite,type,reprompt\nA,p,1,login,0\n";
    assert_eq!(notes(&flat(Source::Csv, flags)), [""; 0]);
}

#[test]
fn tags_that_change_are_noted() {
    let many: Vec<String> = (0..20).map(|n| format!("t{n}")).collect();
    for tags in ["Team/ci", "ключ", &many.join(";")] {
        let imported = flat(Source::Csv, &format!("title,password,tags\nA,p,{tags}\n"));
        assert!(
            is_left_out(&imported) && notes(&imported)[0].starts_with("line 2  A: not all of its tags fit"),
            "{tags}"
        );
    }
}

#[test]
fn a_custom_field_of_bitwarden_keeps_all_its_lines() {
    let read = |fields: &str| flat(Source::Csv, &format!("name,login_password,fields\nA,p,\"{fields}\"\n"));
    let imported = read("PIN: 1234\nRecovery: line1\nline2-secret\nTAN:9999");
    let expected = [("A", "p"), ("A_PIN", "1234"), ("A_Recovery", "line1\nline2-secret\nTAN:9999")];
    assert_eq!((values(&imported), is_left_out(&imported)), (expected.to_vec(), false));
    assert_eq!(values(&read("first\nB: 1\r\n")), [("A", "p"), ("A_FIELD", "first"), ("A_B", "1")]);
    assert_eq!(notes(&read("B: \nC: 1")), ["line 2  A: its \"B\"; left out"]);
}

#[test]
fn each_kind_of_line_end_counts() {
    let error = error(Source::Csv, "name,value\rA,1\rB,2\rC,x\"y\r");
    assert_eq!(error.to_string(), "line 4 has a misplaced quote");
    let text = "name,value\r\nA,1\r\n\r\nB,\"x\r\ny\"\r\nC,3";
    assert_eq!(lines(&flat(Source::Csv, text)), [2, 4, 6]);
    // What follows a comment in a file with CR line ends is read, or is noted, or the file is refused.
    for source in Source::ALL {
        for dialect in Dialect::ALL {
            let read = read(source, b"# c\rA=1\rB=2\n", &Options { dialect, ..PLAIN });
            let is_whole = read.is_ok_and(|imported| imported.entries.len() < 2 && !is_left_out(&imported));
            assert!(!is_whole, "{source:?} {dialect}");
        }
    }
    assert_eq!(values(&flat(Source::Properties, "#c\rA=1\r\nB=2\rC=3")), [("A", "1"), ("B", "2"), ("C", "3")]);
}

#[test]
fn what_the_objects_of_other_programs_hold_besides_is_noted() {
    let bitwarden = |item: &str| format!(r#"{{"encrypted": false, "items": [{{"name": "A", {item}}}]}}"#);
    let op = |item: &str| format!(r#"{{"id": "x", "title": "A", {item}}}"#);
    for (text, name) in [
        (bitwarden(r#""login": {"password": "p"}, "passwordHistory": [{"password": "o"}]"#), "passwordHistory"),
        (bitwarden(r#""login": {"password": "p", "fido2Credentials": [{"keyValue": "k"}]}"#), "fido2Credentials"),
        (bitwarden(r#""login": {"password": "p1", "password": "p"}"#), "password"),
        (bitwarden(r#""login": {"password": "p", "uris": ["u"]}"#), "uris"),
        (bitwarden(r#""notes": "n", "login": "p""#), "login"),
        (bitwarden(r#""notes": "n", "fields": {"a": "b"}"#), "fields"),
        (bitwarden(r#""notes": "n", "fields": [{"name": "Linked", "value": null}]"#), "Linked"),
        (bitwarden(r#""notes": "n", "fields": [{"name": "F", "value": {"a": "b"}}]"#), "value"),
        (r#"{"encrypted": false, "folders": [{"name": "F"}], "items": []}"#.to_owned(), "folders"),
        (op(r#""fields": [{"id": "password", "value": "p"}], "files": [{"id": "f"}]"#), "files"),
        (op(r#""fields": [{"id": "password", "value": "p", "password_details": {"history": ["o"]}}]"#), "history"),
        (op(r#""fields": [{"id": "password", "value": "p"}, {"id": "x", "value": ["v"]}]"#), "value"),
        (op(r#""fields": [{"id": "password", "value": "p"}], "tags": [{"a": "b"}]"#), "tags"),
        (r#"[{"Config": {"Env": ["A=1"], "Cmd": ["--token", "t"]}}]"#.to_owned(), "Config.Env"),
        (r#"{"apiVersion": "v1", "kind": "Secret", "stringdata": {"A": "1"}}"#.to_owned(), "stringdata"),
        (
            r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"a": "b"}}}"#.to_owned(),
            "annotations",
        ),
        (r#"{"apiVersion": "v1", "kind": "List", "items": {"A": "1"}}"#.to_owned(), "items"),
    ] {
        let imported = flat(Source::Json, &text);
        assert!(is_left_out(&imported) && notes(&imported)[0].contains(name), "{text}: {:?}", notes(&imported));
    }
    let plain = [
        bitwarden(
            r#""id": "i", "type": 1, "login": {"password": "p", "totp": null, "uris": [{"uri": "u", "match": 1}]}"#,
        ),
        op(r#""vault": {"id": "v"}, "fields": [{"id": "password", "type": "CONCEALED", "value": "p"}]"#),
        r#"[{"Config": {"Env": ["A=1"]}}]"#.to_owned(),
        r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"A": "eA=="}}"#.to_owned(),
    ];
    for text in plain {
        assert!(!is_left_out(&flat(Source::Json, &text)), "{text}");
    }
}

#[test]
fn nothing_may_follow_the_document() {
    for (source, text) in [
        (Source::Json, "{\"A\": \"1\"} {\"B\": \"2\"}"),
        (Source::Json, "{\"A\": \"1\"}\nB=2"),
        (Source::Yaml, "A: 1\n...\nB: 2\n"),
        (Source::Yaml, "A: 1\n\0B: 2\n"),
        (Source::Toml, "A = 1\n\0B = 2\n"),
        (Source::Tfvars, "A = 1\n\0B = 2\n"),
    ] {
        assert!(read(source, text.as_bytes(), &FLAT).is_err(), "{source:?} {text:?}");
    }
}

/// Writes a table, with quotes where a cell needs them.
fn table(rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\n").collect()
}

const KNOWN: [[&str; 2]; 4] = [["name", "value"], ["Key", "Value"], ["title", "password"], ["name", "login_password"]];
const OTHERS: [&str; 14] = [
    "name",
    "key",
    "value",
    "title",
    "password",
    "username",
    "login_username",
    "url",
    "website",
    "notes",
    "note",
    "Passkey",
    "folder",
    "",
];

/// The columns of a table that vault can read, in any order.
fn columns() -> impl Strategy<Value = Vec<&'static str>> {
    let others = prop::collection::vec(prop::sample::select(&OTHERS[..]), 0..5);
    let all = (prop::sample::select(&KNOWN[..]), others).prop_map(|(known, others)| [&known[..], &others].concat());
    all.prop_shuffle()
}

proptest! {
    #[test]
    fn each_cell_is_a_value_or_in_a_column_that_is_noted_or_the_table_is_refused(
        columns in columns(),
        rows in prop::collection::vec(prop::collection::vec("[a-z,\"\n]{0,3}", 0..8), 1..4),
        is_even in any::<bool>(),
    ) {
        let mut file = vec![columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()];
        for (index, mut row) in rows.into_iter().enumerate() {
            // Each cell has a mark of its own, unless it is empty.
            for (at, cell) in row.iter_mut().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                cell.push_str(&format!("r{index}c{at}"));
            }
            if is_even {
                row.resize(columns.len(), String::new());
            }
            file.push(row);
        }
        let text = table(&file);
        let Ok(imported) = read(Source::Csv, text.as_bytes(), &PLAIN) else { return Ok(()) };
        let all_notes = notes(&imported).join("\n");
        let taken = |mark: &str| imported.entries.iter().any(|entry| {
            entry.value.as_str().unwrap().contains(mark) || entry.name.to_lowercase().contains(mark)
        });
        for cell in file[1..].iter().flatten().filter(|cell| !cell.is_empty()) {
            let mark = &cell[cell.len() - 4..];
            let at: usize = mark[3..].parse().unwrap();
            let column = match columns.get(at) {
                Some(&"") => format!("column {}", at + 1),
                Some(column) => column.to_lowercase(),
                None => String::from("no column"),
            };
            let is_noted = is_left_out(&imported)
                && (all_notes.contains(&format!("\"{column}\"")) || all_notes.contains("set again on line"))
                || all_notes.contains("record");
            prop_assert!(taken(mark) || is_noted, "{mark} of {text:?} is lost: {all_notes}");
        }
    }
}

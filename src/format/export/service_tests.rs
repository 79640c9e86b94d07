//! The formats of services whose readers the tests can't run.

use super::github::{masks, unmasked};
use super::tests::{item, single, written};
use super::{Format, Item, write};
use super::{Named, ObjectName, Target};
use proptest::prelude::*;

#[track_caller]
fn refuses(format: Format, value: &str) {
    let error = write(format, &[item("BAD", value.as_bytes())]).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{format} can't hold BAD (")), "{error}");
}

/// Parses `NAME<<END`, lines and `END` like the runner's `FileCommandManager`.
fn read_by_runner(file: &str) -> Vec<(String, String)> {
    let mut lines = file.strip_suffix('\n').unwrap_or(file).split('\n');
    let mut found = Vec::new();
    while let Some(first) = lines.next() {
        let (name, end) = first.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    found
}

#[test]
fn f4_a_delimiter_in_a_value_creates_no_second_variable() {
    let first = written(Format::Github, &[item("A", b"x")]);
    let end = first.lines().next().unwrap().split_once("<<").unwrap().1;
    let value = format!("x\n{end}\nB<<{end}\nstolen\n{end}\n");
    let file = written(Format::Github, &[item("A", value.as_bytes()), item("C", b"1")]);
    assert_eq!(read_by_runner(&file), [("A".to_owned(), value), ("C".to_owned(), "1".to_owned())]);
}

#[test]
fn f5_every_line_of_every_secret_is_masked() {
    let items = [
        item("PEM", b"-----BEGIN-----\n  abc%0Adef\r\n\n-----END-----\n"),
        Item { is_variable: true, ..item("PORT", b"3000") },
    ];
    let masks = masks(&items);
    let masks = masks.as_str().unwrap();
    assert_eq!(masks, "::add-mask::-----BEGIN-----\n::add-mask::abc%250Adef\n::add-mask::-----END-----\n");
    let file = read_by_runner(&written(Format::Github, &items));
    assert_eq!(file[1], ("PORT".to_owned(), "3000".to_owned()));
}

#[test]
fn github_refuses_only_names_that_the_runner_refuses_or_overrides() {
    for name in ["NODE_OPTIONS", "node_options", "GITHUB_SHA", "RUNNER_TEMP"] {
        assert!(write(Format::Github, &[item(name, b"x")]).is_err(), "{name}");
    }
    for name in ["GITHUB_CLIENT_SECRET", "GITHUB_APP_ID", "GITHUB_TOKEN", "RUNNER_TOKEN"] {
        assert!(write(Format::Github, &[item(name, b"x")]).is_ok(), "{name}");
    }
}

#[test]
fn github_masks_the_fields_of_a_json_value_but_no_braces() {
    let account = include_bytes!("../fixtures/service-account.json");
    let masks = masks(&[item("ACCOUNT", account)]);
    let masks: Vec<&str> =
        masks.as_str().unwrap().lines().map(|line| line.strip_prefix("::add-mask::").unwrap()).collect();
    assert!(masks.iter().all(|mask| mask.len() > 3), "{masks:?}");
    for mask in ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCexample", "-----END PRIVATE KEY-----"] {
        assert!(masks.contains(&mask), "{masks:?}");
    }
}

#[test]
fn github_masks_the_secret_parts_of_a_value_but_no_common_words() {
    let value = br#"{"type":"service_account","id":"0a1b2c3d4e5f6071","key":"line one\nline two","mail":"ci@example.com","db":"postgres://app:p%40ss-word@db.example.com/app"}"#;
    let masks = masks(&[item("ACCOUNT", value), item("AGAIN", b"line one")]);
    let masks: Vec<&str> = masks.as_str().unwrap().lines().skip(1).map(|line| &line["::add-mask::".len()..]).collect();
    let url = "postgres://app:p%2540ss-word@db.example.com/app";
    assert_eq!(masks, ["0a1b2c3d4e5f6071", "line one", "line two", url, "p%2540ss-word", "p@ss-word"]);
}

#[test]
fn github_names_the_secrets_that_are_too_short_to_be_masked() {
    let items = [
        item("PIN", b"123"),
        item("LINES", b"12\n34\n"),
        item("KEY", b"12\n3456\n"),
        item("EMPTY", b""),
        Item { is_variable: true, ..item("PORT", b"80") },
    ];
    assert_eq!(unmasked(&items), ["PIN", "LINES"]);
    let masks = masks(&items);
    assert_eq!(masks.as_str().unwrap(), "::add-mask::3456\n");
}

/// Unescapes command data in the order of the runner's `ActionCommand.UnescapeData`.
fn unescaped_by_runner(data: &str) -> String {
    data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

#[test]
fn f5_the_runner_masks_each_line_literally() {
    for value in ["%0A%0D%25%", "100%%250A-x", "a%3Ab::c,d", "::add-mask::x y", "{ \"a\": [1] }"] {
        let masks = masks(&[item("A", value.as_bytes())]);
        let masks: Vec<_> = masks.as_str().unwrap().lines().map(|line| line.strip_prefix("::add-mask::")).collect();
        assert!(masks.iter().flatten().any(|mask| unescaped_by_runner(mask) == value), "{value}: {masks:?}");
    }
}

#[test]
fn k8s_accepts_the_names_that_kubernetes_accepts() {
    for name in ["app-secrets", "a.b", "1"] {
        let named = Named::read(Format::K8s, name).unwrap();
        let target = Target { format: Format::K8s, reader: None, name: named.as_ref() };
        let text = write(target, &[item("A", b"x")]).unwrap();
        assert!(text.as_str().unwrap().contains(&format!("\n  name: \"{name}\"\n")));
    }
    for name in ["", "App", "a_b", "-a", "a-", "a..b", &"a".repeat(254)] {
        assert!(name.parse::<ObjectName>().is_err(), "{name}");
    }
}

#[test]
fn f3_docker_refuses_a_value_of_several_lines() {
    refuses(Format::Docker, "a\nB=2");
    refuses(Format::Docker, "a\r");
    refuses(Format::Docker, &"x".repeat(70_000));
    assert_eq!(single(Format::Docker, " \"x\" # y "), "A= \"x\" # y \n");
}

#[test]
fn gitlab_refuses_what_its_reports_exclude() {
    for value in ["a b", "a\nb", "$A", "'a'", "\"a\""] {
        refuses(Format::Gitlab, value);
    }
    assert_eq!(single(Format::Gitlab, "a=b#c"), "A=a=b#c\n");
}

#[test]
fn systemd_refuses_control_characters_and_escapes_the_rest() {
    refuses(Format::Systemd, "a\rb");
    assert_eq!(single(Format::Systemd, "a\"b\\c$d`e\nf"), "A=\"a\\\"b\\\\c\\$d\\`e\nf\"\n");
}

#[test]
fn f1_powershell_output_is_one_line_of_ascii() {
    assert_eq!(single(Format::Powershell, "it's $(x) `n"), "$env:A = 'it''s $(x) `n'\n");
    assert_eq!(single(Format::Powershell, "a\n’"), "$env:A = 'a' + [char]10 + '' + [char]8217 + ''\n");
    assert_eq!(single(Format::Powershell, "😀"), "$env:A = '' + [char]55357 + [char]56832 + ''\n");
    refuses(Format::Powershell, "");
}

#[test]
fn terraform_templates_are_escaped_and_values_it_would_normalize_are_refused() {
    assert_eq!(single(Format::Tfvars, "${a} %{b} $${c} $"), "A = \"$${a} %%{b} $$${c} $\"\n");
    refuses(Format::Tfvars, "e\u{301}");
    refuses(Format::Tfvars, "\u{212b}");
    assert!(write(Format::Tfvars, &[item("version", b"1")]).is_err());
}

proptest! {
    #[test]
    fn f4_any_value_is_one_variable(value in "([a-zA-Z0-9<=_\r\n ]|vault_){0,60}") {
        let file = written(Format::Github, &[item("A", value.as_bytes()), item("B", b"end")]);
        let expected = [("A".to_owned(), value), ("B".to_owned(), "end".to_owned())];
        prop_assert_eq!(read_by_runner(&file), expected);
    }
}

#[test]
fn compose_gives_a_service_its_exact_values() {
    for name in ["web", "my_app.1", "7"] {
        let named = Named::read(Format::Compose, name).unwrap();
        let target = Target { format: Format::Compose, reader: None, name: named.as_ref() };
        let items =
            [item("A", b"p$w${x}\n\"it's\" # no comment"), item("NO", b"1"), item("_B", "\u{e9}\u{2028}".as_bytes())];
        let text = write(target, &items).unwrap();
        let expected = format!(
            "services:\n  \"{name}\":\n    environment:\n      A: \"p$$w$${{x}}\\n\\\"it's\\\" # no comment\"\n      \
             \"NO\": \"1\"\n      \"_B\": \"\u{e9}\\u2028\"\n"
        );
        assert_eq!(text.as_str().unwrap(), expected);
        assert!(write(target, &[]).unwrap().as_str().unwrap().ends_with("    environment: {}\n"));
        assert!(write(target, &[item("A", b"a\0b")]).is_err() && write(target, &[item("a-b", b"x")]).is_err());
    }
    for name in ["", "a b", "a/b", "a:", &"a".repeat(256)] {
        assert!(Named::read(Format::Compose, name).is_err(), "{name}");
    }
    assert!(Named::read(Format::Json, "web").unwrap().is_none());
}

use super::*;
use crate::item::{ANNOUNCED, Metadata};
use crate::name::{ItemName, UserName};
use crate::secret::SecretBytes;

const NOW: &str = "2026-11-29T12:00:00Z";

fn content(items: &[(&str, &str, Option<&str>)]) -> Content {
    let (mia, mut content) = (UserName::new("mia").unwrap(), Content::default());
    for (name, value, expires) in items {
        let expires_at = expires.map(|time| Time::parse(time).unwrap());
        let metadata = Metadata { expires_at, ..Metadata::default() };
        let set_at = Time::parse("2026-01-01T00:00:00Z").unwrap();
        content.set(&ItemName::new(*name).unwrap(), SecretBytes::from(*value), &metadata, &mia, set_at).unwrap();
    }
    content
}

fn need(name: &str, line: usize, is_required: bool) -> Need {
    Need { name: name.to_owned(), line, is_required }
}

/// Formats each finding as `word NAME`, with `!` for a fault.
fn found(content: &Content, needs: &[(String, Vec<Need>)], no_extra: bool) -> Vec<String> {
    let window = DueWindow::new(Time::parse(NOW).unwrap(), ANNOUNCED);
    let rules = Rules { needs, allows: &|name| name != "NODE_OPTIONS", no_extra, window };
    let line = |finding: Finding| {
        format!("{} {}{}", finding.problem.word(), finding.name, if finding.is_fault { "!" } else { "" })
    };
    rules.check(content).into_iter().map(line).collect()
}

#[test]
fn missing_empty_and_expired_items_are_faults_and_extra_or_expiring_ones_are_notes() {
    let content = content(&[
        ("EMPTY", "", None),
        ("OLD", "x", Some(NOW)),
        ("SOON", "x", Some("2026-12-06T12:00:00Z")),
        ("LATER", "x", Some("2026-12-06T12:00:01Z")),
        ("EXTRA", "x", None),
    ]);
    let names = ["NEEDED", "EMPTY", "OLD", "SOON", "LATER"];
    let needs = names.iter().enumerate().map(|(index, name)| need(name, index + 1, true)).collect();
    let needs = [("example".to_owned(), needs)];
    let expected = ["missing NEEDED!", "empty EMPTY!", "extra EXTRA", "expired OLD!", "expiring SOON"];
    assert_eq!(found(&content, &needs, false), expected);
    assert_eq!(found(&content, &needs, true)[2], "extra EXTRA!");
}

#[test]
fn an_empty_item_is_one_finding_even_if_no_file_names_it() {
    let content = content(&[("EMPTY", "", None), ("OLD", "", Some(NOW))]);
    let needs = [("example".to_owned(), vec![need("OLD", 1, true)])];
    assert_eq!(found(&content, &needs, false), ["empty EMPTY!", "empty OLD!"]);
    assert_eq!(found(&content, &needs, true), ["extra EMPTY!", "empty OLD!"]);
}

#[test]
fn names_with_a_default_or_that_are_never_imported_are_not_missing() {
    let needs = [
        ("a".to_owned(), vec![need("TAG", 1, false), need("NODE_OPTIONS", 2, true), need("KEY", 3, true)]),
        ("b".to_owned(), vec![need("KEY", 9, true)]),
    ];
    assert_eq!(found(&Content::default(), &needs, false), ["missing KEY!"]);
    assert_eq!(found(&content(&[("TAG", "x", None), ("KEY", "x", None)]), &needs, true), [""; 0]);
}

#[test]
fn without_a_file_nothing_is_missing_or_extra() {
    assert_eq!(found(&content(&[("A", "x", None), ("B", "", None)]), &[], true), ["empty B!"]);
}

#[test]
fn an_item_delivered_in_another_way_is_missing_but_not_extra() {
    let (mia, mut content) = (UserName::new("mia").unwrap(), Content::default());
    let metadata = Metadata { deliver: Deliver::File, ..Metadata::default() };
    let name = ItemName::new("CERT").unwrap();
    content.set(&name, SecretBytes::from("x"), &metadata, &mia, Time::parse(NOW).unwrap()).unwrap();
    let needs = [("example".to_owned(), vec![need("CERT", 1, true), need("KEY", 2, true)])];
    assert_eq!(found(&content, &needs, true), ["missing CERT!", "missing KEY!"]);
    let window = DueWindow::new(Time::parse(NOW).unwrap(), ANNOUNCED);
    let findings = Rules { needs: &needs, allows: &|_| true, no_extra: true, window }.check(&content);
    let otherwise = |is_given_otherwise, line| Problem::Missing { file: 0, line, is_given_otherwise };
    assert_eq!([findings[0].problem, findings[1].problem], [otherwise(true, 1), otherwise(false, 2)]);
}

//! What decisions name.

use super::*;

/// Each item with the value that one side gave it.
fn content(base: &Content, items: &[&str], value: &str) -> Content {
    let mut content = base.clone();
    for item in items {
        content.set(&name(item), SecretBytes::from(value), &Metadata::default(), &user("mia"), at(1)).unwrap();
    }
    content
}

/// Calls `test` with KEY and OTHER in conflict in dev, and KEY in prod.
fn with_conflicts(test: impl FnOnce(&mut [Merging<'_>])) {
    let base = content(&Content::default(), &["KEY", "OTHER"], "0");
    let of_dev = ["1", "2"].map(|value| content(&base, &["KEY", "OTHER"], value));
    let of_prod = ["1", "2"].map(|value| content(&base, &["KEY"], value));
    let prod = EnvironmentName::new("prod").unwrap();
    test(&mut [merge(&dev(), &base, &of_dev[0], &of_dev[1]), merge(&prod, &base, &of_prod[0], &of_prod[1])]);
}

#[test]
fn a_decision_names_an_item_as_commands_do_or_by_where_it_is_in_conflict() {
    with_conflicts(|mergings| {
        let prod = EnvironmentName::new("prod").unwrap();
        let found = |text: &str, chosen| match Merging::find(mergings, &text.parse().unwrap(), chosen) {
            Ok((merging, name)) => NamedItem::within(merging.environment(), name).to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found("OTHER", None), "dev/OTHER");
        assert_eq!(found("KEY", Some(&prod)), "prod/KEY");
        assert_eq!(found("dev/KEY", Some(&prod)), "dev/KEY");
        assert_eq!(found("KEY", None), "KEY is in conflict in several environments");
        assert_eq!(found("NONE", None), "NONE is not in conflict");
        assert_eq!(found("stage/KEY", None), "stage/KEY is not in conflict");
    });
}

#[test]
fn a_side_is_taken_for_all_of_an_environment() {
    with_conflicts(|mergings| {
        Merging::choose_all(mergings, &dev(), Side::Ours).unwrap();
        assert_eq!([0, 1].map(|place: usize| mergings[place].open().count()), [0, 1]);
        let stage = EnvironmentName::new("stage").unwrap();
        let error = Merging::choose_all(mergings, &stage, Side::Ours).unwrap_err();
        assert_eq!(error.to_string(), "nothing in stage is in conflict");
    });
}

//! SECURITY.md names only tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../SECURITY.md");

/// The words in backquotes that are a letter and a number: the ids of faults.
fn named() -> BTreeSet<&'static str> {
    let is_id = |word: &&str| {
        word.strip_prefix(|first: char| first.is_ascii_lowercase())
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    PAGE.split('`').skip(1).step_by(2).filter(is_id).collect()
}

/// The words in backquotes that are a test's name, or the beginning of one.
fn named_whole() -> BTreeSet<&'static str> {
    let is_name = |word: &&str| {
        let is_made_of = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        word.matches('_').count() >= 3 && word.bytes().all(is_made_of)
    };
    PAGE.split('`').skip(1).step_by(2).filter(is_name).collect()
}

fn sources(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_named_in_security_md_exists() {
    let mut text = String::new();
    for directory in ["src", "tests", "quick", "serve", "values"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut text);
    }
    let named = named();
    assert!(named.len() > 30, "{named:?}");
    let is_there = |id: &&str| text.contains(&format!("fn {id}_"));
    let missing: Vec<_> = named.into_iter().filter(|id| !is_there(id) && !text.contains(&format!("_{id}_"))).collect();
    assert!(missing.is_empty(), "no test is named for {missing:?}");
    let whole = named_whole();
    assert!(whole.len() > 10, "{whole:?}");
    let missing: Vec<_> = whole.into_iter().filter(|name| !text.contains(&format!("fn {name}"))).collect();
    assert!(missing.is_empty(), "there is no test {missing:?}");
}

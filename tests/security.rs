//! SECURITY.md names only tests that exist, and as refused only variables that are refused.

use crate::source;
use std::collections::BTreeSet;

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

#[test]
fn every_test_named_in_security_md_exists() {
    let text = source::text(&["src", "tests", "quick", "serve", "values"]);
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

#[test]
fn e6_the_variables_that_security_md_calls_refused_are_refused() {
    let row = PAGE.lines().find(|line| line.contains("`e6`")).unwrap();
    let tried = row.split('|').nth(1).unwrap();
    let names: Vec<_> = tried.split('`').skip(1).step_by(2).collect();
    assert!(names.len() > 2, "{row}");
    let accepted: Vec<_> = names.into_iter().filter(|name| !vault::dangerous::is_dangerous(name)).collect();
    assert!(accepted.is_empty(), "these are not refused: {accepted:?}");
}

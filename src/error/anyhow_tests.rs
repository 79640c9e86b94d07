//! Why the command line adds no context with the crate anyhow. Each test shows a promise of [`Error`] that
//! `anyhow::Error` doesn't keep.

use super::Error;
use crate::redact::MARK;
use anyhow::Context as _;

const KEY: &str = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";

/// A page of [`Error`] shows that this does not compile with its own result type.
fn unexplained() -> anyhow::Result<Vec<u8>> {
    Ok(std::fs::read("/absent/secrets.vault")?)
}

#[test]
fn anyhow_takes_an_error_that_has_no_exit_code_and_no_hint() {
    assert!(unexplained().unwrap_err().downcast_ref::<Error>().is_none());
}

#[test]
fn with_anyhow_a_reason_can_be_lost_unnoticed_by_the_compiler() {
    let denied = || Error::denied("mia may not read prod");
    let with_context = anyhow::Error::from(denied()).context("in CI");
    assert_eq!(
        with_context.downcast_ref::<Error>().unwrap().reason(),
        denied().reason(),
        "the reason needs a downcast at run time"
    );
    let reworded = anyhow::anyhow!("in CI: {}", denied());
    assert!(reworded.downcast_ref::<Error>().is_none(), "exit code 5 would become 1");
    // With this crate's error, the words change and the reason stays.
    assert_eq!(denied().reworded("in CI: mia may not read prod").reason(), denied().reason());
}

#[test]
fn anyhow_shows_a_key_that_is_part_of_its_context() {
    let text = format!("{KEY} is not a file");
    let shown = Err::<(), _>(Error::failed("no such file")).context(text.clone()).unwrap_err();
    assert!(shown.to_string().contains(KEY));
    let kept = Error::failed(text).to_string();
    assert!(!kept.contains(KEY) && kept.contains(MARK), "{kept}");
}

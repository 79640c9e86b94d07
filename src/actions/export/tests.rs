use super::*;
use crate::actions::testing::{Sandbox, environment};
use crate::dangerous::AllowedOnce;
use crate::error::Reason;

fn selection(only: &[&str]) -> Selection {
    let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
    Selection::new(&only, &[]).unwrap()
}

/// Exports dev and prod. prod is the later environment.
fn chosen(sandbox: &Sandbox, format: Format, selection: &Selection, once: &AllowedOnce) -> Result<Choice> {
    let session = &sandbox.session;
    let request = Request { target: format.into(), selection, allowed: session.vault().allowed(once) };
    let chosen = Chosen::new(open(session, &["dev", "prod"].map(environment))?, &request)?;
    let Written { text, left_out, .. } = chosen.write(session)?;
    Ok(Choice { text: String::from_utf8(text.to_vec()).unwrap(), left_out })
}

struct Choice {
    text: String,
    left_out: LeftOut,
}

fn text(sandbox: &Sandbox, format: Format) -> String {
    chosen(sandbox, format, &selection(&[]), &AllowedOnce::default()).unwrap().text
}

#[test]
fn later_environments_win_and_the_log_names_the_items_exported_from_each() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/B=3"]);
    assert_eq!(text(&sandbox, Format::Json), "{\n  \"A\": \"1\",\n  \"B\": \"3\"\n}\n");
    assert_eq!(sandbox.log()[2..], ["export dev A", "export prod B"]);
}

#[test]
fn a_person_is_asked_about_the_items_that_would_be_exported_and_a_refusal_names_them() {
    let mut sandbox = Sandbox::with(&["dev/A=1", "prod/B=2", "prod/C=3"]);
    let asked = sandbox.refuse_all("prod");
    let refused = chosen(&sandbox, Format::Json, &selection(&["A", "B"]), &AllowedOnce::default()).err().unwrap();
    assert_eq!(refused.reason(), Reason::Protected);
    assert_eq!(*asked.lock().unwrap(), ["export prod B vault"]);
    assert_eq!(sandbox.log().last().unwrap(), "export prod B");
}

#[test]
fn an_example_has_no_value_and_reads_none() {
    let sandbox = Sandbox::with(&["dev/A=s3cret"]);
    let before = sandbox.log();
    let written = text(&sandbox, Format::Example);
    assert!(written.contains("A=") && !written.contains("s3cret"), "{written}");
    assert_eq!(sandbox.log(), before);
}

#[test]
fn a_dangerous_name_is_left_out_of_formats_that_run_unless_allowed() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/LD_PRELOAD=2"]);
    let (all, none) = (selection(&[]), AllowedOnce::default());
    let refused = chosen(&sandbox, Format::Shell, &all, &none).unwrap();
    assert!(!refused.text.contains("LD_PRELOAD") && !refused.left_out.is_whole(), "{}", refused.text);
    assert!(refused.left_out.refused.iter().eq(["LD_PRELOAD"]));
    let allowed = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
    assert!(chosen(&sandbox, Format::Shell, &all, &allowed).unwrap().text.contains("LD_PRELOAD"));
    assert!(text(&sandbox, Format::Json).contains("LD_PRELOAD"), "a file that only holds data is harmless");
}

#[test]
fn items_that_a_format_cannot_represent_are_left_out_unless_named_or_alone() {
    let sandbox = Sandbox::with(&["dev/A=1", "dev/ROWS=1\n2"]);
    let export_only = |only: &[&str]| chosen(&sandbox, Format::Docker, &selection(only), &AllowedOnce::default());
    let written = export_only(&[]).unwrap();
    assert_eq!(written.text, "A=1\n");
    assert!(written.left_out.uncarried.unwrap().to_string().contains("ROWS"));
    assert_eq!(sandbox.log()[2..4], ["export dev ROWS", "export dev A"], "a message about a value must be logged");
    assert!(export_only(&["A", "ROWS"]).is_err(), "it was named explicitly");
    assert!(export_only(&["R*"]).is_err(), "it is the only item");
    let refused = ["export dev ROWS", "export dev A", "export dev ROWS"];
    assert_eq!(sandbox.log()[5..], refused, "the first refusal says that a line can hold A");
}

#[test]
fn an_unknown_name_is_refused_before_any_value_is_read() {
    let sandbox = Sandbox::with(&["dev/A=1"]);
    let before = sandbox.log();
    let error = chosen(&sandbox, Format::Json, &selection(&["B"]), &AllowedOnce::default()).err().unwrap();
    assert_eq!(error.to_string(), "there is no item \"B\" to choose");
    assert_eq!(sandbox.log(), before);
}

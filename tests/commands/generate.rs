//! `generate` and `set --generate`.

use crate::harness::Sandbox;

#[test]
fn every_kind_has_its_form_and_reports_its_entropy() {
    let sandbox = Sandbox::empty();
    let generate = |arguments: &[&str]| {
        let run = sandbox.run(["generate"].iter().chain(arguments)).ok();
        let text = run.text();
        (text.strip_suffix('\n').unwrap().to_owned(), run.stderr)
    };
    let (value, printed) = generate(&[]);
    assert!(value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(printed, "190 bits of entropy.\n");
    let (digits, printed) = generate(&["6", "--alphabet", "digits"]);
    assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(printed.starts_with("19 bits of entropy, weak"), "{printed}");
    assert_eq!(generate(&["--words"]).0.split('-').count(), 8);
    assert_eq!(generate(&["16", "--hex"]).0.len(), 32);
    assert_eq!(generate(&["--base64"]).0.len(), 44);
    let (uuid, printed) = generate(&["--uuid"]);
    assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'4' && printed.starts_with("122 bits"), "{uuid} {printed}");
    assert_ne!(generate(&[]).0, generate(&[]).0);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["generate", "0"]).fails(2).says("the length must be from 1 to");
    sandbox.run(["generate", "--hex", "--words"]).fails(2).says("can't be used with");
    sandbox.run(["generate", "8", "--uuid"]).fails(2);
    sandbox.run(["generate", "--alphabet", "greek"]).fails(2).says("use one of: alnum");
    sandbox.run(["set", "A", "--hex"]).fails(2).says("needs --generate");
}

#[test]
fn set_generates_in_every_way_and_prints_no_value() {
    let sandbox = Sandbox::with_vault();
    let run = sandbox.run(["set", "A", "--generate=16", "--hex"]).ok().says("128 bits of entropy");
    let value = sandbox.run(["get", "A"]).ok().text();
    assert!(value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(!run.stderr.contains(&value) && run.stdout.is_empty());
    sandbox.run(["set", "B", "C", "--generate"]).ok().says("190 bits");
    assert_eq!(sandbox.run(["get", "B"]).ok().text().len(), 32);
    assert_ne!(sandbox.run(["get", "B"]).ok().text(), sandbox.run(["get", "C"]).ok().text());
}

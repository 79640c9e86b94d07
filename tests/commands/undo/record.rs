//! The record that `undo` uses: who can read it, and who can make one.

use super::{as_user, record, shared};
use crate::harness::Sandbox;
use vault::identity::{Recipient, encrypt_to};

#[test]
fn an_undo_record_forged_by_others_is_not_used() {
    let (sandbox, ben) = shared();
    sandbox.run(["set", "A=one"]).ok();
    sandbox.run(["set", "A=two"]).ok();
    let own = std::fs::read(record(&sandbox)).unwrap();
    as_user(&sandbox, &ben, &["set", "B=theirs"]).ok();
    // Anybody who can write to the state directory also knows the public key.
    let users = sandbox.run(["user", "list", "mia", "--json"]).ok().json();
    let recipient: Recipient = users[0]["recipient"].as_str().unwrap().parse().unwrap();
    let body = format!("{}\n{{\"action\":\"set\"}}\n", "0".repeat(64));
    let planted = encrypt_to(std::iter::once(&recipient), body.as_bytes()).unwrap();
    let of_ben = std::fs::read(sandbox.vault_state().join("undo-ben.age")).unwrap();
    for bytes in [planted.as_bytes(), &of_ben, b"nonsense", b"", &own[..own.len() / 2]] {
        std::fs::write(record(&sandbox), bytes).unwrap();
        sandbox.run(["undo"]).fails(1).says("it was not made with your keys");
    }
    // ben's record under mia's name, and hers under his, are not accepted either.
    std::fs::write(sandbox.vault_state().join("undo-ben.age"), &own).unwrap();
    as_user(&sandbox, &ben, &["undo"]).fails(1).says("it was not made with your keys");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "two");
    std::fs::write(record(&sandbox), &own).unwrap();
    sandbox.run(["undo"]).ok();
}

#[test]
fn restoring_an_old_undo_record_does_not_undo_twice() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "A=one"]).ok();
    sandbox.run(["set", "B=two"]).ok();
    let old = std::fs::read(record(&sandbox)).unwrap();
    sandbox.run(["set", "C=three"]).ok();
    std::fs::write(record(&sandbox), old).unwrap();
    sandbox.run(["undo"]).fails(1).says("you have changed dev since");
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "two");
}

#[test]
fn the_undo_record_is_private_and_encrypted() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "TOKEN=hunter2hunter2"]).ok();
    sandbox.run(["rm", "-y", "TOKEN"]).ok();
    let path = record(&sandbox);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("TOKEN"), "{text}");
}

#[test]
fn a_change_that_is_too_large_to_record_is_saved_but_cannot_be_undone() {
    let sandbox = Sandbox::with_vault();
    let values: Vec<_> = (0..17).map(|number| format!("\"V{number}\":\"{}\"", "x".repeat(1 << 20))).collect();
    sandbox.write("large.json", format!("{{{}}}", values.join(",")));
    sandbox.run(["import", "large.json"]).ok();
    // Undoing an import only removes what the import added.
    sandbox.run(["undo"]).ok().says("Undone: import of 17 items");
    sandbox.run(["undo"]).fails(1).says("your last change here (import) is larger than 16 MiB");
    sandbox.run(["import", "large.json"]).ok();
    let names: Vec<_> = (0..17).map(|number| format!("V{number}")).collect();
    sandbox.run(["rm", "-y"].into_iter().chain(names.iter().map(String::as_str))).ok();
    assert!(std::fs::metadata(record(&sandbox)).unwrap().len() < 10_000);
    sandbox.run(["undo"]).fails(1).says("is larger than 16 MiB");
}

#[test]
fn a_save_does_not_fail_because_of_the_undo_record() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "A=one"]).ok();
    std::fs::remove_file(record(&sandbox)).unwrap();
    std::fs::create_dir(record(&sandbox)).unwrap();
    sandbox.run(["set", "A=two"]).ok().says("this change can't be undone later");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "two");
    sandbox.run(["undo"]).fails(1);
}

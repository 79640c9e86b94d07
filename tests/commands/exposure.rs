//! What somebody who leaves could read, and what they did read according to the logs.

use crate::device::{Device, add, vault};
use crate::forge::{Member, dearmored, opened};
use crate::harness::Sandbox;
use std::path::PathBuf;

fn export(device: &Device<'_>, sandbox: &Sandbox, name: &str) -> PathBuf {
    let path = sandbox.project().join(name);
    device.run(&["log", "export", "-o", path.to_str().unwrap()]).ok().says("can open it");
    path
}

#[test]
fn only_an_admin_can_read_and_verify_an_exported_log() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["get", "dev/KEY", "--reason", "ticket 7"]).ok();
    ben.run(&["get", "prod/KEY"]).fails(5);
    export(&ben, &sandbox, "ben.log");
    let shown = sandbox.run(["log", "show", "ben.log"]).ok().says("ben's log of one device, exported at").text();
    assert!(shown.contains("ticket 7") && shown.contains("denied") && shown.contains("log-export"), "{shown}");
    let entries = sandbox.run(["log", "show", "ben.log", "--json", "--action", "get"]).ok().text();
    assert!(entries.lines().all(|line| line.contains("\"user\":\"ben\"")) && entries.lines().count() == 2);
    let verified = sandbox.run(["log", "verify", "ben.log"]).ok().text();
    assert!(verified.contains("ben's log in this file: 3 entries in 1 segment, all authentic"), "{verified}");
    ben.run(&["log", "show", "ben.log"]).ok();
    // The file is encrypted and private, and others can't use it.
    let text = std::fs::read_to_string(sandbox.project().join("ben.log")).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !text.contains("ticket"));
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci"]));
    ci.run(&["log", "show", "ben.log"]).fails(5).says("not for you");
    let printed = ben.run(&["log", "export"]).ok();
    assert!(printed.text().starts_with("-----BEGIN AGE"));
    sandbox.write("other", "something else");
    sandbox.run(["log", "verify", "other"]).fails(2).says("not an exported log");
    let elsewhere = vault();
    std::fs::copy(sandbox.project().join("ben.log"), elsewhere.project().join("ben.log")).unwrap();
    elsewhere.run(["log", "verify", "ben.log"]).fails(5);
}

#[test]
fn an_admin_can_read_log_entries_from_before_they_became_admin() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["get", "dev/KEY"]).ok();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    ben.run(&["get", "dev/PORT"]).ok();
    export(&ben, &sandbox, "ben.log");
    let shown = ada.run(&["log", "show", "ben.log", "--json"]).ok().text();
    assert!(shown.contains("\"KEY\"") && shown.contains("\"PORT\""), "{shown}");
    let verified = ada.run(&["log", "verify", "ben.log"]).ok().text();
    assert!(verified.contains("in 2 segments") && !verified.contains("can't be read"), "{verified}");
    // A former admin can't open what is exported from now on (K7).
    sandbox.run(["user", "role", "ada", "member"]).ok();
    export(&ben, &sandbox, "later.log");
    ada.run(&["log", "show", "later.log"]).fails(5);
    ada.run(&["log", "show", "ben.log"]).ok();
}

#[test]
fn k6_an_export_that_the_user_did_not_sign_is_refused() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["get", "dev/KEY"]).ok();
    let path = export(&ben, &sandbox, "ben.log");
    let mia = Member::owner(&sandbox);
    let armored = std::fs::read_to_string(&path).unwrap();
    let plaintext = opened(&mia.keys, &dearmored(&armored)).unwrap();
    let seal = |bytes: &[u8]| {
        let sealed = vault::identity::encrypt_to([&mia.recipient()].into_iter(), bytes).unwrap();
        sandbox.write("forged.log", sealed);
        sandbox.run(["log", "verify", "forged.log"])
    };
    // Anybody can encrypt to mia, so a log needs its user's signature. The authentic log is accepted again.
    seal(&plaintext).ok();
    // Without its last entry, under another name, and with another time.
    let end = plaintext.iter().position(|byte| *byte == b'\n').unwrap();
    let length = plaintext.len() - end - 1;
    let cover = std::str::from_utf8(&plaintext[..end]).unwrap();
    let cut = cover.replace(&format!("\"length\":{length}"), &format!("\"length\":{}", length - 200));
    assert_ne!(cut, cover);
    seal(&[cut.as_bytes(), b"\n", &plaintext[end + 1..plaintext.len() - 200]].concat())
        .fails(6)
        .says("not signed by ben");
    let renamed = cover.replace("\"user\":\"ben\"", "\"user\":\"mia\"");
    seal(&[renamed.as_bytes(), &plaintext[end..]].concat()).fails(6).says("not signed by mia");
    let mut flipped = plaintext.clone();
    *flipped.last_mut().unwrap() ^= 1;
    seal(&flipped).fails(6);
    seal(&plaintext[..end]).fails(6);
}

#[test]
fn exposure_lists_readable_items_reads_and_values_still_in_use() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev,prod"]));
    ben.run(&["get", "dev/KEY"]).ok();
    ben.run(&["exec", "-e", "dev", "--", "true"]).ok();
    export(&ben, &sandbox, "ben.log");
    let hint = sandbox.run(["exposure", "ben"]).ok().says("the log of ben is not here");
    assert!(hint.text().contains("unknown") && hint.text().contains("since 20"), "{hint:?}");
    let unknown = sandbox.run(["exposure", "ben", "--json"]).ok().json();
    assert!(unknown.as_array().unwrap().iter().all(|item| item.get("reads").is_none()), "{unknown}");
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    sandbox.set("dev/KEY", b"new");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.set("prod/LATER", b"never seen");
    let exposure = sandbox.run(["exposure", "ben", "ben.log", "--json"]).ok().json();
    let items: Vec<String> = exposure
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{}/{} {} {}", item["environment"], item["name"], item["reads"], item["inUse"]))
        .map(|line| line.replace('"', ""))
        .collect();
    assert_eq!(items, ["dev/KEY 2 false", "dev/PORT 1 true", "prod/KEY 0 true"]);
    assert!(exposure[0]["until"].is_string() && exposure[0]["lastRead"].is_string());
    let table = sandbox.run(["exposure", "ben", "ben.log"]).ok().says("1 value to replace").text();
    assert!(table.contains("replaced since") && table.contains("due for replacement"), "{table}");
    assert!(table.contains("2 times, last") && table.contains("not a secret"), "{table}");
    // After the right was revoked, there is nothing.
    let later = sandbox.run(["exposure", "ben", "--since", "2999-01-01", "--json"]).ok().json();
    assert_eq!(later, serde_json::json!([]));
    sandbox.run(["exposure", "nobody"]).fails(3).says("has never had a user");
    let mine = export(&Device::new(&sandbox, "mia").with_key(sandbox.key()), &sandbox, "mia.log");
    sandbox.run(["exposure", "ben", mine.to_str().unwrap()]).fails(2).says("is the log of mia");
}

#[test]
fn exposure_names_environments_that_the_caller_cannot_read() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev,prod"]));
    ben.run(&["get", "dev/KEY"]).ok();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin", "--read", "prod"]));
    export(&ben, &sandbox, "ben.log");
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let run = ada.run(&["exposure", "ben", "ben.log", "--json"]).ok().says("ben could read dev; you can't");
    let json = run.json();
    let [all, read, prod] = &json.as_array().unwrap()[..] else { panic!("{run:?}") };
    // The caller can't know whether those values are still in use.
    for item in [all, read] {
        assert_eq!((&item["environment"], &item["unknown"]), (&"dev".into(), &"unreadable".into()), "{item}");
        assert!(item["until"].is_string() && item.get("inUse").is_none(), "{item}");
    }
    assert!(all.get("name").is_none() && read["name"] == "KEY" && read["reads"] == 1, "{run:?}");
    assert_eq!((&prod["name"], &prod["inUse"]), (&"KEY".into(), &true.into()));
    let table = ada.run(&["exposure", "ben", "ben.log"]).ok().says("1 value to replace, and what is in dev").text();
    assert!(table.contains("dev/*") && table.contains("you can't read it"), "{table}");
    assert!(!table.contains("renamed or removed"), "{table}");
}

#[test]
fn exposure_keeps_environments_that_were_removed_since() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev,prod"]));
    ben.run(&["get", "prod/KEY"]).ok();
    export(&ben, &sandbox, "ben.log");
    sandbox.run(["env", "rm", "-y", "prod"]).ok();
    let exposure = sandbox.run(["exposure", "ben", "ben.log", "--json"]).ok().json();
    let prod: Vec<_> = exposure.as_array().unwrap().iter().filter(|item| item["environment"] == "prod").collect();
    assert_eq!(prod.len(), 2, "{exposure}");
    assert!(prod.iter().all(|item| item["unknown"] == "removed" && item["until"].is_string()), "{exposure}");
    assert!(prod[0].get("name").is_none() && prod[1]["name"] == "KEY", "{exposure}");
    let table = sandbox.run(["exposure", "ben", "ben.log"]).ok().text();
    assert!(table.contains("prod/*") && table.contains("the environment was removed"), "{table}");
}

#[test]
fn exposure_follows_an_item_to_its_new_name_and_place() {
    let sandbox = vault();
    sandbox.set("dev/C", b"c-value");
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["get", "dev/C"]).ok();
    sandbox.run(["mv", "dev/C", "dev/C2"]).ok();
    ben.run(&["get", "dev/C2"]).ok();
    ben.run(&["get", "dev/KEY"]).ok();
    export(&ben, &sandbox, "ben.log");
    sandbox.run(["mv", "dev/KEY", "prod/DB_KEY"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let exposure = sandbox.run(["exposure", "ben", "ben.log", "--json"]).ok().json();
    let find = |name: &str| exposure.as_array().unwrap().iter().find(|item| item["name"] == name).cloned();
    assert_eq!(find("C2").unwrap()["reads"], 2, "{exposure}");
    assert!(find("C").is_none() && find("KEY").is_none(), "{exposure}");
    let moved = find("DB_KEY").unwrap();
    assert_eq!((&moved["environment"], &moved["reads"]), (&"prod".into(), &1.into()), "{exposure}");
    // A copy counts as read, even if only the original was read.
    sandbox.run(["cp", "dev/C2", "prod/COPY"]).ok();
    let table = sandbox.run(["exposure", "ben", "ben.log"]).ok().says("3 values to replace").text();
    assert!(table.contains("prod/COPY") && table.contains("the value of dev/C2"), "{table}");
}

//! `doctor`: problems inside a vault: users, environments, slots, values and the access log.

use super::doctor::{examined, found, remedy};
use crate::device::{Device, add, vault};
use crate::forge::{Forge, Member, Team};
use crate::harness::{Sandbox, finish};
use vault::roster::{Right, Role};
use vault::time::Time;

#[test]
fn expired_due_weak_and_reused_values_are_found_but_not_shown() {
    let sandbox = vault();
    sandbox.set("dev/DB_PASSWORD", b"monkey1987");
    sandbox.set("dev/DB_URL", b"postgres://app:letmein@db.example.com/app");
    sandbox.set("dev/API_TOKEN", b"pH3xu9ei4Kaith7o");
    sandbox.run(["cp", "dev/API_TOKEN", "prod/"]).ok();
    sandbox.run(["set", "dev/OLD=x9", "--expires", "1s"]).ok();
    sandbox.run(["set", "dev/SOON=x9", "--expires", "3d"]).ok();
    // A variable may have any value.
    sandbox.run(["set", "--kind", "variable", "dev/PASSWORD_HINT=monkey"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let run = sandbox.run(["doctor", "--json"]);
    let expected = [
        "fix expired dev/OLD",
        "note due-soon dev/SOON",
        "note weak dev/DB_PASSWORD",
        "note weak dev/DB_URL",
        "note reused dev/API_TOKEN",
    ];
    let all = found(&run);
    let lines: Vec<_> = all.iter().filter(|line| !line.contains("KEY")).collect();
    assert_eq!(lines, expected);
    assert_eq!((run.code, remedy(&run, "expired").as_str()), (1, "vault rotate dev/OLD"));
    assert_eq!(remedy(&run, "reused"), "vault rotate prod/API_TOKEN");
    let prod = found(&sandbox.run(["doctor", "--json", "-e", "prod"]));
    assert!(!prod.iter().any(|line| line.contains("dev/")), "{prod:?}");
    sandbox.run(["doctor", "-e", "absent"]).fails(3);
    for value in ["monkey", "letmein", "pH3xu9ei"] {
        assert!(!run.text().contains(value), "{run:?}");
    }
}

#[test]
fn values_that_a_former_user_knew_are_due_and_share_one_line() {
    let sandbox = vault();
    add(&sandbox, &["ben", "--read", "dev"]);
    for name in ["A", "B", "C"] {
        sandbox.set(&format!("dev/{name}"), format!("pH3xu9ei4Kaith{name}").as_bytes());
    }
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let run = sandbox.run(["doctor", "--json"]);
    assert!(found(&run).contains(&"fix due dev".to_owned()), "{run:?}");
    assert_eq!(remedy(&run, "due"), "vault list --due -e dev");
    assert!(sandbox.run(["doctor"]).text().contains("4 items (A, B, C, KEY) are due for replacement"));
}

#[test]
fn users_without_rights_or_a_passphrase_and_open_requests_are_found() {
    let sandbox = Sandbox::with_vault();
    let ada = Device::new(&sandbox, "ada");
    let line = ada.run(&["join", "--request", "--user", "ada"]).ok().text();
    let doctor = |device: &Device<'_>| found(&device.run(&["doctor", "--json"]));
    assert!(doctor(&ada).contains(&"note request ada".to_owned()));
    sandbox.run(["user", "add", "ada", "--read", "dev", "--keys", line.trim()]).ok();
    assert_eq!(examined(&sandbox), ["note not-joined ada"]);
    assert!(doctor(&ada).contains(&"fix request ada".to_owned()));
    assert_eq!(remedy(&ada.run(&["doctor", "--json"]), "request"), "vault join --user ada");
    ada.join("a passphrase of ada 7").ok();
    assert_eq!(examined(&sandbox), ["fix old-keys dev"]);
    sandbox.set("dev/TOKEN", b"pH3xu9ei4Kaith7o");
    assert!(examined(&sandbox).is_empty());
    sandbox.run(["revoke", "ada", "dev"]).ok();
    assert_eq!(examined(&sandbox), ["note no-rights ada", "fix due dev/TOKEN"]);
}

#[test]
fn an_unfinished_renewal_is_found() {
    let sandbox = vault();
    sandbox.set("dev/KEY", b"pH3xu9ei4Kaith7o");
    sandbox.set("prod/KEY", b"ohngah1Fie7aeNgi");
    let key = add(&sandbox, &["ci", "--read", "prod"]);
    let ci = Device::new(&sandbox, "ci").with_key(&key);
    ci.run(&["user", "renew", "ci"]).ok();
    assert_eq!(examined(&sandbox), ["note renewal ci"]);
    assert_eq!(remedy(&sandbox.run(["doctor", "--json"]), "renewal"), "vault user renew ci --finish");
}

#[test]
fn an_environment_that_needs_a_save_is_found() {
    let sandbox = vault();
    let ben = add(&sandbox, &["ben", "--write", "dev"]);
    Device::new(&sandbox, "ben").with_key(&ben).set("dev/OTHER", b"pH3xu9ei4Kaith7o").ok();
    sandbox.run(["grant", "mia", "dev:read"]).ok();
    let ben = Device::new(&sandbox, "ben").with_key(&ben);
    let run = ben.run(&["doctor", "--json"]);
    assert!(found(&run).contains(&"note unmanaged dev".to_owned()), "{run:?}");
    let pending = vault();
    add(&pending, &["ben", "--write", "dev"]);
    pending.run(["grant", "mia", "dev:read"]).ok();
    assert!(examined(&pending).contains(&"fix pending dev".to_owned()));
    let team = Team::new();
    let rea = Device::new(&team.sandbox, "rea").with_key(&team.rea.key);
    rea.run(&["passwd", "--key"]).ok();
    assert!(examined(&team.sandbox).contains(&"fix old-keys dev".to_owned()));
}

#[test]
fn unreadable_environments_and_orphaned_slots_are_found() {
    let sandbox = Sandbox::with_vault();
    let (mia, ada, zoe) = (Member::owner(&sandbox), Member::new("ada"), Member::new("zoe"));
    let mut forge = Forge::of(&sandbox);
    forge.join(&mia, &ada, Role::Member, &[("dev", Right::Read)]);
    forge.file.slots.push(zoe.slot(forge.id(), forge.head()));
    forge.write();
    let run = ada.run(&sandbox, &["doctor", "--json"]);
    let found = found(&run);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(found.contains(&"fix unreadable dev".to_owned()), "{run:?}");
    assert!(found.contains(&"note slots secrets.vault".to_owned()), "{run:?}");
    assert_eq!(examined(&sandbox), ["fix old-keys dev", "note slots secrets.vault"]);
}

#[test]
fn dates_in_the_future_are_found() {
    let sandbox = Sandbox::with_vault();
    let mia = Member::owner(&sandbox);
    let mut forge = Forge::of(&sandbox);
    forge.block("dev").statement.time = Time::parse("2999-01-01T00:00:00Z").unwrap();
    forge.sign(&mia, "dev").write();
    let found = examined(&sandbox);
    assert!(found.contains(&"note clock clock".to_owned()), "{found:?}");
    // Nobody has signed this time, so it says nothing.
    forge.block("dev").statement.time = Time::parse("2999-01-02T00:00:00Z").unwrap();
    forge.write();
    let found = examined(&sandbox);
    assert!(!found.contains(&"note clock clock".to_owned()), "{found:?}");
}

#[test]
fn a_changed_log_and_a_wrong_key_are_found() {
    let sandbox = vault();
    let segment = sandbox.vault_state().join("log/mia/000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let run = sandbox.run(["doctor", "--json"]);
    assert_eq!((run.code, remedy(&run, "log").as_str()), (1, "vault log verify"), "{run:?}");
    let mut stranger = sandbox.command(["doctor", "--json"]);
    stranger.env("VAULT_KEY", Member::new("zoe").key);
    let found = found(&finish(stranger));
    assert!(found.contains(&"fix unlock unlock".to_owned()), "{found:?}");
    assert!(found.contains(&"note values values".to_owned()), "{found:?}");
}

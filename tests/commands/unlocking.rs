//! Where the key or passphrase comes from, and what works without one.

use crate::forge::{dearmored, opened_with_passphrase};
use crate::harness::{Run, Sandbox, finish, has, program};
use std::os::unix::fs::PermissionsExt as _;

const PASSPHRASE: &str = "orbit velvet cactus mimic dusk ferry";

/// A vault that opens with a passphrase. Its work factor is low, so that the tests are fast.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "10"]);
    init.env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(init).ok().says("makes the passphrase cheap to guess");
    sandbox
}

fn with(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = sandbox.command(arguments);
    command.envs(variables.iter().copied());
    finish(command)
}

#[test]
fn every_source_opens_the_vault() {
    let sandbox = sandbox();
    let file = sandbox.write("passphrase", format!("{PASSPHRASE}\n"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE", PASSPHRASE)]).ok();
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE_FILE", file.to_str().unwrap())]).ok();
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE_CMD", "cat passphrase")]).ok();
    sandbox.run(["list", "--passphrase-file", "passphrase"]).ok();
    let script = format!("'{}' list --passphrase-fd 3 3<passphrase", program().display());
    finish(sandbox.other("sh", ["-c", &script])).ok();
}

#[test]
fn if_the_first_source_fails_no_other_is_tried() {
    let sandbox = sandbox();
    let right = &[("VAULT_PASSPHRASE", PASSPHRASE)];
    with(&sandbox, &["list", "--key-file", "missing"], right).fails(4).says("no key file");
    let both = &[("VAULT_PASSPHRASE", PASSPHRASE), ("VAULT_KEY", "")];
    with(&sandbox, &["list"], both).fails(4).says("VAULT_KEY contains no key");
    let failing = &[("VAULT_PASSPHRASE_CMD", "exit 3")];
    with(&sandbox, &["list"], failing).fails(4).says("VAULT_PASSPHRASE_CMD failed");
}

#[test]
fn g1_a_wrong_passphrase_has_one_message_and_one_log_entry() {
    let sandbox = sandbox();
    let wrong = &[("VAULT_PASSPHRASE", "not the passphrase")];
    for _ in 0..2 {
        let run = with(&sandbox, &["list"], wrong).fails(4);
        assert!(run.stderr.starts_with("error: wrong passphrase\n"), "{run:?}");
    }
    let right = &[("VAULT_PASSPHRASE", PASSPHRASE)];
    let log = with(&sandbox, &["log", "--json", "--action", "unlock"], right).ok().text();
    assert_eq!(log.lines().count(), 2, "{log}");
    assert!(log.lines().all(|line| line.contains("\"outcome\":\"failed\"")));
    with(&sandbox, &["log", "verify"], right).ok();
}

#[test]
fn g2_odd_passphrases_have_a_defined_answer() {
    let sandbox = sandbox();
    let long = "x".repeat(1024 * 1024);
    let file = sandbox.write("long", long);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.run(["list", "--passphrase-file", "long"]).fails(4).says("larger than");
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE", "")]).fails(4).says("empty");
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE", "\u{1f600}")]).fails(4);
}

#[test]
fn g3_without_a_terminal_vault_fails_at_once_with_a_hint() {
    let sandbox = sandbox();
    let mut command = sandbox.other("setsid", ["-w", program().to_str().unwrap(), "list"]);
    command.stdin(std::process::Stdio::null());
    finish(command).fails(4).says("VAULT_KEY");
    sandbox.run(["list", "--non-interactive"]).fails(4).says("prompting is off");
}

#[test]
fn g6_weak_and_well_known_passphrases_are_refused_with_the_reason() {
    for weak in
        ["password", "correct horse battery staple", "hunter2", "aaaaaaaaaaaaaaaaaaaa", "Correct Horse Battery Staple"]
    {
        let sandbox = Sandbox::empty();
        let mut init = sandbox.command(["init"]);
        init.env("VAULT_PASSPHRASE", weak);
        let run = finish(init).fails(2);
        assert!(!run.stderr.contains(weak), "{run:?}");
        assert!(!sandbox.vault().exists());
    }
}

#[test]
fn h1_ones_own_key_file_is_refused_if_others_can_read_it() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.home().join("key");
    std::fs::write(&key, sandbox.key()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    sandbox.run(["list", "--key-file", key.to_str().unwrap()]).fails(4).says("chmod 600");
    let elsewhere = sandbox.write("mounted", sandbox.key());
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o444)).unwrap();
    let run = sandbox.run(["list", "--key-file", "mounted"]).ok();
    assert_eq!(run.stderr.matches("can be read by other users").count(), 1);
}

#[test]
fn a_key_file_may_be_a_pipe_from_the_shell() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    let program = program().display();
    let script = format!("'{program}' get A --key-file <(printf '%s\\n' \"$KEY\")");
    let mut shell = sandbox.other("bash", ["-c", &script]);
    shell.env_remove("VAULT_KEY").env("KEY", sandbox.key());
    assert_eq!(finish(shell).ok().text(), "one");
}

#[test]
fn a_key_with_another_users_name_is_refused() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    sandbox.run(["get", "A", "--user", "mia"]).ok();
    sandbox.run(["get", "A", "--user", "ben"]).fails(2).says("this key is mia's, not ben's");
    sandbox.run(["exec", "--user", "ben", "--", "true"]).fails(125).says("this key is mia's, not ben's");
}

#[test]
fn l7_after_passwd_an_old_file_and_passphrase_open_nothing_newer() {
    let sandbox = sandbox();
    let old = std::fs::read(sandbox.vault()).unwrap();
    sandbox.write("new", "ember quartz willow static plume ridge\n");
    let program = program().display();
    let script = format!("'{program}' passwd --work-factor 10 --new-passphrase-fd 3 3<new");
    let mut passwd = sandbox.other("sh", ["-c", &script]);
    passwd.env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(passwd).ok().says("Recovery key, shown once");
    with(&sandbox, &["list"], &[("VAULT_PASSPHRASE", PASSPHRASE)]).fails(4);
    let fresh = &[("VAULT_PASSPHRASE", "ember quartz willow static plume ridge")];
    with(&sandbox, &["list"], fresh).ok();
    // The old slot is pasted into the new file.
    let new = std::fs::read_to_string(sandbox.vault()).unwrap();
    let slot = |text: &str| {
        let start = text.find("[[slot]]").unwrap();
        (start, start + text[start..].find("[[environment]]").unwrap())
    };
    let old = String::from_utf8(old).unwrap();
    let ((old_start, old_end), (new_start, new_end)) = (slot(&old), slot(&new));
    let forged = [&new[..new_start], &old[old_start..old_end], &new[new_end..]].concat();
    std::fs::write(sandbox.vault(), forged).unwrap();
    let run = with(&sandbox, &["list"], &[("VAULT_PASSPHRASE", PASSPHRASE)]);
    assert!(matches!(run.code, 4 | 6), "{run:?}");
}

#[test]
fn l11_a_recovery_key_opens_the_vault_until_it_is_replaced() {
    let sandbox = Sandbox::empty();
    let mut init = sandbox.command(["init", "--work-factor", "10"]);
    init.env("VAULT_PASSPHRASE", PASSPHRASE);
    let stderr = finish(init).ok().stderr;
    let key = stderr.lines().find(|line| line.contains("AGE-SECRET-KEY-1")).unwrap().trim().to_owned();
    with(&sandbox, &["list"], &[("VAULT_KEY", key.as_str())]).ok();
    let recovery = &[("VAULT_PASSPHRASE", PASSPHRASE)];
    let new = with(&sandbox, &["recovery", "--work-factor", "10"], recovery).ok().text();
    with(&sandbox, &["list"], &[("VAULT_KEY", key.as_str())]).fails(4);
    with(&sandbox, &["list"], &[("VAULT_KEY", new.trim())]).ok();
    with(&sandbox, &["list"], recovery).ok();
}

#[test]
fn an_identity_key_is_not_a_key_for_unlocking() {
    let sandbox = Sandbox::with_vault();
    let run = with(&sandbox, &["list"], &[("VAULT_KEY", "AGE-SECRET-KEY-1NOTAKEY")]);
    run.fails(4).says("not an AGE-SECRET-KEY");
}

#[test]
fn a_passphrase_works_in_either_unicode_form_and_is_stored_in_the_composed_one() {
    let (composed, decomposed) =
        ("caf\u{e9} velvet cactus mimic dusk ferry", "cafe\u{301} velvet cactus mimic dusk ferry");
    for (chosen, given) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
        let sandbox = Sandbox::empty();
        let run = |arguments: &[&str], passphrase: &str| {
            let mut command = sandbox.command(arguments);
            command.env("VAULT_PASSPHRASE", passphrase);
            finish(command)
        };
        run(&["init", "--work-factor", "10"], chosen).ok();
        run(&["list"], given).ok();
        run(&["list"], "caf\u{e8} velvet cactus mimic dusk ferry").fails(4).says("wrong passphrase");
        let text = std::fs::read_to_string(sandbox.vault()).unwrap();
        let file = vault::vault::File::parse(text).unwrap();
        let slot = file.slots.iter().find(|slot| slot.kind == vault::vault::SlotKind::Passphrase).unwrap();
        let slot = dearmored(&slot.data);
        let opened = opened_with_passphrase(composed, &slot);
        assert!(opened.is_some(), "it must be stored in normalization form C");
    }
}

#[test]
fn a_byte_order_mark_is_not_part_of_a_key_or_passphrase() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.write("key", format!("\u{feff}{}\r\n", sandbox.key()));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut list = sandbox.command(["list", "--key-file", "key"]);
    list.env_remove("VAULT_KEY");
    finish(list).ok();
    let sandbox = self::sandbox();
    let file = sandbox.write("passphrase", format!("\u{feff}{PASSPHRASE}\r\n"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.run(["list", "--passphrase-file", "passphrase"]).ok();
}

#[test]
fn a_passphrase_can_be_read_from_a_socket_up_to_the_line_end() {
    if !has("python3") {
        return;
    }
    let sandbox = sandbox();
    // The writer leaves the socket open, as node does. The other one doesn't block.
    let script = "import os, socket, subprocess, sys\n\
        a, b = socket.socketpair()\n\
        b.setblocking(False)\n\
        a.sendall(sys.argv[2].encode() + b'\\n')\n\
        n = str(b.fileno())\n\
        sys.exit(subprocess.run([sys.argv[1], 'exec', '--passphrase-fd', n, '--', 'sh', '-c', \n\
            'test ! -e /proc/self/fd/' + n], pass_fds=[b.fileno()]).returncode)\n";
    let program = program().to_str().unwrap();
    finish(sandbox.other("python3", ["-c", script, program, PASSPHRASE])).ok();
    sandbox.run(["list", "--passphrase-fd", "999"]).fails(4).says("descriptor 999 can't be read");
    sandbox.run(["list", "--passphrase-fd=-1"]).fails(4).says("can't be read");
}

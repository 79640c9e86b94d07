//! Refusals by a rule are logged, even for a user with every right.

use super::entries;
use crate::device::{Device, vault};

/// Runs each command line on its own device, and checks the exit code and the log entries.
fn each_is_logged(rows: &[(&[&str], i32, &[&str])]) {
    let sandbox = vault();
    sandbox.run(["set", "dev/DUE=x", "--expires", "1s"]).ok();
    sandbox.write("refers", "NAME=vault://prod/KEY\n");
    sandbox.write("due", "NAME=vault://DUE\n");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    for (number, (arguments, code, logged)) in rows.iter().enumerate() {
        let device = Device::new(&sandbox, &format!("device-{number}")).with_key(sandbox.key());
        // With strict settings, a device must have seen the vault before.
        device.run(&["get", "dev/PORT"]).ok();
        let run = device.run(arguments);
        assert_eq!(run.code, *code, "{run:?}");
        let found = entries(&device).into_iter().skip(1).map(|(entry, outcome)| format!("{outcome} {entry}"));
        assert_eq!(found.collect::<Vec<_>>(), *logged, "{arguments:?}");
    }
}

#[test]
fn a_reference_outside_the_chosen_environment_is_logged_as_denied() {
    each_is_logged(&[
        (&["render", "-e", "dev", "refers"], 5, &["denied render prod KEY"]),
        (
            &["exec", "-e", "dev", "--only", "PORT", "--env-file", "refers", "--", "true"],
            125,
            &["denied exec prod KEY by true"],
        ),
    ]);
}

#[test]
fn refusing_an_expired_value_is_logged() {
    each_is_logged(&[
        (&["get", "dev/DUE", "--strict"], 1, &["failed get dev DUE"]),
        (&["get", "dev/DUE", "--json", "--strict"], 1, &["failed get dev DUE"]),
        (&["render", "-e", "dev", "due", "--strict"], 1, &["failed render dev DUE"]),
        (&["export", "-e", "dev", "--strict"], 1, &["failed export dev DUE"]),
        (&["exec", "-e", "dev", "--strict", "--", "true"], 125, &["failed exec dev DUE by true"]),
        (
            &["exec", "-e", "dev", "--only", "PORT", "--env-file", "due", "--strict", "--", "true"],
            125,
            &["failed exec dev DUE by true"],
        ),
    ]);
}

#[test]
fn refusing_a_dangerous_name_is_logged() {
    each_is_logged(&[
        (&["set", "dev/LD_PRELOAD=x"], 2, &["failed set dev LD_PRELOAD"]),
        (&["set", "dev/PORT", "--as", "LD_PRELOAD"], 2, &["failed set dev PORT"]),
        (&["cp", "dev/PORT", "dev/LD_PRELOAD"], 2, &["failed copy dev PORT,LD_PRELOAD"]),
        (&["mv", "dev/PORT", "dev/LD_PRELOAD"], 2, &["failed move dev PORT,LD_PRELOAD"]),
    ]);
}

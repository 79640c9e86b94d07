//! `exec`: which items the command gets as variables, and which are left out.

use super::exec::sandbox;
use crate::harness::finish;

#[test]
fn later_environments_win() {
    let sandbox = sandbox();
    sandbox.set("prod/TOKEN", b"of prod");
    let token = |options: &[&str]| {
        let arguments = [&["exec"], options, &["--", "sh", "-c", "printf %s \"$TOKEN$GREETING\""]].concat();
        sandbox.run(arguments).ok().text()
    };
    assert_eq!(token(&["-e", "dev", "-e", "prod"]), "of prodhello world");
    assert_eq!(token(&["-e", "prod,dev"]), "hunter2-hunter2hello world");
    assert_eq!(token(&["-e", "prod"]), "of prod");
}

#[test]
fn items_can_be_chosen_and_the_inherited_environment_kept_or_cleared() {
    let sandbox = sandbox();
    let names = |options: &[&str]| {
        let arguments = [&["exec"], options, &["--", "env"]].concat();
        let mut command = sandbox.command(arguments);
        command.env("TOKEN", "outer").env("OTHER", "outer");
        finish(command).ok().text()
    };
    assert!(names(&[]).contains("TOKEN=hunter2"));
    assert!(names(&["--preserve-env"]).contains("TOKEN=outer"));
    assert!(names(&["--preserve-env=TOKEN"]).contains("TOKEN=outer"));
    assert!(names(&["--preserve-env=X"]).contains("TOKEN=hunter2"));
    assert!(names(&["--only", "GREET*"]).contains("TOKEN=outer"));
    assert!(!names(&["--except", "GREETING"]).contains("GREETING"));
    let pristine = names(&["--pristine"]);
    assert!(!pristine.contains("OTHER=") && pristine.contains("HOME=") && pristine.contains("TOKEN=hunter2"));
}

#[test]
fn chosen_and_excluded_names_must_exist_and_choosing_nothing_is_reported() {
    let sandbox = sandbox();
    for option in ["--only", "--except"] {
        sandbox.run(["exec", option, "TYPO", "--", "true"]).fails(125).says("there is no item \"TYPO\" to ");
        sandbox.run(["export", option, "TYPO"]).fails(3).says("TYPO");
        sandbox.run(["env", "copy", "dev", "other", option, "TYPO"]).fails(3).says("TYPO");
        sandbox.run(["exec", option, "", "--", "true"]).fails(125).says("the name of an item is empty");
    }
    let printed = "no item matches --only and --except";
    sandbox.run(["exec", "--only", "Z*", "--", "true"]).ok().says(printed);
    sandbox.run(["exec", "--except", "*", "--", "true"]).ok().says(printed);
    sandbox.run(["exec", "--except", "*", "--stdin", "TOKEN", "--", "cat"]).ok().says("");
    assert!(!sandbox.run(["exec", "--only", "TOKEN,Z*", "--", "true"]).ok().stderr.contains(printed));
}

#[test]
fn e2_e4_an_item_that_cannot_be_a_variable_is_left_out_and_named_unless_it_is_requested() {
    let sandbox = sandbox();
    let large = vec![b'x'; 200 * 1024];
    let nul = "BINARY contains a NUL byte, which a variable can't have";
    let kernel = "LARGE is too large for a variable: the kernel takes 128 KiB";
    sandbox.run_with_input(["set", "--raw", "BINARY"], b"a\0b").ok().says(nul).says("set dev/BINARY --deliver file");
    sandbox.run_with_input(["set", "--raw", "LARGE"], &large).ok().says(kernel);
    for option in [&[][..], &["--mask"], &["--watch"]] {
        let run = sandbox.run([&["exec"], option, &["--", "env"]].concat()).ok().says(nul).says(kernel);
        assert!(run.text().contains("TOKEN=") && !run.text().contains("BINARY") && !run.text().contains("LARGE"));
        assert_eq!(run.stderr.lines().filter(|line| line.contains("left out: ")).count(), 1, "{run:?}");
    }
    // No log entry says that values were given out.
    let log = sandbox.run(["log", "--json", "-n", "1", "--action", "exec"]).ok().json();
    assert_eq!(log["secrets"], serde_json::json!(["GREETING", "TOKEN"]));
    for (name, why) in [("BINARY", nul), ("LARGE", kernel)] {
        sandbox.run(["exec", "--only", name, "--", "true"]).fails(125).says(why);
        assert_eq!(sandbox.run(["exec", "--except", "BINARY,LARGE", "--", "true"]).ok().stderr, "");
        sandbox.run(["exec", "--file", name, "--except", "BINARY,LARGE", "--", "true"]).ok();
    }
    sandbox.write("large.env", [b"OVER=", &large[..], b"\nFITS=x\n"].concat());
    sandbox
        .run(["import", "large.env"])
        .ok()
        .says("programs don't get these, because they can't be variables: OVER (is too large");
}

#[test]
fn e1_an_item_whose_name_is_no_variable_name_is_left_out_and_reported_once() {
    let sandbox = sandbox();
    sandbox.set("1A", b"x");
    let run = sandbox.run(["exec", "--", "env"]).ok();
    assert!(!run.text().contains("1A"));
    assert_eq!(run.stderr.matches("1A").count(), 1);
}

#[test]
fn e5_an_environment_too_large_for_the_kernel_is_an_error() {
    let sandbox = sandbox();
    let dotenv: String = (0..70).map(|i| format!("LARGE_{i}={}\n", "x".repeat(100 * 1024))).collect();
    sandbox.write("large.env", dotenv);
    sandbox.run(["import", "large.env"]).ok();
    sandbox.run(["exec", "--", "true"]).fails(125).says("too large for the kernel").says("LARGE_");
}

#[test]
fn e6_dangerous_names_are_refused_unless_allowed() {
    let sandbox = sandbox();
    sandbox.run_with_input(["set", "LD_PRELOAD"], b"x").fails(2).says("--allow-name LD_PRELOAD");
    sandbox
        .run_with_input(["set", "--allow-name", "LD_PRELOAD", "LD_PRELOAD"], b"/nonexistent.so")
        .ok()
        .says("exec leaves it out");
    let run = sandbox
        .run(["exec", "--", "env"])
        .ok()
        .says("LD_PRELOAD can make a program load code (--allow-name LD_PRELOAD)");
    assert!(!run.text().contains("LD_PRELOAD") && run.text().contains("TOKEN="));
    sandbox.run(["exec", "--only", "LD_PRELOAD", "--", "true"]).fails(125).says("LD_PRELOAD");
    sandbox.run(["exec", "--except", "LD_PRELOAD", "--", "true"]).ok();
    let mut allowed = sandbox.command(["exec", "--", "sh", "-c", "echo $LD_PRELOAD"]);
    allowed.env("VAULT_ALLOW_NAMES", "PATH,LD_PRELOAD");
    assert_eq!(finish(allowed).ok().text(), "/nonexistent.so\n");
}

#[test]
fn e6_no_item_changes_the_settings_of_a_vault_started_by_the_command() {
    let sandbox = sandbox();
    for name in vault::settings::Variable::NAMES {
        sandbox.run_with_input(["set", name], b"x").fails(2).says(&format!("--allow-name {name}"));
    }
    for name in ["VAULT_COMPLETE", "XDG_STATE_HOME", "_CLAP_COMPLETE_INDEX"] {
        sandbox.run_with_input(["set", "--allow-name", name, name], b"x").ok();
        sandbox.run(["exec", "--only", name, "--", "true"]).fails(125).says(name);
        sandbox.run(["rm", "-y", name]).ok();
    }
    sandbox.write("steers.env", "VAULT_STATE_DIR=/tmp\nSTATE_DIRECTORY=/tmp\nHARMLESS=1\n");
    sandbox.run(["import", "steers.env"]).ok().says("VAULT_STATE_DIR").says("STATE_DIRECTORY");
    let listed = sandbox.run(["list"]).ok().text();
    assert!(listed.contains("HARMLESS") && !listed.contains("STATE_DIR"), "{listed}");
}

#[test]
fn an_expired_value_warns_and_with_strict_fails() {
    let sandbox = sandbox();
    sandbox.run(["set", "TOKEN", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    sandbox.run(["exec", "--", "true"]).ok().says("expired: dev/TOKEN");
    sandbox.run(["exec", "--strict", "--", "true"]).fails(125).says("expired: dev/TOKEN");
    for (strict, code) in [("1", 125), ("yes", 125), ("0", 0), ("off", 0), ("No", 0), ("false", 0), ("", 0)] {
        let mut exec = sandbox.command(["exec", "--", "true"]);
        exec.env("VAULT_STRICT", strict);
        assert_eq!(finish(exec).says("expired: dev/TOKEN").code, code, "{strict}");
    }
}

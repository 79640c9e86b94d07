//! `exec`: the command runs exactly as it would without `vault`.

use crate::harness::{Sandbox, feed, finish, has, program};
use std::os::unix::ffi::OsStringExt as _;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.set("GREETING", b"hello world");
    sandbox
}

#[test]
fn j1_exit_codes_and_signals_are_the_commands_own() {
    let sandbox = sandbox();
    for code in [0, 1, 2, 42, 125, 126, 127, 128, 255] {
        assert_eq!(sandbox.run(["exec", "--", "sh", "-c", &format!("exit {code}")]).code, code);
    }
    for (signal, number) in [("TERM", 15), ("KILL", 9), ("INT", 2), ("PIPE", 13)] {
        assert_eq!(sandbox.run(["exec", "--", "sh", "-c", &format!("kill -{signal} $$")]).code, 128 + number);
    }
}

#[test]
fn j3_sigpipe_is_the_default_for_the_command() {
    let sandbox = sandbox();
    let run = sandbox.run(["exec", "--", "sh", "-c", "grep SigIgn /proc/self/status"]).ok();
    let ignored = u64::from_str_radix(run.text().split_whitespace().last().unwrap(), 16).unwrap();
    assert_eq!(ignored & (1 << 12), 0, "SIGPIPE is signal 13");
}

#[test]
fn ignored_signals_stay_ignored() {
    let sandbox = sandbox();
    let script = format!("trap '' HUP; exec '{}' exec -- grep SigIgn /proc/self/status", program().display());
    let run = finish(sandbox.other("sh", ["-c", &script])).ok();
    let ignored = u64::from_str_radix(run.text().split_whitespace().last().unwrap(), 16).unwrap();
    assert_eq!(ignored & 1, 1, "SIGHUP is signal 1");
}

#[test]
fn j4_the_command_gets_no_key_and_no_descriptor_of_vault() {
    let sandbox = sandbox();
    let mut command = sandbox.command(["exec", "--", "env"]);
    command
        .env("VAULT_PASSPHRASE", "x")
        .env("VAULT_KEY_FILE", "y")
        .env("VAULT_TOKEN", "kept")
        .env("VAULT_ADDR", "kept");
    let text = finish(command).ok().text();
    for name in ["VAULT_KEY", "VAULT_PASSPHRASE"] {
        assert!(!text.contains(name), "{text}");
    }
    assert!(text.contains("VAULT_TOKEN=kept") && text.contains("VAULT_ADDR=kept"));
    // Descriptors that the test itself inherited are open in both runs.
    let descriptors = "ls /proc/self/fd";
    let without = finish(sandbox.other("sh", ["-c", descriptors])).ok().text();
    assert_eq!(sandbox.run(["exec", "--", "sh", "-c", descriptors]).ok().text(), without);
}

#[test]
fn j4_inherited_descriptors_umask_and_limits_pass_through() {
    let sandbox = sandbox();
    let script = format!(
        "exec 7</dev/null; umask 027; ulimit -n 99; echo $$; exec '{}' exec -- \
         sh -c 'echo $$; test -e /proc/self/fd/7 && echo open; umask; ulimit -n; pwd'",
        program().display()
    );
    let text = finish(sandbox.other("sh", ["-c", &script])).ok().text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], lines[1], "the process id is the same");
    let here = std::fs::canonicalize(sandbox.project()).unwrap();
    assert_eq!(lines[2..], ["open", "0027", "99", here.to_str().unwrap()]);
}

#[test]
fn g4_standard_input_goes_to_the_command() {
    let sandbox = sandbox();
    let run = feed(sandbox.command(["exec", "--", "cat"]), b"a\0b\nc");
    assert_eq!(run.ok().stdout, b"a\0b\nc");
}

#[test]
fn non_utf8_variables_survive() {
    let sandbox = sandbox();
    let mut command = sandbox.command(["exec", "--", "sh", "-c", "printf %s \"$ODD\""]);
    command.env("ODD", std::ffi::OsString::from_vec(vec![0xff, 0xfe, b'x']));
    assert_eq!(finish(command).ok().stdout, [0xff, 0xfe, b'x']);
}

#[test]
fn j6_a_command_that_cannot_run_has_the_shells_exit_code() {
    let sandbox = sandbox();
    sandbox.run(["exec", "--", "no-such-program"]).fails(127).says("command \"no-such-program\" not found");
    sandbox.run(["exec", "--", "./no/such"]).fails(127);
    sandbox.run(["exec", "--", "/"]).fails(126).says("is a directory");
    sandbox.write("plain", "not a program");
    sandbox.run(["exec", "--", "./plain"]).fails(126).says("can't be executed");
    sandbox.run(["exec", "--no-such-option", "--", "true"]).fails(125);
    sandbox.run(["exec"]).fails(125);
    sandbox.run(["exec", "-e", "nowhere", "--", "true"]).fails(125).says("nowhere");
    sandbox.run(["-e", "dev", "exec", "-e", "dev", "--", "true"]).fails(125).says("before and after");
}

#[test]
fn a_shell_line_runs_under_the_same_rules_as_a_command() {
    let sandbox = sandbox();
    let run = |options: &[&str]| sandbox.run([&["exec"], options].concat());
    let ended = run(&["-c", "echo \"$GREETING\" && exit 7"]);
    assert_eq!((ended.text().as_str(), ended.code), ("hello world\n", 7));
    assert_eq!(run(&["--command", "echo \"$GREETING\" | tr a-z A-Z"]).ok().text(), "HELLO WORLD\n");
    assert_eq!(run(&["--command=false || echo no", "-q"]).ok().text(), "no\n", "options may follow");
    let masked = run(&["--mask", "--only", "GREETING", "-c", "echo \"<$GREETING>\""]).ok();
    assert_eq!((masked.text().as_str(), masked.stderr.as_str()), ("<****>\n", "masked: GREETING once\n"));
    let signalled = run(&["-c", "kill -TERM $$"]);
    assert_eq!(signalled.code, 143);
    run(&["-c", "true", "--", "true"]).fails(125).says("--command can't be used with CMD");
    run(&["-c", ""]).fails(125).says("--command LINE has no value");
    let key = sandbox.key().to_owned();
    let refused = run(&["-c", &key]).fails(125);
    assert!(refused.stderr.contains("it is a key") && !refused.stderr.contains(&key[..20]), "{}", refused.stderr);
    let entries = sandbox.run(["log", "--action", "exec", "--json"]).ok().text();
    assert!(entries.lines().all(|entry| entry.contains("\"program\":\"sh\"")), "{entries}");
}

#[test]
fn a_script_without_a_shebang_runs_as_in_a_shell() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox();
    let script = sandbox.write("script", "echo \"$GREETING\"\n");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sandbox.run(["exec", "--", "./script"]).ok().text(), "hello world\n");
}

#[test]
fn common_mistakes_get_a_hint() {
    let sandbox = sandbox();
    sandbox
        .run(["exec", "prod", "--", "npm", "start"])
        .fails(127)
        .says("hint: to choose an environment: vault exec -e prod -- npm start");
    sandbox.run(["exec", "--", "echo", ""]).ok().says("hint: argument 1 of the command is empty");
    for literal in ["$TOKEN", "${TOKEN}"] {
        sandbox.run(["exec", "--", "echo", literal]).ok().says("no shell expands $TOKEN here");
    }
    assert_eq!(sandbox.run(["exec", "--", "echo", "$OTHER"]).ok().stderr, "");
}

#[test]
fn all_arguments_after_the_command_belong_to_the_command() {
    let sandbox = sandbox();
    let run = sandbox.run(["exec", "echo", "--only", "X", "-e", "prod", "--json", "--", "-q"]).ok();
    assert_eq!(run.text(), "--only X -e prod --json -- -q\n");
}

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
    let said = "nothing is injected";
    sandbox.run(["exec", "--only", "Z*", "--", "true"]).ok().says(said);
    sandbox.run(["exec", "--except", "*", "--", "true"]).ok().says(said);
    sandbox.run(["exec", "--except", "*", "--stdin", "TOKEN", "--", "cat"]).ok().says("");
    assert!(!sandbox.run(["exec", "--only", "TOKEN,Z*", "--", "true"]).ok().stderr.contains(said));
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
        assert_eq!(run.stderr.lines().filter(|line| line.contains("not injected")).count(), 1, "{run:?}");
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
fn j4_closed_descriptors_stay_closed_and_output_to_them_is_not_lost_silently() {
    let sandbox = sandbox();
    let program = program().display();
    let shell = |script: &str| finish(sandbox.other("bash", ["-c", &script.replace("vault", &format!("'{program}'"))]));
    let list = "for f in 0 1 2; do [ -e /proc/self/fd/$f ] && echo $f is open; done >open 2>/dev/null";
    shell(&format!("vault exec -- bash -c '{list}' <&- 2>&-")).ok();
    // The shell itself opens both outputs.
    assert_eq!(std::fs::read_to_string(sandbox.project().join("open")).unwrap(), "1 is open\n2 is open\n");
    let closed = shell("vault get TOKEN >&-").fails(1).says("there is no standard output to print to: it is closed");
    assert!(!closed.stderr.contains("disk"), "{closed:?}");
    // A prompt shows what it can, and a closed descriptor causes no error in it.
    let short = shell("vault status --short >&-").ok();
    assert_eq!(short.stderr, "");
    // No file that is opened later gets the number of standard error.
    shell("vault set --kind variable X=1 <&- >&- 2>&-; vault verify").ok();
}

#[test]
fn j5_no_command_line_of_vault_has_a_secret() {
    if !has("strace") {
        return;
    }
    let sandbox = sandbox();
    let program = program().to_str().unwrap();
    let run =
        finish(sandbox.other("strace", ["-f", "-s", "4096", "-e", "trace=execve", program, "exec", "--", "true"])).ok();
    let arguments: String = run.stderr.lines().filter(|line| line.contains("execve")).collect();
    assert!(!arguments.contains("hunter2") && !arguments.contains(sandbox.key()), "{arguments}");
}

#[test]
fn an_expired_value_warns_and_with_strict_fails() {
    let sandbox = sandbox();
    sandbox.run(["set", "TOKEN", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    sandbox.run(["exec", "--", "true"]).ok().says("expired: TOKEN");
    sandbox.run(["exec", "--strict", "--", "true"]).fails(125).says("expired: TOKEN");
    for (strict, code) in [("1", 125), ("yes", 125), ("0", 0), ("off", 0), ("No", 0), ("false", 0), ("", 0)] {
        let mut exec = sandbox.command(["exec", "--", "true"]);
        exec.env("VAULT_STRICT", strict);
        assert_eq!(finish(exec).says("expired: TOKEN").code, code, "{strict}");
    }
}

#[test]
fn the_log_entry_is_written_before_the_command_runs() {
    let sandbox = sandbox();
    let program = program().display();
    let script = format!("'{program}' exec -- sh -c \"VAULT_KEY=$VAULT_KEY '{program}' log --json -n 1\"");
    let entry = finish(sandbox.other("sh", ["-c", &script])).ok().json();
    assert_eq!(entry["action"], "exec");
    assert_eq!(entry["program"], "sh");
    assert_eq!(entry["secrets"], serde_json::json!(["GREETING", "TOKEN"]));
}

#[test]
fn an_env_file_may_be_a_pipe() {
    if !has("bash") {
        return;
    }
    let sandbox = sandbox();
    let script = format!("'{}' exec --env-file <(echo FROM=vault://TOKEN) -- printenv FROM", program().display());
    assert_eq!(finish(sandbox.other("bash", ["-c", &script])).ok().text(), "hunter2-hunter2\n");
}

//! `exec`: the command runs exactly as it would without `vault`.

use crate::harness::{Sandbox, feed, finish, has, program};
use std::os::unix::ffi::OsStringExt as _;

pub(super) fn sandbox() -> Sandbox {
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

//! Real client libraries, and the examples that use them.

use crate::harness::{MIA, Place, Server};
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use vault::log::Action;

/// Where Parse's JavaScript SDK is installed, if it is. It must be on CI.
#[allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]
fn node_modules() -> Option<OsString> {
    let modules = std::env::var_os("VAULT_TEST_PARSE_MODULES");
    assert!(modules.is_some() || std::env::var_os("CI").is_none(), "Parse's SDK is missing on CI");
    modules
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Runs a client as this user, with this text on standard input.
fn feed(server: &Server, mut command: Command, user: &str, input: &str) -> Output {
    command.env("VAULT_URL", format!("{}/parse", server.base)).env("VAULT_USERNAME", user);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Runs a client, which must succeed. Returns its standard output.
pub fn run(server: &Server, command: Command, input: &str) -> String {
    let output = feed(server, command, "mia", input);
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_javascript_sdk_runs_unchanged() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    let server = place.serve();
    let mut node = Command::new("node");
    node.arg(file("tests/clients/sdk.js")).arg(format!("{}/parse", server.base)).arg(MIA).env("NODE_PATH", modules);
    let printed = run(&server, node, "");
    let expected = include_str!("clients/sdk.txt");
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
    assert_eq!(place.log("mia").last().unwrap().entry.program, "sdk-test");
}

#[test]
fn live_queries_of_the_javascript_sdk_run_unchanged() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    let server = place.serve();
    let mut node = Command::new("node");
    node.arg(file("tests/clients/live.js")).arg(format!("{}/parse", server.base)).arg(MIA).env("NODE_PATH", modules);
    let printed = run(&server, node, "");
    let expected = include_str!("clients/live.txt");
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
}

#[test]
fn the_node_example_runs() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    let server = place.serve();
    let mut node = Command::new("node");
    node.arg(file("../examples/node/app.js")).env("NODE_PATH", modules);
    let printed = run(&server, node, &format!("{MIA}\n"));
    assert!(printed.contains("there before: 0") && printed.contains("EXAMPLE_TWO version 1 has 20 bytes"), "{printed}");
    assert!(printed.contains("told of: EXAMPLE_ONE EXAMPLE_TWO"), "{printed}");
    assert!(printed.contains("saved again: 2") && printed.ends_with("left: 0\n"), "{printed}");
}

#[test]
fn the_react_native_example_stores_its_session_but_no_value() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    // In a directory where node finds the packages that the example imports.
    let sources = tempfile::tempdir_in(Path::new(&modules).parent().unwrap()).unwrap();
    for name in ["vault.js", "storage.js"] {
        std::fs::copy(file("../examples/react-native").join(name), sources.path().join(name)).unwrap();
    }
    let store = place.path().join("store.json");
    let server = place.serve();
    let start = |name: &str| {
        let mut node = Command::new("node");
        node.arg("--no-warnings").arg(file("tests/clients/react-native.cjs")).arg(sources.path()).arg(&store);
        node.arg(format!("{}/parse", server.base)).arg(name);
        let printed = run(&server, node, MIA);
        let kept = std::fs::read_to_string(&store).unwrap();
        assert!(!kept.contains("s3cret") && !kept.contains("set-in-the-app") && !kept.contains(MIA), "{kept}");
        printed
    };
    let list = "listed BINARY PORT STRIPE_KEY TOKEN";
    assert_eq!(start("first"), format!("{list}\nread 13\ntold of TOKEN false\n"));
    assert!(std::fs::read_to_string(&store).unwrap().contains("r:"), "the session is kept");
    assert_eq!(start("second"), format!("still mia\n{list}\n"));
    server.terminate();
    while std::net::TcpStream::connect(server.address()).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(start("offline"), format!("still mia\n{list}, from before\nthen null , from before\n"));
    assert!(!std::fs::read_to_string(&store).unwrap().contains("r:"), "signing out must remove the session");
}

/// Checks the output of a REST example and that the log has one read by it.
fn check_rest_example(place: &Place, command: Command, client: &str) {
    let server = place.serve();
    let printed = run(&server, command, &format!("{MIA}\n"));
    let expected = [
        "in dev: BINARY PORT STRIPE_KEY TOKEN",
        "TOKEN has 13 bytes",
        "EXAMPLE is now version 2",
        "refused: EXAMPLE has version 2 now, not 1: nothing was changed",
        &format!("the log: get TOKEN by {client}"),
        "removed",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    let log = place.log("mia");
    let reads = log.iter().filter(|line| line.entry.action == Action::Get && line.entry.program == client);
    assert_eq!(reads.count(), 1, "one value was read");
}

/// Runs a client on a terminal and types the passphrase at its prompt. Returns everything that the terminal shows.
pub fn type_passphrase(server: &Server, command: &str, modules: &[(&str, OsString)]) -> String {
    let mut script = Command::new("script");
    script.args(["-qefc", command, "/dev/null"]).envs(modules.iter().cloned());
    script.env("VAULT_URL", format!("{}/parse", server.base)).env("VAULT_USERNAME", "mia");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut byte = [0];
    while !shown.ends_with(b"Passphrase: ") {
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "{command}: {}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    keyboard.write_all(format!("{MIA}\r").as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(child.wait().unwrap().success(), "{command}: {shown}");
    shown
}

#[test]
fn no_example_shows_the_typed_passphrase() {
    let place = Place::new();
    let server = place.serve();
    let example = |program: &str, name: &str| format!("{program} '{}'", file("../examples").join(name).display());
    let mut all = vec![
        (example("sh", "curl/app.sh"), Vec::new()),
        (example("python3", "python/app.py"), Vec::new()),
        (example("php", "php/app.php"), Vec::new()),
    ];
    all.extend(node_modules().map(|modules| (example("node", "node/app.js"), vec![("NODE_PATH", modules)])));
    for (command, modules) in all {
        let shown = type_passphrase(&server, &command, &modules);
        assert!(!shown.contains(MIA) && shown.lines().count() > 3, "{command}: {shown}");
    }
}

/// A wrong passphrase gives one line on standard error and a failing exit code.
#[test]
fn the_rest_examples_report_an_error_in_one_line() {
    let place = Place::new();
    let server = place.serve();
    for (program, example) in [("sh", "curl/app.sh"), ("python3", "python/app.py"), ("php", "php/app.php")] {
        // A different user each time, because a user whose login failed has to wait.
        let mut command = Command::new(program);
        command.arg(file("../examples").join(example));
        let output = feed(&server, command, program, "wrong\n");
        let printed = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<&str> = printed.lines().filter(|line| !line.starts_with("curl: (22)")).collect();
        assert!(!output.status.success() && output.stdout.is_empty(), "{example}");
        assert_eq!(lines, ["error: Invalid username/password."], "{example}");
    }
}

#[test]
fn the_curl_example_puts_no_secret_on_a_command_line() {
    let place = Place::new();
    // A curl that records its command line.
    let (programs, seen) = (place.path().join("programs"), place.path().join("seen"));
    std::fs::create_dir(&programs).unwrap();
    let script = format!("#!/bin/sh\necho \"$@\" >>'{}'\nexec /usr/bin/curl \"$@\"\n", seen.display());
    std::fs::write(programs.join("curl"), script).unwrap();
    std::fs::set_permissions(programs.join("curl"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut sh = Command::new("sh");
    sh.arg(file("../examples/curl/app.sh")).env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    check_rest_example(&place, sh, "example-curl");
    let seen = std::fs::read_to_string(seen).unwrap();
    for secret in ["r:", MIA, "first", "second", "s3cret"] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
}

#[test]
fn the_python_example_runs() {
    let mut python = Command::new("python3");
    python.arg(file("../examples/python/app.py"));
    check_rest_example(&Place::new(), python, "example-python");
}

#[test]
fn the_php_example_runs() {
    let mut php = Command::new("php");
    php.arg(file("../examples/php/app.php"));
    check_rest_example(&Place::new(), php, "example-php");
}

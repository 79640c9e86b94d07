//! The examples for browsers, built with their own tools and driven in Chromium against a real server.
//!
//! `VAULT_TEST_EXAMPLE_REACT` and similar variables name a directory where `npm ci` was run with the example's
//! package-lock.json.

use crate::harness::{MIA, Place};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use vault::log::Action;

/// What a test needs to know about an example, besides its sources.
struct App {
    name: &'static str,
    /// The variable that gives the app the server's URL. An example without one reads the URL from
    /// `public/config.json`.
    url: &'static str,
    /// Whether it must be built before it is served.
    is_built: bool,
    /// The script in package.json that serves it, with arguments. The test adds the port.
    served_by: &'static [&'static str],
    /// Where values are read: in the `page`, or on the app's `server`.
    target: &'static str,
}

/// A process group that is killed when this is dropped.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let leader = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

/// A variable that only tests use. It must be set on CI.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).map(PathBuf::from);
    assert!(value.is_some() || std::env::var_os("CI").is_none(), "{name} is missing on CI");
    if value.is_none() {
        println!("skipped: {name} is not set");
    }
    value
}

/// Copies an example's sources, without dependencies and build output. A second package-lock.json would keep Next from
/// looking for dependencies in parent directories.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if ["node_modules", "package-lock.json", "dist", ".next", ".angular"].iter().any(|built| name == *built) {
            continue;
        }
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(name)),
            false => drop(std::fs::copy(entry.path(), to.join(name)).unwrap()),
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn drive(app: &App) {
    let Some(installed) = variable(&format!("VAULT_TEST_EXAMPLE_{}", app.name.to_uppercase())) else { return };
    let Some(playwright) = variable("VAULT_TEST_PLAYWRIGHT") else { return };
    // In a subdirectory of the installed packages, where node and npm find them.
    let sources = tempfile::Builder::new().prefix("run-").tempdir_in(installed).unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(app.name), sources.path());
    let (place, port) = (Place::new(), free_port());
    let origin = format!("http://localhost:{port}");
    let server = place.serve_with(&["--allow-origin", &origin]);
    let config = sources.path().join("public/config.json");
    if config.exists() {
        let url = format!("{}/parse", server.base);
        std::fs::write(config, serde_json::json!({ "vaultUrl": url }).to_string()).unwrap();
    }
    let npm = |script: &str| {
        let mut npm = Command::new("npm");
        npm.args(["run", script]).current_dir(sources.path()).process_group(0).stdin(Stdio::null());
        npm.env(app.url, format!("{}/parse", server.base)).env("NEXT_TELEMETRY_DISABLED", "1");
        npm.env("NG_CLI_ANALYTICS", "false");
        npm
    };
    if app.is_built {
        succeed("the build", npm("build"));
    }
    let mut serving = npm(app.served_by[0]);
    serving.arg("--").args(&app.served_by[1..]).args(["--port", &port.to_string()]).stdout(Stdio::null());
    let _serving = Group(serving.spawn().unwrap());
    while TcpStream::connect(("localhost", port)).is_err() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/drive.mjs"));
    node.env("VAULT_TEST_PLAYWRIGHT", &playwright).env("VAULT_TEST_APP", &origin).env("VAULT_TEST_BASE", &server.base);
    node.env("VAULT_TEST_MIA", MIA).env("VAULT_TEST_TARGET", app.target);
    succeed("the browser test", node);
    assert_eq!(reads(&place, app), 1, "the log must have one entry for the example");
}

fn succeed(what: &str, mut command: Command) {
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {printed}");
}

/// How many times the example read a value, according to the log.
fn reads(place: &Place, app: &App) -> usize {
    let program = format!("example-{}", app.name);
    place.log("mia").iter().filter(|line| line.entry.action == Action::Get && line.entry.program == program).count()
}

#[test]
fn the_react_example_works_in_a_browser_in_development_mode() {
    let served_by = &["dev", "--strictPort"];
    drive(&App { name: "react", url: "VITE_VAULT_URL", is_built: false, served_by, target: "page" });
}

#[test]
fn the_react_example_works_in_a_browser_after_a_production_build() {
    let served_by = &["preview", "--strictPort"];
    drive(&App { name: "react", url: "VITE_VAULT_URL", is_built: true, served_by, target: "page" });
}

#[test]
fn the_vue_example_works_in_a_browser() {
    let served_by = &["preview", "--strictPort"];
    drive(&App { name: "vue", url: "VITE_VAULT_URL", is_built: true, served_by, target: "page" });
}

#[test]
fn the_next_example_works_in_a_browser_in_development_mode() {
    drive(&App { name: "next", url: "VAULT_URL", is_built: false, served_by: &["dev"], target: "server" });
}

#[test]
fn the_next_example_works_and_the_browser_gets_no_value() {
    drive(&App { name: "next", url: "VAULT_URL", is_built: true, served_by: &["start"], target: "server" });
}

#[test]
fn the_angular_example_works_in_a_browser() {
    let served_by = &["start", "--configuration", "production"];
    drive(&App { name: "angular", url: "VAULT_URL", is_built: false, served_by, target: "page" });
}

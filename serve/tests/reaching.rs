//! Who can connect to the server, and how it starts and stops.

use crate::harness::{Place, Server};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;

/// Sends bytes and reads the answer to its end.
fn raw(mut stream: impl std::io::Read + std::io::Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn health(host: &str) -> String {
    format!("GET /parse/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

#[test]
fn the_server_prints_its_address_and_nothing_else() {
    let place = Place::new();
    let server = place.serve();
    let port: u16 = server.base.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
    assert_ne!(port, 0);
    let answer = server.ask("GET", "/parse/health", &[], None);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.ok(), json!({ "status": "ok" }));

    let server = place.serve_with(&["--json"]);
    let address = &server.details;
    assert!(address["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{address}");
    assert_eq!(address["parse"], format!("{}/parse", address["url"].as_str().unwrap()));
    assert_eq!(address.get("code"), None);
}

#[test]
fn sigterm_stops_the_server_after_running_requests_finish() {
    let place = Place::new();
    let server = place.serve();
    let mut slow = TcpStream::connect(server.address()).unwrap();
    let body = json!({ "username": "mia", "password": crate::harness::MIA }).to_string();
    let head = format!(
        "POST /parse/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.address(),
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(&body.as_bytes()[..1]).unwrap();
    // Send TERM only when the request is being handled: another request to the same thread pool was answered.
    assert_eq!(server.ask("GET", "/parse/health", &[], None).status, 200);
    server.terminate();
    while TcpStream::connect(server.address()).is_ok() {
        std::thread::yield_now();
    }
    slow.write_all(&body.as_bytes()[1..]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("sessionToken"), "{answer}");
    assert_eq!(server.wait(), (Some(0), String::new()));
}

#[test]
fn dns_rebinding_and_other_sites_are_refused_before_any_value_is_read() {
    let place = Place::new();
    let server = place.serve_with(&["--allow-origin", "http://localhost:3000"]);
    let answer = raw(TcpStream::connect(server.address()).unwrap(), &health("evil.example"));
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let login = json!({ "username": "mia", "password": crate::harness::MIA });
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = server.ask("POST", "/parse/login", &[("origin", origin)], Some(&login));
        assert_eq!(answer.status, 403, "{origin}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let allowed = [("origin", "http://localhost:3000")];
    let answer = server.ask("POST", "/parse/login", &allowed, Some(&login));
    assert_eq!(
        (answer.status, &answer.headers["access-control-allow-origin"]),
        (200, &"http://localhost:3000".parse().unwrap())
    );
    assert!(
        !answer.headers.contains_key("access-control-allow-credentials") && !answer.headers.contains_key("set-cookie")
    );
    let asked = server.ask("OPTIONS", "/parse/login", &allowed, None);
    assert_eq!(asked.status, 204);
    assert!(asked.headers["access-control-allow-headers"].to_str().unwrap().contains("X-Parse-Session-Token"));
    assert_eq!(server.ask("OPTIONS", "/parse/login", &[("origin", "http://evil.example")], None).status, 403);
}

#[test]
fn a_secret_in_a_url_is_refused() {
    let place = Place::new();
    let server = place.serve();
    for path in ["/parse/login?username=mia&password=x", "/parse/classes/Secret?_SessionToken=r:1"] {
        server.ask("GET", path, &[], None).refused(119).says("URL");
    }
}

#[test]
fn a_non_local_address_needs_tls_and_a_server_name() {
    let place = Place::new();
    let (code, printed) = place.fails(&["--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("--tls-cert"), "{printed}");
}

#[test]
fn only_the_owner_can_use_a_unix_socket() {
    let place = Place::new();
    let path = place.path().join("serve.sock");
    let server = place.serve_with(&["--socket", path.to_str().unwrap()]);
    assert_eq!(server.base, format!("unix:{}", path.display()));
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    let answer = raw(UnixStream::connect(&path).unwrap(), &health("whatever"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (code, printed) = place.fails(&["--socket", path.to_str().unwrap()]);
    assert!(code == Some(1) && printed.contains("already exists"), "{printed}");

    // Even if its mode is changed, the kernel says which user connects.
    if rustix::process::geteuid().is_root() && std::path::Path::new("/usr/bin/setpriv").exists() {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let script = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); \
            s.sendall(b'GET /parse/health HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'); print(len(s.recv(9)))";
        let mut other = std::process::Command::new("/usr/bin/setpriv");
        other.args(["--reuid=65534", "--clear-groups", "python3", "-c", script]).arg(&path);
        let output = other.output().unwrap();
        assert!(!String::from_utf8(output.stdout).unwrap().contains('9'));
    }
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn a_socket_passed_by_systemd_is_used() {
    use std::os::fd::AsRawFd as _;
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::empty()).unwrap();
    let script = format!("exec 3<&{0}; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\"", listener.as_raw_fd());
    let direct = place.command(&[]);
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).arg(direct.get_program()).args(direct.get_args()).current_dir(place.path());
    command.env_clear().envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let server = Server::start(command);
    drop(listener);
    assert_eq!(server.base, format!("http://{address}"));
    assert_eq!(server.ask("GET", "/parse/health", &[], None).status, 200);
}

#[test]
fn systemd_must_pass_exactly_one_listening_socket() {
    use std::os::fd::{AsRawFd as _, OwnedFd};
    let place = Place::new();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let connected = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let wrong: [(&str, OwnedFd); 3] = [
        ("a file", std::fs::File::open(place.vault()).unwrap().into()),
        ("datagrams", std::net::UdpSocket::bind("127.0.0.1:0").unwrap().into()),
        ("a connection", connected.into()),
    ];
    let direct = place.command(&[]);
    let run = |descriptors: &str, count: &str| {
        let script = format!("{descriptors} export LISTEN_FDS={count} LISTEN_PID=$$; exec \"$0\" \"$@\"");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).arg(direct.get_program()).args(direct.get_args()).current_dir(place.path());
        command.env_clear().envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (what, descriptor) in wrong {
        rustix::io::fcntl_setfd(&descriptor, rustix::io::FdFlags::empty()).unwrap();
        let (code, printed) = run(&format!("exec 3<&{};", descriptor.as_raw_fd()), "1");
        assert!(code == Some(1) && printed.contains("is not a listening socket"), "{what}: {printed}");
    }
    let (code, printed) = run("exec 3<&-;", "1");
    assert!(code == Some(1) && printed.contains("is not a listening socket"), "{printed}");
    let (code, printed) = run("", "2");
    assert!(code == Some(2) && printed.contains("systemd passes 2 sockets"), "{printed}");
}

#[test]
fn connections_beyond_the_limit_have_to_wait() {
    let place = Place::new();
    let server = place.serve();
    let mut all: Vec<_> = (0..256).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    let mut waiting = TcpStream::connect(server.address()).unwrap();
    waiting.write_all(health(server.address()).as_bytes()).unwrap();
    waiting.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    assert!(waiting.read(&mut [0]).is_err(), "it must wait for a free connection");
    all.pop();
    waiting.set_read_timeout(None).unwrap();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn an_unknown_path_gives_an_ordinary_error() {
    let place = Place::new();
    let server = place.serve();
    for path in ["/classes/Secret", "/nowhere", "/parse/classes/Secret/1/2", "/parse/%2e%2e/login", "//parse/login"] {
        server.ask("GET", path, &[], None).refused(119).status(404).says("/openapi.json");
    }
}

#[test]
fn the_server_cannot_be_dumped_or_debugged() {
    let place = Place::new();
    let server = place.serve();
    // proc(5): the files of a process that isn't dumpable belong to root, and only root can read its memory.
    let status = std::fs::metadata(format!("/proc/{}/environ", server.id())).unwrap();
    assert_eq!(status.uid(), 0);
    if !rustix::process::geteuid().is_root() {
        assert!(std::fs::File::open(format!("/proc/{}/mem", server.id())).is_err());
    }
}

/// The options at the start of lines in a help text or a man page.
fn options(text: &str) -> std::collections::BTreeSet<String> {
    let lines = text.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let long = lines.filter_map(|line| line.split("--").nth(1)?.split(|end: char| " =[<".contains(end)).next());
    long.map(str::to_owned).collect()
}

#[test]
fn vault_serve_and_the_server_have_the_same_options() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_vault-serve")).arg("--help").output().unwrap();
    let mut own = options(&String::from_utf8(help.stdout).unwrap());
    assert!(own.len() > 10, "{own:?}");
    // Global options are in another section of the man page, and `--version` isn't an option of commands.
    for global in ["vault", "env", "json", "log-sync", "strict", "version"] {
        assert!(own.remove(global), "{global}");
    }
    let page = include_str!("../../man/vault-serve.1").replace("\\fB", "").replace("\\fR", "").replace('\\', "");
    let of_vault = options(page.split("GLOBAL OPTIONS").next().unwrap());
    assert_eq!(of_vault, own);
}

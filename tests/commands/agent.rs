//! `unlock`, `lock` and what they start: the agent.

use crate::harness::{Run, Sandbox, finish, has, program};
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A vault with a runtime directory; what is unlocked in it is locked at the end.
struct Unlocked {
    sandbox: Sandbox,
    runtime: PathBuf,
}

impl Unlocked {
    fn new() -> Self {
        let sandbox = Sandbox::with_vault();
        sandbox.set("TOKEN", b"hunter2");
        Self::around(sandbox)
    }

    /// With a vault of a passphrase, locked.
    fn with_passphrase() -> Self {
        let vault = Self::around(Sandbox::empty());
        let mut init = vault.command(&["init", "--work-factor", "10"]);
        init.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(init).ok();
        vault
    }

    fn around(sandbox: Sandbox) -> Self {
        let runtime = sandbox.home().join("run");
        std::fs::create_dir(&runtime).unwrap();
        std::fs::set_permissions(&runtime, Permissions::from_mode(0o700)).unwrap();
        Self { sandbox, runtime }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.env("XDG_RUNTIME_DIR", &self.runtime);
        command
    }

    /// With the key at hand.
    fn unlock(&self, options: &[&str]) -> Run {
        finish(self.command(&[&["unlock"], options].concat()))
    }

    /// With nothing but the agent.
    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.env_remove("VAULT_KEY");
        finish(command)
    }

    fn agent(&self) -> u32 {
        let status = self.run(&["status", "--json"]).ok().json();
        u32::try_from(status["agent"]["pid"].as_u64().unwrap()).unwrap()
    }

    fn socket(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.runtime.join("vault")).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "sock")).unwrap()
    }

    /// Where the agent listened that has ended.
    fn socket_of_nobody(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.runtime.join("vault")).unwrap().map(|entry| entry.unwrap().path());
        let lock = entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "lock"));
        lock.unwrap().with_extension("sock")
    }

    /// The body of an agent's answer to this request, behind whether it is one.
    fn ask(&self, version: u8, request: &str) -> Vec<u8> {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        let length = u32::try_from(request.len() + 1).unwrap();
        stream.write_all(&[&length.to_be_bytes(), &[version][..], request.as_bytes()].concat()).unwrap();
        let mut head = [0; 5];
        if stream.read_exact(&mut head).is_err() {
            return Vec::new();
        }
        let mut body = vec![0; u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize - 1];
        stream.read_exact(&mut body).unwrap();
        body
    }
}

impl Drop for Unlocked {
    fn drop(&mut self) {
        let _ = self.command(&["lock", "--all"]).output();
    }
}

const PASSPHRASE: &str = "violet tractor mumble 19 quince orbit";

/// What a command says on a terminal where its question for the passphrase is answered.
fn answered(mut command: Command) -> String {
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut terminal = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    terminal.exp_string("Passphrase for mia:").unwrap();
    terminal.send_line(PASSPHRASE).unwrap();
    terminal.exp_eof().unwrap()
}

fn lives(process: u32) -> bool {
    // Nobody waits for it here, so it may be a zombie in a container without a proper init.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn unlocked_once_every_command_works_until_it_is_locked() {
    let vault = Unlocked::new();
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    vault.unlock(&["--for", "8h"]).ok().says("for 8h, until 15m idle").says("`vault lock` ends it");
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    vault.run(&["set", "--kind", "variable", "NEW=1"]).ok();
    assert_eq!(vault.run(&["exec", "--", "printenv", "NEW"]).ok().text(), "1\n");
    let status = vault.run(&["status", "--json"]).ok().json();
    assert_eq!((&status["user"], &status["agent"]["idleLimit"]), (&"mia".into(), &900.into()));
    let moment = |field: &str| vault::time::Time::parse(status["agent"][field].as_str().unwrap()).unwrap().utc();
    let (held, idle) = (moment("heldUntil"), moment("idleUntil"));
    assert!((held - idle).num_seconds().abs_diff(7 * 3600 + 45 * 60) < 60, "{status}");
    assert!(vault.run(&["status"]).ok().text().contains("unlocked as mia, 15 min left"));
    let agent = vault.agent();
    vault.run(&["lock"]).ok().says("Locked.");
    until("the agent ends", || !lives(agent));
    vault.run(&["get", "TOKEN"]).fails(4);
    vault.run(&["lock"]).ok().says("Nothing was unlocked.");
    let mut nowhere = vault.command(&["lock"]);
    finish({
        nowhere.current_dir("/");
        nowhere
    })
    .fails(3)
    .says("vault lock --all");
    let mut off = vault.command(&["unlock"]);
    off.env("VAULT_AGENT", "off");
    finish(off).fails(2).says("the agent is off");
    vault.unlock(&[]).ok();
    let log = vault.run(&["log", "--json"]).ok().text();
    vault.run(&["log", "verify"]).ok();
    let mut exposure = vault.run(&["exposure", "mia", "--json"]).ok().json();
    assert!(exposure.as_array_mut().is_some_and(|items| !items.is_empty()), "{exposure}");
    for action in ["unlock", "get", "set", "exec", "lock"] {
        assert!(log.contains(&format!("\"action\":\"{action}\"")), "{action}: {log}");
    }
    vault.sandbox.run(["log", "verify"]).ok();
}

#[test]
fn a_command_that_is_run_has_nothing_of_the_agent() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let script = "env | grep -c VAULT_KEY; ls /proc/self/fd";
    let mut without = vault.sandbox.other("sh", ["-c", script]);
    without.env_remove("VAULT_KEY");
    assert_eq!(vault.run(&["exec", "--", "sh", "-c", script]).text(), finish(without).text());
}

#[test]
fn several_vaults_are_unlocked_at_once_and_locked_one_by_one_or_all() {
    let (vault, mut other) = (Unlocked::new(), Unlocked::new());
    other.runtime.clone_from(&vault.runtime);
    vault.unlock(&[]).ok();
    other.unlock(&[]).ok();
    vault.run(&["lock"]).ok();
    vault.run(&["get", "TOKEN"]).fails(4);
    other.run(&["get", "TOKEN"]).ok();
    vault.unlock(&[]).ok();
    other.run(&["lock", "--all"]).ok().says("Locked.");
    vault.run(&["get", "TOKEN"]).fails(4);
    other.run(&["get", "TOKEN"]).fails(4);
}

#[test]
fn an_agent_is_never_there_twice_and_old_keys_are_of_no_use() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let first = vault.agent();
    vault.unlock(&[]).ok();
    until("the first agent ends", || !lives(first));
    assert_ne!(vault.agent(), first);
    // New keys: what the agent holds is not the user's any more.
    let agent = vault.agent();
    let key = finish(vault.command(&["passwd", "--key"])).ok().text();
    assert!(key.starts_with("AGE-SECRET-KEY-1"));
    vault.run(&["get", "TOKEN"]).fails(4);
    until("the agent of the old keys ends", || !lives(agent));
}

#[test]
fn c6_twenty_unlocks_at_once_leave_one_agent() {
    let vault = Unlocked::new();
    let mut running: Vec<_> = (0..20).map(|_| vault.command(&["unlock"]).spawn().unwrap()).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    let directory = vault.runtime.to_str().unwrap().to_owned();
    let agents = || {
        let processes =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_agent = |process: &String| {
            let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let environment = std::fs::read_to_string(format!("/proc/{process}/environ")).unwrap_or_default();
            line.windows(15).any(|window| window == b"\0agent-process\0") && environment.contains(&directory)
        };
        processes.filter(is_agent).count()
    };
    if rustix::process::geteuid().is_root() {
        until("all agents but one end", || agents() == 1);
    }
    assert!(lives(vault.agent()));
}

#[test]
fn a_prompt_on_a_terminal_starts_the_agent_unless_it_is_off() {
    let vault = Unlocked::with_passphrase();
    let ask = |agent: &str| {
        let mut list = vault.command(&["list"]);
        list.env("VAULT_AGENT", agent);
        answered(list)
    };
    assert!(!ask("off").contains("Unlocked"));
    vault.run(&["list"]).fails(4);
    assert!(ask("").contains("Unlocked until 15 minutes idle. `vault lock` ends it."));
    vault.run(&["list"]).ok();
    // What asks again leaves the agent as it is.
    let agent = vault.agent();
    let said = answered(vault.command(&["env", "add", "prod"]));
    assert!(said.contains("Added prod") && !said.contains("Unlocked"), "{said}");
    assert_eq!(vault.agent(), agent);
    vault.run(&["lock"]).ok().says("Locked.");
    vault.run(&["list"]).fails(4).says("the vault is locked");
}

#[test]
fn a_command_run_after_a_prompt_has_no_child_that_it_never_started() {
    if !has("python3") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let script =
        "import os\ntry: os.waitpid(-1, os.WNOHANG); print('a child')\nexcept ChildProcessError: print('no child')";
    let said = answered(vault.command(&["exec", "--", "python3", "-c", script]));
    assert!(said.contains("Unlocked until") && said.contains("no child"), "{said}");
}

#[test]
fn l14_what_changes_who_may_do_what_asks_again_and_no_verb_signs_it() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    for command in [
        &["env", "add", "prod"][..],
        &["user", "add", "ben", "--read", "dev"],
        &["passwd", "--key"],
        &["log", "export"],
    ] {
        vault.run(command).fails(4).says("nobody has a passphrase here");
    }
    for verb in ["sign-roster", "sign", "identity", "export"] {
        let answer = vault.ask(1, &format!("{{\"verb\":\"{verb}\",\"name\":\"dev\"}}"));
        assert_eq!(answer, b"\0it is no request", "{verb}");
    }
}

#[test]
fn i11_no_answer_holds_the_key() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let status = String::from_utf8(vault.ask(1, "{\"verb\":\"status\"}")).unwrap();
    let fields: Vec<String> =
        serde_json::from_str::<serde_json::Map<_, _>>(&status[1..]).unwrap().keys().cloned().collect();
    let expected = ["vault", "user", "recipient", "verifying_key", "roster", "ends_in", "idle_in", "idle", "pid"];
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        names
    };
    let mut fields = fields;
    fields.sort_unstable();
    assert_eq!(fields, sorted(&expected));
    let other = "0".repeat(64);
    let answer = vault
        .ask(1, &format!("{{\"verb\":\"open\",\"vault\":\"{other}\",\"place\":0,\"is_use\":true,\"stanzas\":[]}}"));
    assert_eq!(answer, b"\0it holds keys of another vault");
}

#[test]
fn another_version_is_told_how_to_go_on() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let answer = String::from_utf8(vault.ask(9, "{\"verb\":\"status\"}")).unwrap();
    assert!(answer.contains("another version"), "{answer}");
    vault.run(&["lock"]).ok();
    // An agent of the future.
    let socket = vault.socket_of_nobody();
    let listener = UnixListener::bind(&socket).unwrap();
    let agent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 6];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(&[0, 0, 0, 2, 9, 1]).unwrap();
    });
    vault.run(&["get", "TOKEN"]).fails(1).says("another version").says("run vault lock --all");
    agent.join().unwrap();
    std::fs::remove_file(&socket).unwrap();
}

#[test]
fn i3_a_runtime_directory_that_others_can_enter_is_not_used() {
    let vault = Unlocked::new();
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o755)).unwrap();
    vault.unlock(&[]).fails(1).says("others can enter it");
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o700)).unwrap();
    let link = vault.sandbox.home().join("link");
    std::os::unix::fs::symlink(&vault.runtime, &link).unwrap();
    let mut command = vault.command(&["unlock"]);
    command.env("XDG_RUNTIME_DIR", &link);
    finish(command).fails(1).says("a link");
    let mut command = vault.command(&["unlock"]);
    command.env_remove("XDG_RUNTIME_DIR");
    finish(command).fails(1).says("there is no runtime directory");
}

#[test]
fn i4_a_path_too_long_for_a_socket_is_said_so() {
    let mut vault = Unlocked::new();
    vault.runtime = vault.sandbox.home().join("x".repeat(120));
    std::fs::create_dir(&vault.runtime).unwrap();
    std::fs::set_permissions(&vault.runtime, Permissions::from_mode(0o700)).unwrap();
    vault.unlock(&[]).fails(1).says("is too long for a socket");
}

#[test]
fn i5_a_killed_agent_locks_and_its_socket_is_replaced() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    assert!(Command::new("kill").args(["-KILL", &agent.to_string()]).status().unwrap().success());
    until("the agent ends", || !lives(agent));
    assert!(vault.socket().exists());
    vault.run(&["get", "TOKEN"]).fails(4).says("nobody has a passphrase here");
    vault.unlock(&[]).ok();
    vault.run(&["get", "TOKEN"]).ok();
}

#[test]
fn i6_junk_and_slow_clients_keep_nobody_waiting() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let mut slow = Vec::new();
    for junk in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4], &[0, 0, 0, 0], &[0, 0, 0, 9, 1], &[], &[0, 0, 0, 2, 1, b'{']]
    {
        for _ in 0..5 {
            let mut stream = UnixStream::connect(vault.socket()).unwrap();
            stream.write_all(junk).unwrap();
            slow.push(stream);
        }
    }
    slow.extend((0..200).map(|_| UnixStream::connect(vault.socket()).unwrap()));
    let begun = Instant::now();
    assert_eq!(vault.run(&["get", "TOKEN"]).ok().text(), "hunter2");
    assert!(begun.elapsed() < Duration::from_secs(4), "before the slow ones are given up");
}

#[test]
fn i7_without_use_it_ends_and_a_status_is_none() {
    let vault = Unlocked::new();
    vault.unlock(&["--idle", "4s"]).ok();
    let agent = vault.agent();
    until("the agent ends though its status is asked for", || {
        vault.run(&["status"]).ok();
        !lives(agent)
    });
    vault.run(&["get", "TOKEN"]).fails(4);
    vault.unlock(&["--for", "1s"]).ok().says("for 1s");
    std::thread::sleep(Duration::from_millis(1200));
    vault.run(&["get", "TOKEN"]).fails(4);
}

#[test]
fn i10_i12_the_agent_leaves_no_core_and_its_keys_stay_out_of_swap() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    let proc = |file: &str| std::fs::read_to_string(format!("/proc/{agent}/{file}"));
    let limits = proc("limits").unwrap();
    let core: Vec<_> = limits.lines().find(|line| line.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    // Undumpable: the rest of /proc is root's, also for the same user.
    if let Ok(maps) = proc("smaps") {
        let kept = maps.lines().filter_map(|line| line.strip_prefix("VmFlags:"));
        assert!(kept.into_iter().any(|flags| flags.contains(" lo") && flags.contains(" dd")), "{maps}");
        assert_eq!(proc("environ").unwrap().split('\0').filter(|variable| !variable.is_empty()).count(), 1);
    }
    let status = proc("status").unwrap();
    assert!(
        status.lines().any(|line| line.starts_with("PPid:") && !line.ends_with(&format!("\t{}", std::process::id())))
    );
    assert_eq!(std::fs::read_link(format!("/proc/{agent}/cwd")).unwrap_or_else(|_| "/".into()), Path::new("/"));
}

/// As another user, which takes root to become.
fn as_other(uid: &str, program: &str, arguments: &[&str]) -> Option<Command> {
    if !rustix::process::geteuid().is_root() || !has("setpriv") {
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", uid, "--regid", uid, "--clear-groups", program]).args(arguments);
    Some(command)
}

#[test]
fn i1_another_user_is_refused_and_i2_so_is_another_users_socket() {
    if !Path::new("/usr/bin/python3").exists() {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let socket = vault.socket();
    // Everything is opened up but the agent itself.
    for path in socket.ancestors().take_while(|path| path.starts_with(vault.sandbox.home().parent().unwrap())) {
        std::fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }
    let client = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  try:\n  s.send(b'\\0\\0\\0\\x12\\1{\"verb\":\"status\"}')\n  print(len(s.recv(100)))\nexcept OSError: print(0)";
    let path = socket.to_str().unwrap();
    let Some(command) = as_other("65534", "/usr/bin/python3", &["-c", client, path]) else { return };
    assert_eq!(finish(command).ok().text(), "0\n");
    let directories = [vault.runtime.clone(), vault.runtime.join("vault")];
    let set_mode = |mode| {
        directories.iter().for_each(|path| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap());
    };
    set_mode(0o700);
    finish(vault.command(&["lock", "--all"])).ok();
    set_mode(0o777);
    let _ = std::fs::remove_file(&socket);
    let server =
        "import socket, sys, time\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\ntime.sleep(60)";
    let mut server = as_other("65534", "/usr/bin/python3", &["-c", server, path]).unwrap().spawn().unwrap();
    until("the false agent listens", || socket.exists());
    set_mode(0o700);
    vault.run(&["get", "TOKEN"]).fails(6).says("belongs to somebody else");
    server.kill().unwrap();
    server.wait().unwrap();
    let _ = std::fs::remove_file(&socket);
}

/// Whether these bytes stand anywhere in a process's memory, which takes root to read.
fn remembers(process: u32, secret: &[u8]) -> bool {
    use std::io::{Seek as _, SeekFrom};
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = std::fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut holds = |line: &str| {
        let (start, end) = line.split_whitespace().next()?.split_once('-')?;
        let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(end - start).ok()?];
        memory.seek(SeekFrom::Start(start)).ok()?;
        memory.read_exact(&mut bytes).ok()?;
        Some(bytes.windows(secret.len()).any(|window| window == secret))
    };
    // Some, such as the kernel's own pages, can't be read.
    maps.lines().filter_map(&mut holds).any(|held| held)
}

#[test]
fn i8_after_a_lock_no_process_remembers_the_key_and_a_client_never_knew_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let session = crate::forge::session(&vault.sandbox, vault.sandbox.key());
    let text = session.identity().unwrap().to_text();
    let line = text.lines().last().unwrap().trim();
    let scalar = bech32::decode(line).unwrap().1;
    let hex = text.lines().find_map(|line| line.strip_prefix("# signing-key: ")).unwrap();
    let seed: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    // As it is written, and as it is computed with.
    let forms = [line.as_bytes(), hex.as_bytes(), &scalar, &seed];
    let known = |process| forms.iter().filter(|form| remembers(process, form)).count();
    let agent = vault.agent();
    assert!(known(agent) >= 2, "the scan finds what is there");
    // A client that stays: it has read a value with the agent's help, and waits for changes.
    let mut client = vault.command(&["exec", "--watch", "--", "sh", "-c", "echo $TOKEN >seen; exec sleep 60"]);
    let mut client = client.env_remove("VAULT_KEY").spawn().unwrap();
    let seen = vault.sandbox.project().join("seen");
    until("the client has its value", || std::fs::read(&seen).is_ok_and(|seen| seen == b"hunter2\n"));
    assert_eq!(known(client.id()), 0);
    vault.run(&["lock"]).ok();
    until("the agent ends", || !lives(agent));
    assert_eq!(known(client.id()), 0);
    assert!(Command::new("kill").arg(client.id().to_string()).status().unwrap().success());
    client.wait().unwrap();
}

#[test]
fn i9_a_debugger_of_the_same_user_is_refused() {
    if !has("strace") || !Path::new("/usr/bin/python3").exists() {
        return;
    }
    let vault = Unlocked::new();
    let Some(_) = as_other("65534", "true", &[]) else { return };
    let root = vault.sandbox.home().parent().unwrap().to_owned();
    assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(&root).status().unwrap().success());
    // The directory that it was built in may not be open to others.
    let copy = root.join("vault");
    std::fs::copy(program(), &copy).unwrap();
    let own = vault.command(&["unlock"]);
    let mut command = as_other("65534", copy.to_str().unwrap(), &["unlock"]).unwrap();
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(vault.sandbox.project());
    finish(command).ok();
    let socket = vault.socket();
    let script = "import socket, struct, sys, os\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  pid = struct.unpack('3i', s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]\n\
                  os.execvp('timeout', ['timeout', '5', 'strace', '-p', str(pid)])";
    let tracer = finish(as_other("65534", "/usr/bin/python3", &["-c", script, socket.to_str().unwrap()]).unwrap());
    assert!(tracer.stderr.contains("Operation not permitted"), "{tracer:?}");
    let mut lock = as_other("65534", copy.to_str().unwrap(), &["lock", "--all"]).unwrap();
    lock.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    finish(lock).ok().says("Locked.");
}

//! I: other users, debuggers, and the memory of the agent and its clients.

use crate::harness::{Run, finish, has, is_root, program};
use crate::unlocked::{Unlocked, key_forms, lives, send, until};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

/// Prepares a program to run as another user, which needs root.
fn as_other(uid: &str, program: &str, arguments: &[&str]) -> Option<Command> {
    if !is_root() || !has("setpriv") {
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", uid, "--regid", uid, "--clear-groups", program]).args(arguments);
    Some(command)
}

/// Runs the program as another user, who is given access to the whole sandbox. Shell code may run before it.
struct OfAnother<'a> {
    vault: &'a Unlocked,
    program: PathBuf,
}

impl<'a> OfAnother<'a> {
    fn new(vault: &'a Unlocked) -> Option<Self> {
        as_other("65534", "true", &[])?;
        let root = vault.sandbox.home().parent().unwrap().to_owned();
        assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(&root).status().unwrap().success());
        // Other users may have no access to the build directory.
        let copy = root.join("vault");
        std::fs::copy(program(), &copy).unwrap();
        Some(Self { vault, program: copy })
    }

    fn run(&self, before: &str, arguments: &str) -> Run {
        let script = format!("{before}\nexec {} {arguments}", self.program.display());
        let mut command = as_other("65534", "sh", &["-c", &script]).unwrap();
        let own = self.vault.command(&[]);
        command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(self.vault.sandbox.project());
        finish(command)
    }
}

#[test]
fn i1_i2_another_user_and_another_users_socket_are_refused() {
    if !has("python3") || !is_root() {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let socket = vault.socket();
    // Everything is made accessible except the agent itself.
    for path in socket.ancestors().take_while(|path| path.starts_with(vault.sandbox.home().parent().unwrap())) {
        std::fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }
    let client = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  try:\n  s.send(b'\\0\\0\\0\\x09\\1\"status\"')\n  print(len(s.recv(100)))\nexcept OSError: print(0)";
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
    vault.run(&["get", "TOKEN"]).fails(6).says("belongs to another user");
    // The socket's owner is right, but another process listens.
    std::os::unix::fs::chown(&socket, Some(0), Some(0)).unwrap();
    std::fs::set_permissions(&socket, Permissions::from_mode(0o600)).unwrap();
    vault.run(&["get", "TOKEN"]).fails(6).says("belongs to another user");
    server.kill().unwrap();
    server.wait().unwrap();
    let _ = std::fs::remove_file(&socket);
}

/// Returns whether these bytes are in a process's memory, which only root can read.
fn remembers(process: u32, secret: &[u8]) -> bool {
    use std::io::{Read as _, Seek as _, SeekFrom};
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
    // Some pages, such as the kernel's own, can't be read.
    maps.lines().filter_map(&mut holds).any(|held| held)
}

#[test]
fn i8_after_a_lock_no_process_has_the_key_and_a_client_never_had_it() {
    if !is_root() {
        return;
    }
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let forms = key_forms(&vault);
    let known = |process| forms.iter().filter(|form| remembers(process, form)).count();
    let agent = vault.agent();
    assert!(known(agent) >= 2, "the scan must find the keys before the lock");
    for _ in 0..5 {
        vault.run(&["get", "TOKEN"]).ok();
        vault.run(&["set", "OTHER=1"]).ok();
    }
    assert!(!remembers(agent, &forms[3]), "no stack may keep the signing seed");
    // A long-running client that has read a value through the agent and waits for changes.
    let mut client = vault.command(&["exec", "--watch", "--", "sh", "-c", "echo $TOKEN >seen; exec sleep 60"]);
    let mut client = client.env_remove("VAULT_KEY").spawn().unwrap();
    let seen = vault.sandbox.project().join("seen");
    until("the client has its value", || std::fs::read(&seen).is_ok_and(|seen| seen == b"hunter2\n"));
    assert_eq!(known(client.id()), 0);
    vault.run(&["lock"]).ok();
    until("the agent ends", || !lives(agent));
    assert_eq!(known(client.id()), 0);
    send("TERM", client.id());
    client.wait().unwrap();
}

#[test]
fn i9_a_debugger_of_the_same_user_is_refused() {
    if !has("strace") || !has("python3") {
        return;
    }
    let vault = Unlocked::new();
    let Some(other) = OfAnother::new(&vault) else { return };
    let control = "sleep 20 & exec timeout 2 strace -p $!";
    let control = finish(as_other("65534", "sh", &["-c", control]).unwrap());
    if control.stderr.contains("Operation not permitted") {
        println!("skipped: here nothing can be traced");
        return;
    }
    other.run("", "unlock").ok();
    let socket = vault.socket();
    let script = "import socket, struct, sys, os\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  pid = struct.unpack('3i', s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]\n\
                  os.execvp('timeout', ['timeout', '5', 'strace', '-p', str(pid)])";
    let tracer = finish(as_other("65534", "/usr/bin/python3", &["-c", script, socket.to_str().unwrap()]).unwrap());
    assert!(tracer.stderr.contains("Operation not permitted"), "{tracer:?}");
    other.run("", "lock --all").ok().says("Locked.");
}

#[test]
fn b8_without_locked_memory_an_agent_warns_and_works_unless_it_could_be_swapped() {
    let vault = Unlocked::new();
    let Some(other) = OfAnother::new(&vault) else { return };
    let run = |arguments| other.run("ulimit -l 0", arguments);
    if std::fs::read_to_string("/proc/swaps").unwrap().lines().count() > 1 {
        run("unlock").fails(1).says("keep the keys out of swap").says("ulimit -l");
        return;
    }
    run("unlock").ok().says("warning: the keys can't be locked in memory");
    run("lock").ok().says("Locked.");
}

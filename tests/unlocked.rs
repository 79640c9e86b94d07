//! A vault that is unlocked by an agent.

use crate::harness::{Run, Sandbox, finish};
use rexpect::session::PtySession;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use vault::vault::Continued;

/// The number of the agent's protocol.
pub const PROTOCOL: u8 = 2;

/// A vault with a runtime directory. Its agents are stopped on drop.
pub struct Unlocked {
    pub sandbox: Sandbox,
    pub runtime: PathBuf,
}

impl Unlocked {
    pub fn new() -> Self {
        let sandbox = Sandbox::with_vault();
        sandbox.set("TOKEN", b"hunter2");
        Self::around(sandbox)
    }

    /// A locked vault with a passphrase.
    pub fn with_passphrase() -> Self {
        let vault = Self::around(Sandbox::empty());
        let mut init = vault.command(&["init", "--work-factor", "10"]);
        init.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(init).ok();
        vault
    }

    pub fn around(sandbox: Sandbox) -> Self {
        let runtime = sandbox.runtime();
        Self { sandbox, runtime }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.with_agent(self.sandbox.command(arguments))
    }

    /// Prepares another program, which can use the agent, too.
    pub fn other(&self, program: &str, arguments: &[&str]) -> Command {
        self.with_agent(self.sandbox.other(program, arguments))
    }

    fn with_agent(&self, mut command: Command) -> Command {
        command.env("XDG_RUNTIME_DIR", &self.runtime).env_remove("VAULT_AGENT");
        command
    }

    /// Unlocks with the key.
    pub fn unlock(&self, options: &[&str]) -> Run {
        finish(self.command(&[&["unlock"], options].concat()))
    }

    /// Unlocks with the credential in this variable.
    pub fn unlock_with(&self, variable: &str, value: impl AsRef<OsStr>) -> Run {
        let mut command = self.command(&["unlock"]);
        command.env(variable, value);
        finish(command)
    }

    /// Runs the program with nothing but the agent.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.env_remove("VAULT_KEY");
        finish(command)
    }

    pub fn agent(&self) -> u32 {
        let status = self.run(&["status", "--json"]).ok().json();
        u32::try_from(status["agent"]["pid"].as_u64().unwrap()).unwrap()
    }

    /// Returns for how many more seconds an agent holds the keys, and its status.
    pub fn held_for(&self) -> (i64, serde_json::Value) {
        let status = self.run(&["status", "--json"]).ok().json();
        let held = vault::time::Time::parse(status["agent"]["heldUntil"].as_str().unwrap()).unwrap().utc();
        ((held - vault::time::Time::now().utc()).num_seconds(), status)
    }

    pub fn socket(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.runtime.join("vault")).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "sock")).unwrap()
    }

    /// Returns where the stopped agent listened.
    pub fn socket_of_nobody(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.runtime.join("vault")).unwrap().map(|entry| entry.unwrap().path());
        let lock = entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "lock"));
        lock.unwrap().with_extension("sock")
    }

    /// Returns the body of the agent's answer to this request, without its status byte. Empty if the agent hangs up.
    pub fn ask(&self, version: u8, request: &str) -> Vec<u8> {
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

pub const PASSPHRASE: &str = "violet tractor mumble 19 quince orbit";

/// Starts a command on its own terminal.
pub fn on_terminal(mut command: Command) -> PtySession {
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap()
}

/// Returns what a command shows on a terminal after the passphrase was typed.
pub fn shown_after_passphrase(command: Command) -> String {
    let mut terminal = on_terminal(command);
    terminal.exp_string("Passphrase for mia in ./secrets.vault (").unwrap();
    terminal.send_line(PASSPHRASE).unwrap();
    terminal.exp_eof().unwrap()
}

pub fn lives(process: u32) -> bool {
    // Nothing waits for it, so it may stay a zombie in a container without a proper init.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// Returns whether a process still has memory. One without may end a moment later (proc(5), `/proc/PID/statm`).
pub fn has_memory(process: u32) -> bool {
    let sizes = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    sizes.split_whitespace().any(|size| size != "0")
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends a signal, by its name without SIG.
pub fn send(signal: &str, process: u32) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

/// Returns the private keys of the vault's user, as text and as bytes.
pub fn key_forms(vault: &Unlocked) -> [Vec<u8>; 4] {
    let session = crate::forge::session(&vault.sandbox, vault.sandbox.key());
    let mut text = Vec::new();
    let Continued::Keys(keys) = session.let_continue().unwrap() else { unreachable!("the keys are here") };
    keys.write_to(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let line = text.lines().last().unwrap().trim();
    let scalar = bech32::decode(line).unwrap().1;
    let hex = text.lines().find_map(|line| line.strip_prefix("# signing-key: ")).unwrap();
    let seed = (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    [line.as_bytes().to_vec(), hex.as_bytes().to_vec(), scalar, seed]
}

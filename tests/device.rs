//! People and machines that share one file, each with their own device.

use crate::harness::{Run, Sandbox, feed, finish, program};
use std::path::PathBuf;

/// A device: its own state directory, and what unlocks the vault there.
pub struct Device<'a> {
    sandbox: &'a Sandbox,
    pub state: PathBuf,
    unlock: Vec<(&'static str, String)>,
}

impl<'a> Device<'a> {
    /// A new device without anything that unlocks the vault.
    pub fn new(sandbox: &'a Sandbox, name: &str) -> Self {
        Self { sandbox, state: sandbox.home().join(name), unlock: Vec::new() }
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.unlock = vec![("VAULT_KEY", key.trim().to_owned())];
        self
    }

    pub fn with_passphrase(mut self, passphrase: &str) -> Self {
        self.unlock = vec![("VAULT_PASSPHRASE", passphrase.to_owned())];
        self
    }

    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        self.prepare(self.sandbox.command(arguments))
    }

    pub fn prepare(&self, mut command: std::process::Command) -> std::process::Command {
        command.env_remove("VAULT_KEY").env("VAULT_STATE_DIR", &self.state);
        command.envs(self.unlock.iter().map(|(name, value)| (*name, value)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments))
    }

    pub fn set(&self, name: &str, value: &[u8]) -> Run {
        feed(self.command(&["set", name]), value)
    }

    /// Runs `join` with this new passphrase.
    pub fn join(&self, passphrase: &str) -> Run {
        self.sandbox.write("new", passphrase);
        let script = "exec \"$0\" join --work-factor 10 --new-passphrase-fd 3 3<new";
        finish(self.prepare(self.sandbox.other("sh", ["-c", script, program().to_str().unwrap()])))
    }
}

/// mia's vault of dev and prod, with KEY in both and a variable PORT in dev.
pub fn vault() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("dev/KEY", b"dev-value");
    sandbox.set("prod/KEY", b"prod-value");
    sandbox.run(["set", "--kind", "variable", "PORT=1"]).ok();
    sandbox
}

/// Adds a user as mia, and returns the printed key.
pub fn add(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = sandbox.run([&["user", "add"], arguments].concat()).ok();
    assert_eq!(run.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
    run.text().trim().to_owned()
}

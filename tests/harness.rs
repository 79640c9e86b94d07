//! A sandbox for the real binary: its own home, state and working directory, and none of the caller's settings.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory with a home, a state and a project directory in it; removed when it is dropped.
pub struct Sandbox {
    root: tempfile::TempDir,
    key: Option<String>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Sandbox {
    /// Without a vault.
    pub fn empty() -> Self {
        crate::signals::use_defaults();
        let sandbox = Self { root: tempfile::tempdir().unwrap(), key: None };
        for directory in ["home", "project"] {
            std::fs::create_dir(sandbox.root.path().join(directory)).unwrap();
        }
        DirBuilder::new().mode(0o700).create(sandbox.runtime()).unwrap();
        sandbox
    }

    /// With a vault of one environment, dev, that opens with a key; every run gets it as VAULT_KEY.
    pub fn with_vault() -> Self {
        Self::with_environments(&["dev"])
    }

    /// With a vault of these environments.
    pub fn with_environments(names: &[&str]) -> Self {
        let mut arguments = vec!["init", "--key"];
        names.iter().for_each(|name| arguments.extend(["-e", name]));
        Self::empty().initialize(&arguments)
    }

    /// The same sandbox with a vault of one environment, dev.
    pub fn into_vault(self) -> Self {
        self.initialize(&["init", "--key"])
    }

    fn initialize(mut self, arguments: &[&str]) -> Self {
        self.key = Some(self.run(arguments).ok().text().trim().to_owned());
        self
    }

    /// The key that opens the vault.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap()
    }

    /// With a repository, on main, and a vault of dev and prod that is not committed; none where there is no git.
    pub fn in_repository() -> Option<Self> {
        if !has("git") {
            return None;
        }
        let sandbox = Self::empty();
        sandbox.git(&["init", "-q", "-b", "main"]).ok();
        let sandbox = sandbox.into_vault();
        sandbox.run(["env", "add", "prod"]).ok();
        Some(sandbox)
    }

    /// From here on every run gets this key as VAULT_KEY.
    pub fn use_key(&mut self, key: &str) {
        self.key = Some(key.trim().to_owned());
    }

    /// Where commands run and the vault is.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// HOME.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// XDG_RUNTIME_DIR: without one, the program would find the agents of whoever runs the tests.
    pub fn runtime(&self) -> PathBuf {
        self.root.path().join("run")
    }

    /// VAULT_STATE_DIR: made by the program.
    pub fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.project().join("secrets.vault")
    }

    /// The state directory of the one vault.
    pub fn vault_state(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.state()).unwrap();
        entries.map(|entry| entry.unwrap().path()).find(|path| path.join("marks.json").exists()).unwrap()
    }

    /// The program, to be run in the sandbox.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.prepare(Command::new(program()), arguments)
    }

    /// Any program, to be run in the sandbox with the same environment.
    pub fn other<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Command {
        self.prepare(Command::new(program), arguments)
    }

    fn prepare<A: AsRef<OsStr>>(&self, mut command: Command, arguments: impl IntoIterator<Item = A>) -> Command {
        command.args(arguments).env_clear().current_dir(self.project());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home()).env("USER", "mia").env("LANG", "C.UTF-8").env("TZ", "UTC");
        command.env("VAULT_STATE_DIR", self.state()).env("XDG_RUNTIME_DIR", self.runtime());
        // An agent would outlive the test. What tests it has `Unlocked`, which ends what it started.
        command.env("VAULT_AGENT", "off");
        if let Some(key) = &self.key {
            command.env("VAULT_KEY", key);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program with nothing on its standard input.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        finish(self.command(arguments))
    }

    /// Runs the program with this on its standard input.
    pub fn run_with_input<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
        feed(self.command(arguments), input)
    }

    /// Runs git here, as somebody with a name and with no settings of the machine's.
    pub fn git(&self, arguments: &[&str]) -> Run {
        let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.com"];
        let mut git = self.other("git", identity.iter().chain(arguments));
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        finish(git)
    }

    /// Sets an item to these bytes.
    pub fn set(&self, name: &str, value: &[u8]) {
        self.run_with_input(["set", "--raw", "--empty", name], value).ok();
    }

    /// Copies one of the small files that the interchange formats are tested with into the project directory.
    pub fn copy_case(&self, name: &str) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/format/fixtures").join(name);
        self.write(name, std::fs::read(source).unwrap())
    }

    /// Writes a file in the project directory.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.project().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// The binary under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_vault"))
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Run {
    Run::from(command.output().unwrap())
}

/// Runs a command with this on its standard input.
pub fn feed(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A thread of its own, because the program may write before it has read everything, or not read at all.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run::from(output)
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
        Self { code, stdout: output.stdout, stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
    }
}

impl Run {
    /// It must have gone well.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// It must have failed with this exit code, one error line and no panic.
    #[track_caller]
    pub fn fails(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{self:?}");
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("a bug in vault"), "{self:?}");
        self
    }

    /// What stands on standard error must contain this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }
}

/// Whether a program is there that a test is better with.
pub fn has_optional(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|path| path.join(program).is_file())
}

/// Whether a program that a test needs is there. On a machine that says CI it must be.
pub fn has(program: &str) -> bool {
    let found = has_optional(program);
    assert!(found || std::env::var_os("CI").is_none(), "{program} is missing on CI");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

//! A sandbox for the real binary: its own home, state and working directory, and none of the caller's settings.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory with a home, a state and a project directory. It is removed on drop.
pub struct Sandbox {
    root: tempfile::TempDir,
    key: Option<String>,
}

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Sandbox {
    /// A sandbox without a vault.
    pub fn empty() -> Self {
        crate::signals::use_defaults();
        let sandbox = Self { root: tempfile::tempdir().unwrap(), key: None };
        for directory in ["home", "project"] {
            std::fs::create_dir(sandbox.root.path().join(directory)).unwrap();
        }
        DirBuilder::new().mode(0o700).create(sandbox.runtime()).unwrap();
        sandbox
    }

    /// A sandbox with a vault of one environment, dev, that opens with a key. Every run gets the key as VAULT_KEY.
    pub fn with_vault() -> Self {
        Self::with_environments(&["dev"])
    }

    /// A sandbox with a vault of these environments.
    pub fn with_environments(names: &[&str]) -> Self {
        let mut arguments = vec!["init", "--key"];
        names.iter().for_each(|name| arguments.extend(["-e", name]));
        Self::empty().initialize(&arguments)
    }

    /// Adds a vault of one environment, dev.
    pub fn into_vault(self) -> Self {
        self.initialize(&["init", "--key"])
    }

    fn initialize(mut self, arguments: &[&str]) -> Self {
        self.key = Some(self.run(arguments).ok().text().trim().to_owned());
        self
    }

    /// Returns the key that opens the vault.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap()
    }

    /// A sandbox with a repository on branch main, and an uncommitted vault of dev and prod; `None` if git is not
    /// installed.
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

    /// Makes every later run get this key as VAULT_KEY.
    pub fn use_key(&mut self, key: &str) {
        self.key = Some(key.trim().to_owned());
    }

    /// The directory where commands run and the vault is.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// The value of HOME.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The value of XDG_RUNTIME_DIR. Without it, the program would find the agents of the user who runs the tests.
    pub fn runtime(&self) -> PathBuf {
        self.root.path().join("run")
    }

    /// The value of VAULT_STATE_DIR. The program creates the directory.
    pub fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// The path of the vault's file.
    pub fn vault(&self) -> PathBuf {
        self.project().join("secrets.vault")
    }

    /// The state directory of the sandbox's only vault.
    pub fn vault_state(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.state()).unwrap();
        entries.map(|entry| entry.unwrap().path()).find(|path| path.join("marks.json").exists()).unwrap()
    }

    /// Prepares the program to run in the sandbox.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.prepare(Command::new(program()), arguments)
    }

    /// Prepares any program to run in the sandbox with the same environment.
    pub fn other<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Command {
        self.prepare(Command::new(program), arguments)
    }

    fn prepare<A: AsRef<OsStr>>(&self, mut command: Command, arguments: impl IntoIterator<Item = A>) -> Command {
        command.args(arguments).env_clear().current_dir(self.project());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home()).env("USER", "mia").env("LANG", "C.UTF-8").env("TZ", "UTC");
        command.env("VAULT_STATE_DIR", self.state()).env("XDG_RUNTIME_DIR", self.runtime());
        // An agent would outlive the test. Tests of the agent use `Unlocked`, which stops its agents.
        command.env("VAULT_AGENT", "off");
        if let Some(key) = &self.key {
            command.env("VAULT_KEY", key);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program with empty standard input.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        finish(self.command(arguments))
    }

    /// Runs the program with this input on standard input.
    pub fn run_with_input<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
        feed(self.command(arguments), input)
    }

    /// Runs git in the project directory, with a user name and without the machine's settings.
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

    /// Copies one of the test files of the interchange formats into the project directory.
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

/// Runs a command until it ends.
pub fn finish(mut command: Command) -> Run {
    Run::from(command.output().unwrap())
}

/// Runs a command with this input on standard input.
pub fn feed(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A separate thread writes the input, because the program may print before it has read everything, or not read at
    // all.
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
    /// Asserts success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts failure with this exit code, one error line and no panic.
    #[track_caller]
    pub fn fails(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{self:?}");
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("a bug in vault"), "{self:?}");
        self
    }

    /// Asserts that standard error contains this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// Returns standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// Returns standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }
}

/// Returns whether an optional program is installed, with which a test covers more.
pub fn has_optional(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|path| path.join(program).is_file())
}

/// Returns whether a program that a test needs is installed. On CI, it must be.
pub fn has(program: &str) -> bool {
    let found = has_optional(program);
    assert!(found || std::env::var_os("CI").is_none(), "{program} is missing on CI");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// Returns whether the tests run as root, who may give files away and read the memory of any process. If they don't,
/// `.ci/run` says that tests were skipped.
pub fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        println!("skipped: it needs root");
    }
    is_root
}

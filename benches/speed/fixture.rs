//! Installs the programs and creates the vaults and age files for the measurements, in a temporary directory.

use crate::measure::take_environment;
use age::secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The size of a value, in bytes.
const VALUE: usize = 64;

pub struct Fixture {
    directory: tempfile::TempDir,
    vault: PathBuf,
    minimal: PathBuf,
}

/// A vault, and other files with the same items.
pub struct Subject {
    pub name: String,
    pub vault: PathBuf,
    /// The key of the vault's user.
    pub key: String,
    /// A binary age file that contains one JSON object.
    age_file: PathBuf,
    /// The same file with armor.
    armored: PathBuf,
    age_key: PathBuf,
    /// The items as an environment block.
    block: PathBuf,
}

impl Subject {
    /// The same items with another vault file.
    pub fn renamed(&self, name: String, vault: PathBuf) -> Self {
        let Self { key, age_file, armored, age_key, block, .. } = self;
        let [age_file, armored, age_key, block] = [age_file, armored, age_key, block].map(Clone::clone);
        Self { name, vault, key: key.clone(), age_file, armored, age_key, block }
    }
}

impl Fixture {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let install = |program: &Path, name| {
            let path = directory.path().join(name);
            std::fs::copy(program, &path).unwrap();
            path
        };
        let vault = install(Path::new(env!("CARGO_BIN_EXE_vault")), "vault");
        let minimal = install(&std::env::current_exe().unwrap(), "minimal");
        Self { directory, vault, minimal }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Prepares `vault` for this file, with nothing inherited.
    pub fn vault(&self, file: &Path, key: Option<&str>) -> Command {
        self.program(&self.vault, file, key)
    }

    /// Prepares the program that VAULT_BENCH_BESIDE names, another `vault`, for a subject.
    pub fn beside(&self, subject: &Subject, arguments: &[&str]) -> Option<Command> {
        let other = std::env::var_os("VAULT_BENCH_BESIDE")?;
        Some(self.other(Path::new(&other), subject, arguments))
    }

    /// Prepares another `vault` for a subject. It is copied, as this one is.
    pub fn other(&self, program: &Path, subject: &Subject, arguments: &[&str]) -> Command {
        let copy = self.path(&format!("other-{}", program.file_name().unwrap().display()));
        std::fs::copy(program, &copy).unwrap();
        let mut command = self.program(&copy, &subject.vault, Some(&subject.key));
        command.args(arguments);
        command
    }

    fn program(&self, program: &Path, file: &Path, key: Option<&str>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("VAULT_STATE_DIR", self.path("state"));
        command.env("HOME", self.path("")).env("VAULT_FILE", file).current_dir(self.directory.path());
        if let Some(key) = key {
            command.env("VAULT_KEY", key);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Prepares `vault` for a subject, with its key.
    pub fn of(&self, subject: &Subject, arguments: &[&str]) -> Command {
        let mut command = self.vault(&subject.vault, Some(&subject.key));
        command.args(arguments);
        command
    }

    pub fn run(&self, subject: &Subject, arguments: &[&str]) {
        // A key is printed only to a pipe: on /dev/null it would be lost.
        let output = self.of(subject, arguments).stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
    }

    /// Creates a vault from the content of a .env file; returns its path and key.
    pub fn init(&self, name: &str, dotenv: &str) -> (PathBuf, String) {
        let source = self.path(&format!("{name}.env"));
        std::fs::write(&source, dotenv).unwrap();
        let vault = self.path(&format!("{name}.vault"));
        let mut init = self.vault(&vault, None);
        let output = init.args(["init", "--key", "--import"]).arg(source).stdout(Stdio::piped()).output();
        (vault, String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned())
    }

    pub fn subject(&self, name: &str, size: usize) -> Subject {
        let items: BTreeMap<String, String> = (0..size).map(|i| (format!("ITEM_{i:05}"), value(i))).collect();
        let (vault, key) = self.init(name, &dotenv(&items, '\n'));
        let identity = age::x25519::Identity::generate();
        let age_key = self.path(&format!("{name}.key"));
        std::fs::write(&age_key, identity.to_string().expose_secret()).unwrap();
        let (age_file, armored) = (self.path(&format!("{name}.age")), self.path(&format!("{name}.age.txt")));
        let json = serde_json::to_vec(&items).unwrap();
        let seal = |format| {
            let recipient = identity.to_public();
            let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).unwrap();
            let output = age::armor::ArmoredWriter::wrap_output(Vec::new(), format).unwrap();
            let mut writer = encryptor.wrap_output(output).unwrap();
            writer.write_all(&json).unwrap();
            writer.finish().unwrap().finish().unwrap()
        };
        std::fs::write(&age_file, seal(age::armor::Format::Binary)).unwrap();
        std::fs::write(&armored, seal(age::armor::Format::AsciiArmor)).unwrap();
        let block = self.path(&format!("{name}.block"));
        std::fs::write(&block, dotenv(&items, '\0')).unwrap();
        Subject { name: name.to_owned(), vault, key, age_file, armored, age_key, block }
    }

    /// Prepares the minimal program for a subject: see `minimal.rs`.
    pub fn minimal(&self, subject: &Subject, program: &str) -> Command {
        let mut command = self.baseline("minimal");
        command.arg(&subject.age_file).arg(&subject.age_key).arg(program);
        command
    }

    /// Prepares the minimal program without cryptography.
    pub fn floor(&self, subject: &Subject, program: &str) -> Command {
        let mut command = self.baseline("floor");
        command.arg(&subject.block).arg(program);
        command
    }

    /// Prepares a program that decrypts the whole age file to standard output.
    pub fn decrypt(&self, subject: &Subject) -> Command {
        let mut command = self.baseline("decrypt");
        command.arg(&subject.armored).arg(&subject.age_key);
        command
    }

    /// Prepares the decryption with a stock tool, if it is installed.
    pub fn stock_decrypt(&self, subject: &Subject, tool: &str) -> Option<Command> {
        let path = std::env::var_os("PATH")?;
        let tool = std::env::split_paths(&path).map(|directory| directory.join(tool)).find(|tool| tool.is_file())?;
        let mut command = Command::new(tool);
        command.env_clear().arg("-d").arg("-i").arg(&subject.age_key).arg(&subject.armored);
        Some(command)
    }

    /// Prepares the bench itself, with the environment and the directory of another command.
    pub fn own(&self, of: &Command) -> Command {
        let mut command = Command::new(&self.minimal);
        take_environment(&mut command, of);
        command.stdin(Stdio::null());
        command
    }

    fn baseline(&self, mode: &str) -> Command {
        let mut command = Command::new(&self.minimal);
        command.arg(mode).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Accepts a file that is older than the one that the state directory has seen.
    pub fn accept(&self, subject: &Subject) {
        let refusal = self.vault(&subject.vault, None).args(["verify"]).stderr(Stdio::piped()).output().unwrap();
        let text = String::from_utf8(refusal.stderr).unwrap();
        if let Some(hash) = text.split("--accept ").nth(1).and_then(|rest| rest.split_whitespace().next()) {
            assert!(self.vault(&subject.vault, None).args(["verify", "--accept", hash]).status().unwrap().success());
        }
    }
}

fn dotenv(items: &BTreeMap<String, String>, end: char) -> String {
    items.iter().map(|(name, value)| format!("{name}={value}{end}")).collect()
}

pub fn value(i: usize) -> String {
    format!("{i:0VALUE$}")
}

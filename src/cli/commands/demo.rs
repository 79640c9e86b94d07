//! `vault demo`: shows the main commands on a throwaway vault.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use vault::{Error, Result};

/// Runs init, import, list, exec, log and verify in a temporary directory with its own state, and removes both.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault demo" => "Show the main commands",
    "vault demo | less" => "Read the output page by page",
})]
pub struct Args {}

/// A typical .env file.
const DOTENV: &str = "# from the project's README\nDATABASE_URL=\"postgres://app:s3cret@localhost/app\"\n\
    STRIPE_KEY=sk_test_51HxAmple # test mode\nGREETING='hello world'\n";

pub fn run(context: &Context) -> Result<ExitCode> {
    let demo = Demo::new(context)?;
    let result = demo.play();
    let removed = std::fs::remove_dir_all(&demo.directory);
    result?;
    removed.map_err(|error| Error::io("remove", &demo.directory, &error))?;
    context.ui.hint("that was a throwaway vault; to create yours: vault init --import .env");
    Ok(ExitCode::SUCCESS)
}

struct Demo<'a> {
    context: &'a Context,
    directory: PathBuf,
    program: PathBuf,
}

impl<'a> Demo<'a> {
    fn new(context: &'a Context) -> Result<Self> {
        let directory =
            vault::settings::temporary_directory().join(format!("vault-demo-{}", vault::item::random_id()?));
        vault::fs::create_private_directory(&directory)?;
        let program = std::env::current_exe().map_err(|error| Error::io("find", Path::new("vault"), &error))?;
        Ok(Self { context, directory, program })
    }

    fn play(&self) -> Result<()> {
        let write = std::fs::write(self.directory.join(".env"), DOTENV);
        write.map_err(|error| Error::io("write", &self.directory, &error))?;
        self.say("cat .env")?;
        self.context.ui.bytes(DOTENV.as_bytes())?;
        self.say("vault init --key --import .env > key     # people leave out --key and choose a passphrase")?;
        let key = self.vault(&["init", "--key", "--import", ".env"], None)?;
        let key = vault::secret::SecretBytes::new(key);
        let key = key.as_str().unwrap_or_default().trim();
        self.say("export VAULT_KEY=$(cat key)")?;
        self.step(&["list"], key)?;
        self.say("vault set --kind variable PORT=3000")?;
        self.show(&["set", "--kind", "variable", "PORT=3000"], key)?;
        self.say("vault exec -- sh -c 'echo \"$GREETING on port $PORT\"'")?;
        self.show(&["exec", "--", "sh", "-c", "echo \"$GREETING on port $PORT\""], key)?;
        self.step(&["get", "DATABASE_URL"], key)?;
        self.context.ui.line("")?;
        self.step(&["log"], key)?;
        self.step(&["log", "verify"], key)?;
        self.step(&["verify"], key)
    }

    fn step(&self, arguments: &[&str], key: &str) -> Result<()> {
        self.say(&format!("vault {}", arguments.join(" ")))?;
        self.show(arguments, key)
    }

    fn say(&self, command: &str) -> Result<()> {
        self.context.ui.line(&format!("$ {command}"))
    }

    fn show(&self, arguments: &[&str], key: &str) -> Result<()> {
        let output = self.vault(arguments, Some(key))?;
        self.context.ui.bytes(&output)
    }

    /// Runs this program without the caller's settings. Its messages go to standard error.
    fn vault(&self, arguments: &[&str], key: Option<&str>) -> Result<Vec<u8>> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.directory).stdin(std::process::Stdio::null());
        for (name, _) in vault::settings::environment() {
            if name.to_str().is_some_and(|name| name.starts_with("VAULT_")) {
                command.env_remove(name);
            }
        }
        command
            .env("VAULT_STATE_DIR", self.directory.join("state"))
            .env("VAULT_FILE", self.directory.join("secrets.vault"));
        if let Some(key) = key {
            command.env("VAULT_KEY", key);
        }
        command.stderr(std::process::Stdio::inherit());
        let output = command.output().map_err(|error| Error::io("run", &self.program, &error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Error::failed(format!("vault {} failed: {}", arguments.first().unwrap_or(&""), output.status)))
    }
}

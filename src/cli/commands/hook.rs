//! `vault hook`: makes a shell set a vault's variables in the vault's directory.

use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::showing::remedies::hint_of;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::actions::hook::Given;
use vault::agent::Patience;
use vault::fs::Stamp;
use vault::hook::{self, Entered, Loaded, Seen};
use vault::name::EnvironmentName;
use vault::secret::SecretBytes;
use vault::settings;
use vault::settings::shells::Shell;
use vault::vault::{CONFIRMATION_HOLDS, allowed_at};
use vault::words::exactly;
use vault::{Error, Result, actions};

/// Each paragraph is a single line, because the help breaks lines at the terminal's width.
const LONG_ABOUT: &str = "Prints the code that makes a shell set a vault's variables when you enter the vault's \
    directory, and restore the old ones when you leave. Install it once:

  bash   echo 'eval \"$(vault hook bash)\"' >> ~/.bashrc
  zsh    echo 'eval \"$(vault hook zsh)\"' >> ${ZDOTDIR:-~}/.zshrc
  fish   echo 'vault hook fish | source' >> $__fish_config_dir/config.fish

It sets nothing until you run vault allow in that directory, and only while the vault is unlocked. The hook never asks. \
    Every program of the shell sees the values; vault exec gives them to one program only.";

/// The shell that gets a hook.
#[derive(Debug, clap::Args)]
#[command(long_about = LONG_ABOUT)]
#[command(after_long_help = examples! {
    "vault hook bash" => "Print the hook for bash",
    "vault hook fish | source" => "Try it in this fish",
})]
pub struct Args {
    #[arg(value_enum)]
    shell: ShellName,
}

/// What the hook calls at each prompt
#[derive(Debug, clap::Args)]
pub struct PromptArgs {
    #[arg(value_enum)]
    shell: ShellName,
}

/// The shells, as they are typed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ShellName {
    Bash,
    Zsh,
    Fish,
}

impl ShellName {
    fn shell(self) -> Shell {
        match self {
            Self::Bash => Shell::Bash,
            Self::Zsh => Shell::Zsh,
            Self::Fish => Shell::Fish,
        }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let program = std::env::current_exe().map_err(|error| Error::io("find", Path::new("vault"), &error))?;
    context.ui.bytes(hook::script(args.shell.shell(), &program).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the code for the shell to run at this prompt. Usually there is none. A prompt must appear even after an
/// error, so the error is printed and the exit code is 0.
pub fn at_prompt(args: &PromptArgs, context: &Context) -> Result<ExitCode> {
    // The variables of `vault shell` belong to the vault in its prompt, whatever the current directory is.
    if settings::environments_of_shell().is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    let without_questions = context.without_questions(Patience::Prompt);
    let prompt = Prompt { shell: args.shell.shell(), last: Seen::remembered(), context: without_questions };
    context.ui.bytes(&prompt.code())?;
    Ok(ExitCode::SUCCESS)
}

/// One prompt of a shell.
struct Prompt {
    shell: Shell,
    /// The state that the shell kept from the previous prompt.
    last: Option<Seen>,
    context: Context,
}

impl Prompt {
    fn code(&self) -> Vec<u8> {
        let found = self.context.path().ok().and_then(|path| {
            let stamp = Stamp::from_metadata(&std::fs::metadata(&path).ok()?);
            Some((path, stamp))
        });
        match (found, &self.last) {
            (None, None) => Vec::new(),
            (None, Some(_)) => self.leave(),
            (Some((path, stamp)), Some(last)) if last.still_holds(&path, stamp, || self.is_allowed(&path)) => {
                Vec::new()
            }
            (Some((path, stamp)), _) => self.enter(&path, stamp),
        }
    }

    /// Returns the variables that the shell has from the previous prompt.
    fn loaded(&self) -> Option<&Loaded> {
        self.last.as_ref()?.loaded()
    }

    fn leave(&self) -> Vec<u8> {
        let mut code = self.take_back(None);
        code.extend_from_slice(self.shell.remember(None).as_bytes());
        code
    }

    /// Returns the code that restores the old variables, except those that are set again.
    fn take_back(&self, kept: Option<&Loaded>) -> Vec<u8> {
        let Some(loaded) = self.loaded() else { return Vec::new() };
        if kept.is_none() {
            let environments: Vec<_> = loaded.environments.iter().map(EnvironmentName::as_str).collect();
            self.say(&format!("left {}", environments.join(", ")));
        }
        self.shell.restore(loaded, kept)
    }

    /// Returns whether any vault was allowed at this path. Which one it is will be checked before a value is read.
    fn is_allowed(&self, path: &Path) -> bool {
        let state = self.context.settings().map(|settings| settings.state);
        state.and_then(|state| allowed_at(&state, path)).is_ok_and(|vault| vault.is_some())
    }

    fn enter(&self, path: &Path, stamp: Stamp) -> Vec<u8> {
        let (entered, new) =
            self.try_to_enter().unwrap_or_else(|error| (Entered::after(error), SecretBytes::default()));
        let seen = Seen::new(path, stamp, entered.outcome());
        if self.last.as_ref() == Some(&seen) && new.is_empty() {
            return Vec::new();
        }
        let mut code = self.take_back(seen.loaded());
        if entered.is_news(path, self.last.as_ref()) {
            self.tell(&entered);
        }
        code.extend_from_slice(&new);
        code.extend_from_slice(self.shell.remember(Some(&seen)).as_bytes());
        code
    }

    fn try_to_enter(&self) -> Result<(Entered, SecretBytes)> {
        if !self.context.is_allowed()? {
            return Ok((Entered::NotAllowed, SecretBytes::default()));
        }
        let Some(session) = self.context.session_at_once()? else {
            return Ok((Entered::Locked, SecretBytes::default()));
        };
        let environments = self.context.environments(&session)?;
        let once = AllowNames::default().once();
        let given = actions::hook::enter(&session, environments, self.shell, &once, self.loaded());
        self.context.show_warnings(session.vault());
        let Given { entered, code, expired } = given?;
        self.context.warn_of_expired(&expired);
        Ok((entered, code))
    }

    fn tell(&self, entered: &Entered) {
        match entered {
            Entered::NotAllowed => self.say("this directory has a vault: `vault allow` sets its variables here"),
            Entered::Locked => self.say("locked: `vault unlock` sets the variables of this directory"),
            Entered::Protected(name) => {
                let holds = exactly(CONFIRMATION_HOLDS);
                self.say(&format!("{name} is protected: `vault exec -e {name} -- true` confirms it for {holds}"));
            }
            Entered::NoAnswer(error) | Entered::Failed(error) => {
                self.say(&error.to_string());
                hint_of(error).iter().for_each(|hint| self.context.ui.hint(hint));
            }
            Entered::Loaded(loaded) => self.say(&loaded.to_string()),
        }
    }

    fn say(&self, what: &str) {
        self.context.ui.done(&format!("vault: {what}"));
    }
}

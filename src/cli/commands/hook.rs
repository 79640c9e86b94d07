//! `vault hook`: makes a shell set a vault's variables in the vault's directory.

use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::showing::remedies::hint_of;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::agent::Patience;
use vault::error::Reason;
use vault::fs::Stamp;
use vault::hook::{self, Loaded, Outcome, Seen};
use vault::item::Injectable;
use vault::name::EnvironmentName;
use vault::settings::Variable;
use vault::settings::shells::Shell;
use vault::vault::allowed_at;
use vault::{Error, Result, actions, format};

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
    if Variable::InShell.filled().is_some() {
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
    /// What the shell remembers of the previous prompt.
    last: Option<Seen>,
    context: Context,
}

/// A vault that was entered.
struct Entered {
    outcome: Outcome,
    /// The code that sets the vault's variables.
    code: Vec<u8>,
    /// A message for the user, if it is news.
    message: Option<String>,
    /// What the user can do.
    hint: Option<String>,
}

impl Prompt {
    fn code(&self) -> Vec<u8> {
        let found = self.context.path().ok().and_then(|path| {
            let stamp = Stamp::from_metadata(&std::fs::metadata(&path).ok()?);
            Some((path, stamp))
        });
        match found {
            None => self.leave(),
            Some((path, stamp)) if self.has_nothing_to_do(&path, stamp) => Vec::new(),
            Some((path, stamp)) => self.enter(&path, stamp),
        }
    }

    /// Returns the variables that the shell has from the previous prompt.
    fn loaded(&self) -> Option<&Loaded> {
        match &self.last.as_ref()?.outcome {
            Outcome::Loaded(loaded) => Some(loaded),
            _ => None,
        }
    }

    fn leave(&self) -> Vec<u8> {
        if self.last.is_none() {
            return Vec::new();
        }
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

    /// Returns whether nothing can have changed for the shell. No file shows that a vault was unlocked or that an agent
    /// answers again, so a locked vault is always tried again.
    fn has_nothing_to_do(&self, path: &Path, stamp: Stamp) -> bool {
        let Some(last) = self.last.as_ref().filter(|last| last.is_of(path, stamp)) else { return false };
        match last.outcome {
            Outcome::NotAllowed => !self.is_allowed(path),
            Outcome::Loaded(_) => self.is_allowed(path),
            Outcome::Failed => true,
            Outcome::Locked | Outcome::NoAnswer | Outcome::Protected => false,
        }
    }

    /// Returns whether any vault was allowed at this path. Which one it is will be checked before a value is read.
    fn is_allowed(&self, path: &Path) -> bool {
        let state = self.context.settings().map(|settings| settings.state);
        state.and_then(|state| allowed_at(&state, path)).is_ok_and(|vault| vault.is_some())
    }

    fn enter(&self, path: &Path, stamp: Stamp) -> Vec<u8> {
        let entered = self.try_to_enter(path).unwrap_or_else(|error| self.failed(path, &error));
        let seen = Seen::new(path, stamp, entered.outcome);
        if self.last.as_ref() == Some(&seen) && entered.code.is_empty() {
            return Vec::new();
        }
        let kept = match &seen.outcome {
            Outcome::Loaded(loaded) => Some(loaded),
            _ => None,
        };
        let mut code = self.take_back(kept);
        entered.message.iter().for_each(|message| self.say(message));
        entered.hint.iter().for_each(|hint| self.context.ui.hint(hint));
        code.extend_from_slice(&entered.code);
        code.extend_from_slice(self.shell.remember(Some(&seen)).as_bytes());
        code
    }

    /// Returns what an error comes to. An agent that doesn't answer may answer at the next prompt, so the user is told
    /// once. Any other error stays until the file changes.
    fn failed(&self, path: &Path, error: &Error) -> Entered {
        let (code, message, hint) = (Vec::new(), Some(error.to_string()), hint_of(error));
        match error.reason() {
            Reason::AgentSilent | Reason::AgentEnded | Reason::Locked if self.was(path, &Outcome::NoAnswer) => {
                Entered { outcome: Outcome::NoAnswer, code, message: None, hint: None }
            }
            Reason::AgentSilent | Reason::AgentEnded | Reason::Locked => {
                Entered { outcome: Outcome::NoAnswer, code, message, hint }
            }
            _ => Entered { outcome: Outcome::Failed, code, message, hint },
        }
    }

    /// Returns whether this was the outcome at the previous prompt.
    fn was(&self, path: &Path, outcome: &Outcome) -> bool {
        self.last.as_ref().is_some_and(|last| last.is_at(path) && last.outcome == *outcome)
    }

    fn try_to_enter(&self, path: &Path) -> Result<Entered> {
        let without_variables = |outcome, message: &str| {
            let message = (!self.was(path, &outcome)).then(|| message.to_owned());
            Ok(Entered { outcome, code: Vec::new(), message, hint: None })
        };
        if !self.context.is_allowed()? {
            return without_variables(
                Outcome::NotAllowed,
                "this directory has a vault: `vault allow` sets its variables here",
            );
        }
        let Some(session) = self.context.session_at_once()? else {
            return without_variables(Outcome::Locked, "locked: `vault unlock` sets the variables of this directory");
        };
        let environments = self.context.environments(&session)?;
        if let Some(name) = environments.iter().find(|name| !session.is_confirmed(name)) {
            let message = format!("{name} is protected: `vault exec -e {name} -- true` confirms it for 15 minutes");
            return without_variables(Outcome::Protected, &message);
        }
        let once = AllowNames::default().once();
        let items = actions::hook::read(&session, &environments, self.shell.name(), &once);
        self.context.show_warnings(session.vault());
        let items = items?;
        let exported: Vec<_> = items.iter().map(exported).collect();
        let written = self.shell.set(&exported);
        let names =
            items.keys().map(String::as_str).filter(|name| !written.refused.iter().any(|refused| refused == name));
        let loaded = Loaded::new(environments, names, self.loaded());
        let message = (self.loaded() != Some(&loaded)).then(|| loaded.to_string());
        Ok(Entered { outcome: Outcome::Loaded(loaded), code: written.text.to_vec(), message, hint: None })
    }

    fn say(&self, what: &str) {
        self.context.ui.done(&format!("vault: {what}"));
    }
}

fn exported<'a>((variable, item): (&'a String, &'a Injectable)) -> format::export::Item<'a> {
    format::export::Item { name: variable, value: &item.value, is_variable: false, note: None }
}

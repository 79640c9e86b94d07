//! New passphrases and keys, for all commands that make them: `init`, `passwd`, `recovery`.

use super::context::Context;
use super::credential::Source;
use crate::cli::asking::terminal::{self, Answer, Quiet};
use std::borrow::Borrow;
use vault::actions::passwd::{check_other, left_to_others};
use vault::identity::Key;
use vault::name::UserName;
use vault::passphrase::Strong;
use vault::roster::State;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::Slot;
use vault::vault::WorkFactor;
use vault::vault::{Credential, Edit, Session};
use vault::view::{Keys, User};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// How much work it takes to try a passphrase.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct WorkFactorArgs {
    /// Set scrypt's work factor, 10 to 20; each step doubles the time and the memory (18: 256 MiB)
    #[arg(long, value_name = "N", default_value_t = WorkFactor::USUAL)]
    work_factor: WorkFactor,
}

impl WorkFactorArgs {
    /// Returns scrypt's work factor.
    pub fn value(self) -> WorkFactor {
        self.work_factor
    }

    /// Warns if the work factor is more than one step below the usual one.
    pub fn warn(self, context: &Context) {
        let Self { work_factor } = self;
        if work_factor.is_cheap() {
            context.ui.warn(&format!(
                "work factor {work_factor} makes the passphrase cheap to guess; {} is usual",
                WorkFactor::USUAL
            ));
        }
    }
}

/// What a new passphrase is for. This decides the prompt, and the hint if nobody can be asked.
pub enum Purpose<'a> {
    /// A new vault.
    Creating,
    /// A new user's first passphrase.
    Joining,
    /// A replacement for the current passphrase. The credential opened the vault.
    Changing(&'a Credential),
}

impl Purpose<'_> {
    fn prompt(&self) -> &'static str {
        match self {
            Self::Creating | Self::Joining => "Passphrase (Enter generates one): ",
            Self::Changing(_) => "New passphrase (Enter generates one): ",
        }
    }

    fn otherwise(&self) -> &'static str {
        match self {
            Self::Creating => "set VAULT_PASSPHRASE or use --passphrase-fd; for a machine: --key",
            Self::Joining => "set VAULT_PASSPHRASE or use --new-passphrase-fd",
            Self::Changing(_) => "give it on a descriptor: --new-passphrase-fd N; for a machine: --key",
        }
    }

    fn check(&self, new: &SecretString) -> Result<Strong> {
        let strong = Strong::new(new)?;
        if let Self::Changing(current) = self {
            check_other(&strong, current)?;
        }
        Ok(strong)
    }
}

/// Gets a new passphrase from a source, or prompts for it twice. Enter at the prompt generates one.
pub fn new(source: Source, purpose: &Purpose<'_>, context: &Context) -> Result<Strong> {
    if !source.is_terminal() {
        return match source.given(context)? {
            Credential::Passphrase(given) => purpose.check(&given),
            Credential::Key(_) => Err(Error::usage("a key is given where a new passphrase is needed")
                .hint("unset VAULT_KEY and VAULT_KEY_FILE, or make a key with --key")),
        };
    }
    if !context.is_interactive() {
        return Err(Error::unlock("there is no terminal, so nobody can be asked for a new passphrase")
            .hint(purpose.otherwise()));
    }
    let _quiet = Quiet::begin();
    terminal::several_tries(|| {
        let typed = terminal::hidden_new(purpose.prompt(), purpose.otherwise())?;
        if typed.expose_secret().is_empty() {
            return generated(purpose).map(Answer::Right);
        }
        match purpose.check(&typed) {
            Ok(strong) => typed_again(strong, purpose),
            Err(refused) => Ok(Answer::Wrong(refused)),
        }
    })
}

/// Generates a passphrase and shows it. It stays the same until it was typed correctly.
fn generated(purpose: &Purpose<'_>) -> Result<Strong> {
    let generated = Strong::generate()?;
    terminal::show(&format!("Generated: {}   Write it down now.\n", generated.text().expose_secret()))?;
    terminal::several_tries(|| typed_again(&generated, purpose))?;
    Ok(generated)
}

/// Returns the passphrase if it is typed again.
fn typed_again<S: Borrow<Strong>>(chosen: S, purpose: &Purpose<'_>) -> Result<Answer<S>> {
    let again = terminal::hidden_new("Type it again: ", purpose.otherwise())?;
    Ok(match chosen.borrow().is(&again) {
        true => Answer::Right(chosen),
        false => {
            Answer::Wrong(Error::unlock("the passphrases differ").hint("nothing was changed; run the command again"))
        }
    })
}

/// A key that a command has made.
#[derive(Clone, Copy)]
pub enum Made<'a> {
    /// A key for `VAULT_KEY`, or to join with.
    Key(&'a Key),
    /// A recovery key, in addition to a passphrase.
    Recovery(&'a Key),
}

impl Made<'_> {
    /// Prints the key once, as data. This comes before the file is saved. Otherwise a failure to print could leave a
    /// vault that nobody can open, or end the previous key with nobody having the new one.
    pub fn print(self, state: &State, slots: &[Slot], user: &UserName, context: &Context) -> Result<()> {
        let (Self::Key(key) | Self::Recovery(key)) = self;
        let text = key.to_text();
        let text = text.expose_secret();
        if !context.ui.json {
            return context.ui.once(Zeroizing::new(format!("{text}\n")).as_bytes());
        }
        let (key, recovery_key) = match self {
            Self::Key(_) => (Some(text), None),
            Self::Recovery(_) => (None, Some(text)),
        };
        context.ui.json_once(&Keys { user: User::from_state(state, slots, user)?, key, recovery_key })
    }

    /// Like [`Made::print`], for the user who makes the change. Refuses an output that nobody keeps, because nobody
    /// else can make the key again.
    pub fn print_in(self, edit: &Edit<'_>, context: &Context) -> Result<()> {
        context.ui.check_kept("the key")?;
        self.print(edit.roster().state(), edit.slots(), edit.user(), context)
    }

    /// Shows the recovery key of a new passphrase: printed as data with `--json`, and otherwise as a message.
    pub fn show(self, state: &State, slots: &[Slot], user: &UserName, context: &Context) -> Result<()> {
        if context.ui.json {
            context.ui.check_kept("the key")?;
            return self.print(state, slots, user, context);
        }
        let (Self::Key(key) | Self::Recovery(key)) = self;
        let what = "Recovery key, shown once; keep it off this machine:";
        context.ui.shown_once(what, key.to_text().expose_secret())
    }

    /// Like [`Made::show`], for the user who makes the change.
    pub fn show_in(self, edit: &Edit<'_>, context: &Context) -> Result<()> {
        self.show(edit.roster().state(), edit.slots(), edit.user(), context)
    }
}

/// Ends the agent, which has the keys that were replaced. Names the environments that the user only reads, because somebody else has
/// to save them.
pub fn replaced(session: &Session, context: &Context) {
    session.stop_agent(&context.caller());
    let left: Vec<_> = left_to_others(session).into_iter().map(String::from).collect();
    if !left.is_empty() {
        context.ui.hint(&format!("{}: encrypted to your old key until a writer saves it", left.join(", ")));
    }
}

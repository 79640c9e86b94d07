//! The context of a command: which vault it uses, who runs it, and with which settings.

mod environments;

use crate::cli::asking::terminal;
use crate::cli::globals::Globals;
use crate::cli::showing::remedies;
use crate::cli::showing::ui::Ui;
use crate::cli::unlocking::read_once::ReadOnce;
use std::path::{Path, PathBuf};
use vault::actions::verify::{Verified, verify};
use vault::agent::Patience;
use vault::error::Reason;
use vault::log::Caller;
use vault::name::{EnvironmentName, UserName};
use vault::settings::{self, personal_vault};
use vault::vault::{Settings, Unproven, Vault, Warning, is_strict};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The context of one command.
pub struct Context {
    pub ui: Ui,
    pub globals: Globals,
    environments: Vec<EnvironmentName>,
    /// Returns what the run is for, in words.
    pub(super) purpose: fn() -> String,
    /// Whether the vault may be of any age, because the command only looks at history.
    looks_back: bool,
    /// Keeps a passphrase that can be read only once, if the command opens several vaults.
    given: Option<ReadOnce>,
    /// How long the command waits for an agent.
    patience: Patience,
}

impl Context {
    /// Takes the global options and the environments that were given with `-e`.
    pub fn new(ui: Ui, globals: Globals, environments: Vec<EnvironmentName>, purpose: fn() -> String) -> Self {
        Self { ui, globals, environments, purpose, looks_back: false, given: None, patience: Patience::Command }
    }

    /// Returns the context for a command that looks at history and changes nothing. It accepts a vault that is older
    /// than what this device has seen.
    pub fn looking_back(&self) -> Self {
        let (globals, environments) = (self.globals.clone(), self.environments.clone());
        Self { globals, environments, looks_back: true, given: self.given.clone(), ..*self }
    }

    /// Returns the context for another vault, with no environment chosen.
    pub fn of_vault(&self, path: &Path) -> Self {
        let globals = Globals { vault: Some(path.to_owned()), personal: false, ..self.globals.clone() };
        Self { given: self.given.clone(), ..Self::new(self.ui, globals, Vec::new(), self.purpose) }
    }

    /// Returns how long the command waits for an agent.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Returns the context for a run that never asks, and waits for an agent only as long as this.
    pub fn without_questions(&self, patience: Patience) -> Self {
        let globals = Globals { non_interactive: true, ..self.globals.clone() };
        let (environments, given) = (self.environments.clone(), self.given.clone());
        Self { globals, environments, given, patience, ..*self }
    }

    /// Returns the context for several vaults. A passphrase from a descriptor or a command is read once, and used for
    /// all of them.
    pub fn of_several_vaults(&self) -> Self {
        let (globals, environments) = (self.globals.clone(), self.environments.clone());
        Self { globals, environments, given: Some(ReadOnce::default()), ..*self }
    }

    /// Returns what the run is for: `to run npm`, `for vault user add`.
    pub fn purpose(&self) -> String {
        (self.purpose)()
    }

    /// Reads a secret that may be readable only once.
    pub fn read_once(&self, read: impl FnOnce() -> Result<Zeroizing<Vec<u8>>>) -> Result<Zeroizing<Vec<u8>>> {
        match &self.given {
            Some(given) => given.read(read),
            None => read(),
        }
    }

    /// Returns the vault's path: from `--vault`, `--personal` or VAULT_FILE, or else found in the current directory or
    /// one of its parents.
    pub fn path(&self) -> Result<PathBuf> {
        self.named_path()?.map_or_else(|| vault::vault::find(&current_directory()?), Ok)
    }

    /// Returns the path that an option or VAULT_FILE names, if any.
    pub fn named_path(&self) -> Result<Option<PathBuf>> {
        if self.globals.personal {
            return personal_vault().map(Some);
        }
        match &self.globals.vault {
            Some(path) => Ok(Some(path.clone())),
            None => settings::chosen_vault(),
        }
    }

    /// Opens the vault without unlocking it, and shows its warnings.
    pub fn vault(&self) -> Result<Vault> {
        self.checked(self.unproven()?)
    }

    /// Opens the vault, whatever this device has seen of it. The signatures are verified, but an older vault is
    /// accepted.
    pub fn vault_of_any_age(&self) -> Result<Vault> {
        self.unproven()?.prove_of_any_age()
    }

    /// Verifies the file, without a key and maybe without a home directory.
    pub fn verified(&self) -> Result<Verified> {
        let path = self.path()?;
        verify(&path, |state| self.settings_with_state(state)).map_err(|error| missing_vault(error, &path))
    }

    /// Opens the file. Its signatures are not verified yet.
    pub fn unproven(&self) -> Result<Unproven> {
        open_unproven(&self.path()?, &self.settings()?)
    }

    pub(super) fn checked(&self, file: Unproven) -> Result<Vault> {
        let vault = file.prove()?;
        self.show_warnings(&vault);
        Ok(vault)
    }

    /// Opens the file for a shell prompt. Nothing is verified or written, and no program is started.
    pub fn glance(&self) -> Result<Unproven> {
        let state = settings::state_directory()?;
        Unproven::glance(&self.path()?, &Settings::at(state).looking_back())
    }

    /// Returns whether the shell hook may use this vault.
    pub fn is_allowed(&self) -> Result<bool> {
        self.unproven()?.is_allowed()
    }

    /// Shows the vault's warnings, such as a rollback. They are shown even with `--quiet`.
    pub fn show_warnings(&self, vault: &Vault) {
        vault.take_warnings().iter().for_each(|warning| self.show_warning(warning));
    }

    /// Shows a warning and its hint.
    pub fn show_warning(&self, warning: &Warning) {
        self.ui.alarm(&warning.text);
        warning.hint.iter().for_each(|hint| self.ui.hint(&remedies::worded(hint)));
    }

    /// Warns about expired items that are used, if there are any. Under `--strict`, the library refuses them.
    pub fn warn_of_expired(&self, names: &[String]) {
        if !names.is_empty() {
            self.ui.warn(&format!("expired: {}", names.join(", ")));
        }
    }

    /// Returns the user that `--user` or VAULT_USER names.
    pub fn user(&self) -> Result<Option<UserName>> {
        match &self.globals.user {
            Some(user) => Ok(Some(user.clone())),
            None => settings::chosen_user(),
        }
    }

    /// Returns the user who is named, or else the one that the login name suggests.
    pub fn user_or_login(&self) -> Result<UserName> {
        if let Some(user) = self.user()? {
            return Ok(user);
        }
        Ok(UserName::from_login(&settings::login_name().unwrap_or_default()))
    }

    /// Returns the settings for opening the vault.
    pub fn settings(&self) -> Result<Settings> {
        self.settings_with_state(settings::state_directory()?)
    }

    fn settings_with_state(&self, state: PathBuf) -> Result<Settings> {
        vault::output::clear_unfinished(&state);
        let settings = Settings::new(state, self.globals.strict, self.globals.log_sync)?;
        match self.looks_back {
            true => Ok(settings.looking_back()),
            false => Ok(settings),
        }
    }

    /// Returns whether warnings about state and expiry are errors.
    pub fn strict(&self) -> bool {
        is_strict(self.globals.strict)
    }

    /// Returns the environments that were named with `-e`. VAULT_ENV doesn't count.
    pub fn named_environments(&self) -> &[EnvironmentName] {
        &self.environments
    }

    /// Returns whether an environment was named with `-e` or VAULT_ENV.
    pub fn names_environments(&self) -> bool {
        !self.chosen().is_empty()
    }

    /// Returns whether a person can be asked.
    pub fn is_interactive(&self) -> bool {
        !self.globals.non_interactive && terminal::is_available()
    }

    /// Returns who asks: vault itself, for the reason that was given.
    pub fn caller(&self) -> Caller {
        Caller::default().reason(self.globals.reason.clone())
    }

    /// Asks a yes-or-no question, for a command with the option `-y`. If nobody can be asked, that is an error.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        if !self.is_interactive() {
            return Err(Error::usage("there is no terminal to ask at").hint("-y answers yes"));
        }
        terminal::confirm(question)
    }
}

pub fn current_directory() -> Result<PathBuf> {
    std::env::current_dir().map_err(|error| Error::io("find", Path::new("."), &error))
}

fn open_unproven(path: &Path, settings: &Settings) -> Result<Unproven> {
    Unproven::open(path, settings).map_err(|error| missing_vault(error, path))
}

fn missing_vault(error: Error, path: &Path) -> Error {
    let is_personal = || Some(path) == personal_vault().ok().as_deref();
    match error.reason() {
        Reason::NoVault if is_personal() => error.hint("to create one: vault init --personal"),
        _ => error,
    }
}

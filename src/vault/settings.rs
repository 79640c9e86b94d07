//! The settings of one run, and where the state of a vault is kept.

use crate::error::Result;
use crate::log::Writer;
use crate::marks::{Pin, Store};
use crate::name::UserName;
use crate::settings::Variable;
use crate::signature::Hash;
use std::path::PathBuf;

/// The settings of one run, for all its vaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The state directory: logs and marks, by vault.
    pub state: PathBuf,
    /// Whether warnings about the state of a vault are errors.
    pub strict: bool,
    /// Whether each log entry is flushed to disk before the command continues.
    pub log_sync: bool,
    /// The oldest state of the file that is accepted.
    pub pin: Option<Pin>,
    /// Whether files of any age are read, without comparing them with what this device has seen or recording them as
    /// seen. Changes are compared nevertheless.
    pub(crate) looks_back: bool,
    /// Whether the file is one side of a merge, which may lack what the other side has.
    pub(crate) is_side: bool,
}

impl Settings {
    /// Returns the usual settings, with this state directory.
    #[must_use]
    pub fn at(state: PathBuf) -> Self {
        Self { state, strict: false, log_sync: false, pin: None, looks_back: false, is_side: false }
    }

    /// Returns the settings for looking at history: files of any age are read without a warning, and nothing is recorded
    /// as seen. Changes are compared with what was seen nevertheless.
    #[must_use]
    pub fn looking_back(self) -> Self {
        Self { strict: false, pin: None, looks_back: true, ..self }
    }

    /// Returns the settings that the environment has: VAULT_STRICT, VAULT_LOG_SYNC and VAULT_PIN. `strict` and `log_sync`
    /// say what a front end's options turn on besides.
    ///
    /// # Errors
    /// If VAULT_PIN is not a pin.
    pub fn new(state: PathBuf, strict: bool, log_sync: bool) -> Result<Self> {
        let pin = Variable::Pin.text().map(|text| Pin::parse(&text)).transpose()?;
        let log_sync = log_sync || Variable::LogSync.is_on(false);
        Ok(Self { strict: is_strict(strict), log_sync, pin, ..Self::at(state) })
    }
}

/// Returns whether warnings are errors: an option says so, or VAULT_STRICT.
#[must_use]
pub fn is_strict(option: bool) -> bool {
    option || Variable::Strict.is_on(false)
}

/// Returns a writer for a user's log of a vault, which needs no vault file.
#[must_use]
pub(crate) fn log_writer(settings: &Settings, id: &Hash, user: &UserName) -> Writer {
    Writer::new(&state_directory(settings, id), user, settings.log_sync)
}

pub(super) fn marks_store(settings: &Settings, id: &Hash) -> Store {
    Store::new(state_directory(settings, id))
}

pub(super) fn state_directory(settings: &Settings, id: &Hash) -> PathBuf {
    settings.state.join(id.to_string())
}

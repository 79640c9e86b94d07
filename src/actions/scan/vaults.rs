//! Every vault whose values are searched for: those that count, those that open, and those that belong to others.
//!
//! - Gives text without values: `Opener::name`

use super::others_vaults::is_left_out_anew;
use super::texts::{Source, Texts, without_repository};
use crate::error::{Error, Kind, Remedy, Result};
use crate::log::users_here;
use crate::signature::Hash;
use crate::vault::{Session, Settings, Unproven, Vault, find_all};
use std::path::{Path, PathBuf};

/// How a front end opens vaults: with keys that were given, an agent, or a question.
pub trait Opener {
    /// Returns the name of a vault in findings and errors.
    fn name(&self, vault: &Path) -> String;

    /// Opens a vault with a key or an agent, without a question. Returns `None` if there is neither. The file may be older
    /// than what this device has seen: its session is compared with that, and a vault of others need not be.
    ///
    /// # Errors
    /// An unlock error if they don't open this vault; otherwise, if the vault can't be used.
    fn open_at_once(&self, vault: &Path, file: Unproven) -> Result<Option<Session>>;

    /// Opens a vault by any means, and asks for a passphrase if necessary.
    ///
    /// # Errors
    /// If it stays locked.
    fn open(&self, vault: &Path) -> Result<Session>;

    /// Reports that the values of a vault are not searched for, because it belongs to others.
    fn leave_out(&self, vault: &Path, why: &Error);
}

/// Several vaults, unlocked as far as they are this user's.
#[derive(Default)]
pub struct Vaults {
    /// The unlocked vaults, each with its name.
    pub(super) unlocked: Vec<(String, Session)>,
    /// The files of the vaults that belong to others.
    pub(super) left_out: Vec<PathBuf>,
}

/// What was done with one vault.
enum Opened {
    Unlocked(Box<Session>),
    /// The vault with this id was never unlocked on this device, and no given key opens it, so it belongs to others.
    NotYours(Hash, Error),
}

impl Vaults {
    /// Opens every vault in the work tree of `directory`, and the one that is used there: the named one, or the nearest.
    /// Nobody knows a passphrase for other people's vaults, so it is asked for only if the vault was unlocked on this
    /// device before.
    ///
    /// A vault of others is left out. A search of the next commit's changes runs at each commit, so it reports that only
    /// the first time.
    ///
    /// # Errors
    /// If there is no repository, or if one of the user's vaults can't be opened. If all vaults belong to others, an error
    /// says why the first one stays locked: without a value to search for, nothing can be found, and every commit would
    /// pass.
    pub fn open(
        directory: &Path,
        named: Option<PathBuf>,
        (settings, texts): (&Settings, &Texts),
        opener: &dyn Opener,
    ) -> Result<Self> {
        let is_at_each_commit = matches!(texts.0, Source::Staged(_));
        let mut vaults = Self::default();
        let mut first = None;
        for path in find_all(directory, named).map_err(without_repository)? {
            let name = opener.name(&path);
            let opened = open(&path, settings, opener).map_err(|error| {
                let message = format!("{name}: {error}");
                error.reworded(message)
            })?;
            match opened {
                Opened::Unlocked(session) => vaults.unlocked.push((name, *session)),
                Opened::NotYours(id, why) => {
                    if !is_at_each_commit || is_left_out_anew(settings, &id) {
                        opener.leave_out(&path, &why);
                    }
                    first = first.or(Some(why));
                    vaults.left_out.push(path);
                }
            }
        }
        match first {
            Some(why) if vaults.unlocked.is_empty() => Err(why),
            _ => Ok(vaults),
        }
    }

    /// Returns the unlocked vaults.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.unlocked.iter().map(|(_, session)| session)
    }
}

fn open(path: &Path, settings: &Settings, opener: &dyn Opener) -> Result<Opened> {
    // A vault of others is left out, however old it is.
    let vault = Vault::open_of_any_age(path, settings)?;
    let (id, was_unlocked_here) = (vault.id(), !users_here(&vault.state_directory())?.is_empty());
    match opener.open_at_once(path, vault.into()) {
        Ok(Some(session)) => Ok(Opened::Unlocked(session.into())),
        Ok(None) if was_unlocked_here => Ok(Opened::Unlocked(opener.open(path)?.into())),
        Ok(None) => {
            let why = Error::unlock("it was never unlocked on this device");
            Ok(Opened::NotYours(id, why.hint(("if you are a user of it: ", Remedy::Unlock))))
        }
        Err(error) if error.kind() == Kind::Unlock && !was_unlocked_here => Ok(Opened::NotYours(id, error)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;

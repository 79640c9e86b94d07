//! The values to search for, from one vault or from every vault in the repository.

use super::Args;
use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::context::{Context, current_directory};
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use vault::actions::scan::Sought;
use vault::error::Kind;
use vault::vault::Session;
use vault::{Error, Result};

/// What to search for, and which vaults it comes from.
#[derive(Default)]
pub struct Values {
    pub sought: Sought,
    /// The vaults' files, which are not scanned.
    pub vaults: Vec<PathBuf>,
}

/// Unlocks the vaults and reads their values.
pub fn read(args: &Args, context: &Context) -> Result<Values> {
    let mut values = Values::default();
    if !args.all_vaults {
        let session = context.session()?;
        values.take(&session, None, context)?;
        return Ok(values);
    }
    if !context.named_environments().is_empty() {
        return Err(Error::usage("-e names environments of one vault").hint("leave out -e, or --all-vaults"));
    }
    let mut first_error = None;
    let mut is_any_open = false;
    let several = context.of_several_vaults();
    for path in everywhere(context)? {
        let vault_context = several.of_vault(&path);
        match open(&vault_context) {
            Ok(session) => {
                let label = shown_path(&path);
                values.take(&session, Some(&label), &vault_context)?;
                is_any_open = true;
            }
            Err(Unopened::NotYours(error)) => {
                if !args.staged || vault_context.vault_of_any_age()?.is_left_out_anew() {
                    context.ui.warn(&format!("not looked for: the values of {}: {error}", shown_path(&path)));
                }
                first_error = first_error.or(Some(error));
            }
            Err(Unopened::Failed(error)) => {
                let message = format!("{}: {error}", shown_path(&path));
                return Err(error.reworded(message));
            }
        }
        values.vaults.push(path);
    }
    match first_error {
        // Without a value to search for, nothing can be found, and the git hook would let everything pass.
        Some(error) if !is_any_open => Err(error),
        _ => Ok(values),
    }
}

/// Why a vault's values are not searched for.
enum Unopened {
    /// The vault was never unlocked on this device, and no given key opens it. It belongs to others.
    NotYours(Error),
    Failed(Error),
}

/// Opens a vault without a prompt. It only prompts if the vault was unlocked on this device before, because nobody
/// knows a passphrase for other people's vaults in the repository.
fn open(context: &Context) -> Result<Session, Unopened> {
    let vault = context.vault_of_any_age().map_err(Unopened::Failed)?;
    let users = vault::log::users_here(&vault.state_directory()).map_err(Unopened::Failed)?;
    match context.session_at_once() {
        Ok(Some(session)) => return Ok(session),
        Ok(None) => {}
        // One key is given, and there are several vaults: of the others an agent may have the keys.
        Err(error) if error.kind() == Kind::Unlock => match context.session_by_agent() {
            Ok(Some(session)) => return Ok(session),
            _ if users.is_empty() => return Err(Unopened::NotYours(error)),
            _ => return Err(Unopened::Failed(error)),
        },
        Err(error) => return Err(Unopened::Failed(error)),
    }
    if users.is_empty() {
        let error = Error::unlock("it was never unlocked on this device").hint("if you are a user of it: vault unlock");
        return Err(Unopened::NotYours(error));
    }
    context.session().map_err(Unopened::Failed)
}

/// Returns the vaults of the working tree, and the one that a command here would use, each once.
fn everywhere(context: &Context) -> Result<Vec<PathBuf>> {
    let mut known = HashSet::new();
    let mut paths = Vec::new();
    let nearest = match context.path() {
        Err(error) if error.kind() == Kind::NotFound => None,
        path => Some(path?),
    };
    for path in nearest.into_iter().chain(vault::vault::find_all(&current_directory()?)?) {
        let metadata = path.metadata().map_err(|error| Error::io("read", &path, &error))?;
        if known.insert((metadata.dev(), metadata.ino())) {
            paths.push(path);
        }
    }
    Ok(paths)
}

impl Values {
    fn take(&mut self, session: &Session, vault: Option<&str>, context: &Context) -> Result<()> {
        let named = match context.named_environments() {
            [] => Vec::new(),
            _ => context.environments(session)?,
        };
        let added = self.sought.add(session, &named, vault);
        // They say why an environment can't be decrypted.
        context.show_warnings(session.vault());
        added?;
        if vault.is_none() {
            self.vaults.push(session.vault().path().to_owned());
        }
        Ok(())
    }
}

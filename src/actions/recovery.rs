//! A new recovery key. The passphrase stays, and all other keys stop working.
//!
//! - Gives what comes from no vault: `renew`

use super::passwd::replace;
use crate::crypto::WorkFactor;
use crate::error::{Error, Remedy, Result};
use crate::identity::Key;
use crate::log::Action;
use crate::passphrase::Strong;
use crate::vault::{Credential, Edit, Fallbacks, KeySession};

/// Makes a new recovery key for the user, and keeps the passphrase that opened the vault. `show` gets the key before
/// anything is saved.
///
/// # Errors
/// A usage error if the vault was opened with a key, or with a passphrase that is too weak for a new slot; otherwise as
/// [`passphrase`](super::passwd::passphrase).
pub fn renew(
    session: &mut KeySession,
    credential: &Credential,
    work_factor: WorkFactor,
    fallbacks: Fallbacks,
    show: impl FnOnce(&Key, &Edit<'_>) -> Result<()>,
) -> Result<()> {
    let Credential::Passphrase(passphrase) = credential else { return Err(needs_passphrase()) };
    let passphrase = Strong::new(passphrase)?;
    replace(session, Action::Recovery, Some((&passphrase, work_factor)), fallbacks, show)
}

fn needs_passphrase() -> Error {
    Error::usage("a new recovery key needs the passphrase, but a key was given").hint((
        "give no key, and type the passphrase; forgotten? a new one brings a new recovery key, too: ",
        Remedy::ChangePassphrase,
    ))
}

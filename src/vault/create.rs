//! Creates a vault with its first user, its environments and imported items: a complete file, or none.

use super::access::Access;
use super::seal::{self, Keyring};
use super::settings::log_writer;
use super::{KeySession, Settings, Vault};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{BlockStatement, File, Lineage, Slot};
use crate::fs::{self, Lock};
use crate::identity::{Identity, PrivateKeys, encrypt_to};
use crate::item::{Content, Place};
use crate::log::{Action, Caller, Signer};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Right, Roster, State};
use crate::time::Time;
use std::collections::BTreeMap;
use std::path::Path;

/// What a new vault starts with.
pub struct Creation<'a> {
    /// The first user, who is an admin.
    pub user: UserName,
    /// The user's e-mail address, if given.
    pub email: Option<String>,
    /// The environments and their contents; at least one.
    pub environments: BTreeMap<EnvironmentName, Content>,
    /// The passphrase and keys that open the identity.
    pub slots: Keyring<'a>,
    /// The dangerous names that items may have.
    pub allowed: AllowedOnce,
    /// The program that creates the vault, and the user's reason, for the log.
    pub caller: Caller,
}

/// Creates the file, which must not exist yet. Before anything is written, `show` is called with the roster and the
/// slots, so that a key that is shown only once is shown before it is the only way in.
///
/// # Errors
/// If the file exists or can't be written, if an item has a dangerous name that is not allowed, or if `show` fails; then
/// nothing is left behind.
pub fn create(
    path: &Path,
    creation: Creation<'_>,
    settings: &Settings,
    show: impl FnOnce(&State, &[Slot]) -> Result<()>,
) -> Result<KeySession> {
    let Creation { user, email, environments, slots, allowed, caller } = creation;
    for item in environments.values().flat_map(|content| content.items().values()) {
        allowed.check(item.metadata.given_variable(&item.name).as_deref().into_iter())?;
    }
    let lock = Lock::of_file(path, fs::LOCK_TIMEOUT)?;
    check_absent(path)?;
    let now = Time::now();
    let keys = PrivateKeys::generate()?;
    let mut roster = Roster::create(user.clone(), email, now, &keys)?;
    for name in environments.keys() {
        let grants = vec![(user.clone(), Right::Write)];
        let change = Change::AddEnvironment { environment: name.clone(), grants };
        roster = roster.append(Draft { author: user.clone(), time: now, change, pending: Vec::new() }, &keys)?;
    }
    let identity = Identity { vault: roster.id(), user, keys, roster: roster.head() };
    let slots = seal::slots(&identity, &slots)?;
    show(roster.state(), &slots)?;
    let file = log_and_seal(&identity, &roster, environments, slots, (now, &caller), settings);
    let written = file.and_then(|file| seal::replace(&lock, path, file.to_text().as_bytes(), None));
    written.map_err(|error| error.after_showing(true))?;
    drop(lock);
    let opened = read_back(path, settings).and_then(|vault| KeySession::new(vault, identity, &caller));
    opened.map_err(Error::after_the_change)
}

/// Checks that a vault can be created there, because no file is replaced.
///
/// # Errors
/// A usage error if something exists there.
pub fn check_absent(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::new(Reason::Exists, format!("{} already exists", path.display())).hint((
            "to look at it: ",
            Remedy::Status,
            "; to start over, move it away first",
        )));
    }
    Ok(())
}

fn read_back(path: &Path, settings: &Settings) -> Result<Vault> {
    let vault = Vault::open_of_any_age(path, settings)?;
    vault.verify_signatures()?;
    // This path may have had another vault, whose file the user moved away.
    vault.sighting().remember(&vault.id())?;
    // Whoever makes a vault has seen it: nothing warns of a first use, and strict settings don't refuse it.
    vault.note_seen(&vault.seen_blocks()?, &[])?;
    let vault = vault.with_marks()?;
    vault.verify_all(Access::Read)?;
    vault.take_warnings();
    Ok(vault)
}

/// Writes the log entries, and encrypts and signs every environment.
fn log_and_seal(
    identity: &Identity,
    roster: &Roster,
    environments: BTreeMap<EnvironmentName, Content>,
    slots: Vec<Slot>,
    (now, caller): (Time, &Caller),
    settings: &Settings,
) -> Result<File> {
    let id = roster.id();
    let Identity { user, keys, .. } = identity;
    let recipient = &roster.state().user(user)?.keys.recipient;
    let signer = Signer { vault: &id, user, keys, readers: vec![recipient], roster };
    let entry = |(name, content): (&EnvironmentName, &Content)| {
        caller.entry(Action::Init).environment(name).items(content.items().keys())
    };
    let writer = log_writer(settings, &id, user);
    let (device, anchor) = writer.append_anchored(environments.iter().map(entry).collect(), &signer)?;
    // The anchor must not be later than the block that carries it.
    let now = now.max(anchor.time);
    let block = |(name, mut content): (EnvironmentName, Content)| {
        content.anchor(&device, anchor.clone());
        let Lineage { version, previous, ancestors } = Lineage::first();
        let plaintext = content.to_readable_json(&Place { vault: &id, environment: &name, version })?;
        let data = encrypt_to(std::iter::once(recipient), &plaintext)?;
        let (author, roster) = (user.clone(), roster.head());
        let statement = BlockStatement { name, version, previous, ancestors, roster, author, time: now };
        seal::sign(statement, data, &id, keys)
    };
    let blocks = environments.into_iter().map(block).collect::<Result<_>>()?;
    Ok(File { roster: roster.statements().to_vec(), slots, blocks })
}

#[cfg(test)]
mod tests;

//! What an attacker has: the file, the library, and keys of their own.

use crate::harness::Sandbox;
use std::path::Path;
use vault::error::{Kind, Result};
use vault::file::{Block, BlockStatement, File};
use vault::identity::{Key, PrivateKeys};
use vault::item::Content;
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Change, Draft, Right, Role, Roster};
use vault::signature::Hash;
use vault::time::Time;
use vault::vault::{Credential, Session, Settings, Vault};

/// A name of an environment.
pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

/// A name of a user.
pub fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

/// The settings of a device that has never seen the vault.
pub fn fresh(state: &Path) -> Settings {
    Settings { state: state.to_owned(), ..Settings::default() }
}

/// Unlocks the sandbox's vault in this process, on its device.
pub fn unlock(sandbox: &Sandbox) -> Session {
    open_at(sandbox, &sandbox.vault(), &fresh(&sandbox.state())).unwrap()
}

/// Verifies, unlocks and reads everything, as a careful program would.
pub fn open_at(sandbox: &Sandbox, path: &Path, settings: &Settings) -> Result<Session> {
    let vault = Vault::open(path, settings)?;
    vault.verify_signatures()?;
    vault.unlock(&Credential::Key(Key::parse(sandbox.key()).unwrap()), None)
}

/// What a file comes to: the content of its environments, or why it is refused.
pub fn meaning(sandbox: &Sandbox, bytes: &[u8], scratch: &Path) -> Result<Vec<Content>> {
    let path = scratch.join("forged.vault");
    std::fs::write(&path, bytes).unwrap();
    let session = open_at(sandbox, &path, &fresh(&scratch.join("state")))?;
    let names: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    names.iter().map(|name| session.read(name)).collect()
}

/// The parsed file and its verified roster.
pub fn parts(sandbox: &Sandbox) -> (File, Roster) {
    let file = File::parse(&std::fs::read(sandbox.vault()).unwrap()).unwrap();
    let roster = Roster::verify(file.roster.clone(), None).unwrap();
    (file, roster)
}

/// Puts a forged file in the vault's place.
pub fn put(sandbox: &Sandbox, file: &File) {
    std::fs::write(sandbox.vault(), file.to_text()).unwrap();
}

/// Signs a block, as whoever has these keys and says to be this author.
pub fn sign(statement: BlockStatement, data: &str, vault: &Hash, keys: &PrivateKeys) -> Block {
    let unsigned = Block { statement, signature: zero_signature(), data: data.to_owned() };
    let message = unsigned.dearmor(vault).unwrap().message;
    Block { signature: keys.sign(&message), ..unsigned }
}

fn zero_signature() -> vault::signature::Signature {
    format!("{}==", "A".repeat(86)).parse().unwrap()
}

/// A draft of a change by this author.
pub fn draft(author: &UserName, change: Change) -> Draft {
    Draft { author: author.clone(), time: Time::now(), change, pending: Vec::new() }
}

/// Adds a user with these rights to the sandbox's vault, as its admin would; gives the user's keys.
pub fn add_user(sandbox: &Sandbox, name: &str, role: Role, grants: &[(&str, Right)]) -> PrivateKeys {
    let keys = PrivateKeys::generate();
    let mut session = unlock(sandbox);
    let grants = grants.iter().map(|(name, right)| (environment(name), *right)).collect();
    let new = |roster: &Roster| roster.sign_new_keys(&user(name), &keys).unwrap();
    let added = session.edit(|edit| {
        let change = Change::AddUser { user: user(name), email: None, role, grants, keys: new(edit.roster()) };
        edit.change_roster(change)?;
        edit.log(vault::log::Entry::new(vault::log::Action::UserAdd));
        Ok(())
    });
    added.unwrap();
    keys
}

/// It must be refused as tampering.
#[track_caller]
pub fn refused<T>(result: Result<T>) -> String {
    let error = result.err().unwrap();
    assert_eq!(error.kind(), Kind::Integrity, "{error}");
    error.to_string()
}

//! Makes files as an attacker would: somebody with keys can sign anything, regardless of the program's rules.
//!
//! The tests write the signed bytes a second time, from vault-format(5) and not from the program. A forgery that is
//! refused only for a wrong layout would prove nothing, so every test also shows that the honest variant is accepted.

mod log;
mod opened;
mod signed;
mod team;

pub use log::Segment;
pub use opened::{content_of, dearmored, keys_of, opened, opened_with_passphrase, text_of};
pub use signed::{block_message, entry, hashes, list, made_up, message, new_keys, verified_roster};
pub use team::{Team, refuses};

use crate::harness::{Run, Sandbox, finish};
use std::path::PathBuf;
use vault::identity::Hash;
use vault::identity::{Head, Identity, Key, PrivateKeys, Recipient, encrypt_to};
use vault::item::{Content, Metadata, Place};
use vault::log::Caller;
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::roster::{Change, Draft, NewKeys, Right, Role, Statement};
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::time::Time;
use vault::vault::{Ancestors, Block, BlockStatement, File, Slot, SlotKind};
use vault::vault::{Credential, KeySession, Settings, Vault};

/// A person with keys, who may be a user.
pub struct Member {
    pub name: UserName,
    pub keys: PrivateKeys,
    /// Opens the member's slot.
    pub key: String,
}

impl Member {
    /// A new person.
    pub fn new(name: &str) -> Self {
        let key = Key::generate().unwrap().to_text().expose_secret().to_owned();
        Self { name: user(name), keys: PrivateKeys::generate().unwrap(), key }
    }

    /// The user whose key the sandbox has.
    pub fn owner(sandbox: &Sandbox) -> Self {
        let session = session(sandbox, sandbox.key());
        Self { name: session.user().clone(), keys: keys_of(&session), key: sandbox.key().to_owned() }
    }

    pub fn recipient(&self) -> Recipient {
        self.keys.public().unwrap().recipient
    }

    /// Runs the program as this member.
    pub fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> Run {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_KEY", &self.key);
        finish(command)
    }

    /// The slot that opens with the member's key.
    pub fn slot(&self, vault: Hash, roster: Head) -> Slot {
        let key = Key::parse(&self.key).unwrap();
        let identity = Identity { vault, user: self.name.clone(), keys: self.keys.clone(), roster };
        Slot {
            user: self.name.clone(),
            kind: SlotKind::Key { hint: key.hint() },
            data: key.seal(&identity).unwrap().into(),
        }
    }
}

pub fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

pub fn settings(sandbox: &Sandbox) -> Settings {
    Settings::at(sandbox.state())
}

/// Unlocks the sandbox's vault in this process.
pub fn session(sandbox: &Sandbox, key: &str) -> KeySession {
    session_with(sandbox, key, &settings(sandbox))
}

/// Unlocks the sandbox's vault in this process, on a device with these settings.
pub fn session_with(sandbox: &Sandbox, key: &str, settings: &Settings) -> KeySession {
    let vault = Vault::open(&sandbox.vault(), settings).unwrap();
    vault.unlock(&Credential::Key(Key::parse(key).unwrap()), None, &Caller::default()).unwrap()
}

/// The parts of a file.
pub struct Forge {
    pub path: PathBuf,
    pub file: File,
}

impl Forge {
    /// The sandbox's file.
    pub fn of(sandbox: &Sandbox) -> Self {
        let path = sandbox.vault();
        let file = File::parse(std::fs::read(&path).unwrap()).unwrap();
        Self { path, file }
    }

    pub fn write(&self) {
        std::fs::write(&self.path, self.file.to_text()).unwrap();
    }

    pub fn id(&self) -> Hash {
        hashes(&self.file.roster)[0]
    }

    pub fn head(&self) -> Head {
        let hashes = hashes(&self.file.roster);
        Head { version: u32::try_from(hashes.len()).unwrap(), hash: *hashes.last().unwrap() }
    }

    /// Public keys in the form that a change has, signed by the keys themselves.
    pub fn new_keys(&self, name: &UserName, keys: &PrivateKeys) -> NewKeys {
        new_keys(&self.id(), name, keys)
    }

    /// The change that adds `member`.
    pub fn adding(&self, member: &Member, role: Role, grants: &[(&str, Right)]) -> Change {
        let grants = grants.iter().map(|(name, right)| (environment(name), *right)).collect();
        let keys = self.new_keys(&member.name, &member.keys);
        Change::AddUser { user: member.name.clone(), email: None, role, grants, keys: keys.into() }
    }

    /// Appends any change, signed by `author`.
    pub fn change(&mut self, author: &Member, change: Change) -> &mut Self {
        self.change_leaving(author, change, Vec::new())
    }

    /// Appends a change that `author` signs and that leaves these blocks pending.
    pub fn change_leaving(
        &mut self,
        author: &Member,
        change: Change,
        pending: Vec<(EnvironmentName, Hash)>,
    ) -> &mut Self {
        let Head { version, hash } = self.head();
        let draft = Draft { author: author.name.clone(), time: Time::now(), change, pending };
        let signature = author.keys.sign(&message(&self.id(), version + 1, &hash, &draft));
        self.file.roster.push(Statement { version: version + 1, draft, signature });
        self
    }

    /// Adds a member with a slot, and encrypts the environments that the member may read to them, too.
    pub fn join(&mut self, author: &Member, member: &Member, role: Role, grants: &[(&str, Right)]) {
        let change = self.adding(member, role, grants);
        self.change(author, change);
        self.file.slots.push(member.slot(self.id(), self.head()));
    }

    pub fn block(&mut self, name: &str) -> &mut Block {
        self.file.blocks.iter_mut().find(|block| block.statement.name.as_str() == name).unwrap()
    }

    /// The hash of a block's statement.
    pub fn block_hash(&self, name: &str) -> Hash {
        let block = self.file.block(&environment(name)).unwrap();
        block_message(&self.id(), &block.statement, &block.data).hash(&block.signature)
    }

    /// Writes an environment as its next version.
    pub fn seal(&mut self, author: &Member, name: &str, readers: &[&Member], items: &[(&str, &str)]) -> &mut Self {
        let version = self.block(name).statement.version + 1;
        let previous = vec![self.block_hash(name)];
        self.seal_as(author, name, version, previous, readers, &content(items))
    }

    /// Writes an environment as any version.
    pub fn seal_as(
        &mut self,
        author: &Member,
        name: &str,
        version: u32,
        previous: Vec<Hash>,
        readers: &[&Member],
        content: &Content,
    ) -> &mut Self {
        let place = Place { vault: &self.id(), environment: &environment(name), version };
        self.seal_plaintext(author, name, version, previous, readers, &content.to_json(&place))
    }

    /// Writes any plaintext as an environment.
    pub fn seal_plaintext(
        &mut self,
        author: &Member,
        name: &str,
        version: u32,
        previous: Vec<Hash>,
        readers: &[&Member],
        plaintext: &[u8],
    ) -> &mut Self {
        let (id, roster) = (self.id(), self.head());
        let recipients: Vec<Recipient> = readers.iter().map(|reader| reader.recipient()).collect();
        let data = encrypt_to(recipients.iter(), plaintext).unwrap();
        let ancestors = self.ancestors(name, version, &previous);
        let statement = BlockStatement {
            name: environment(name),
            version,
            previous,
            ancestors,
            roster,
            author: author.name.clone(),
            time: Time::now(),
        };
        let signature = author.keys.sign(&block_message(&id, &statement, &data));
        *self.block(name) = Block { statement, signature, data: data.into() };
        self
    }

    /// Returns the ancestors that a block of this version names. If the block follows the current one, they are true.
    /// Otherwise, they are made up in a way that a reader can't detect.
    pub fn ancestors(&mut self, name: &str, version: u32, previous: &[Hash]) -> Ancestors {
        let there = self.block_hash(name);
        let statement = &self.block(name).statement;
        if previous.contains(&there) && version == statement.version + 1 {
            return list(&[entry(&there)], statement.ancestors.as_bytes());
        }
        made_up(version, previous)
    }

    /// Signs the current block.
    pub fn sign(&mut self, author: &Member, name: &str) -> &mut Self {
        let id = self.id();
        let block = self.block(name);
        block.statement.author = author.name.clone();
        block.signature = author.keys.sign(&block_message(&id, &block.statement, &block.data));
        self
    }
}

/// Items with these values.
pub fn content(items: &[(&str, &str)]) -> Content {
    let mut content = Content::default();
    for (name, value) in items {
        let value = SecretBytes::new(value.as_bytes().to_vec());
        let name = ItemName::new(*name).unwrap();
        content.set(&name, value, &Metadata::default(), &user("mia"), Time::now()).unwrap();
    }
    content
}

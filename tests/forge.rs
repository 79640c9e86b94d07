//! Makes files as an attacker would: somebody with keys signs anything, regardless of the program's rules.
//!
//! The signed bytes are written here a second time, from vault-format(5) and not from the program. A forgery that is
//! refused only for a wrong layout would prove nothing, so every test also shows that the honest variant is accepted.

use crate::harness::{Run, Sandbox, finish};
use std::io::Read as _;
use std::path::PathBuf;
use vault::crypto;
use vault::file::{Ancestors, Block, BlockStatement, File, Slot, SlotKind};
use vault::identity::{Head, Identity, Key, PrivateKeys, Recipient, encrypt_to};
use vault::item::{Content, Metadata, Place};
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::roster::{Change, Draft, NewKeys, Right, Role, Statement};
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::signature::{Hash, Message};
use vault::time::Time;
use vault::vault::{Credential, Session, Settings, Vault};

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

    /// The user of the sandbox's key.
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
    Settings { state: sandbox.state(), ..Settings::default() }
}

/// Unlocks the sandbox's vault in this process.
pub fn session(sandbox: &Sandbox, key: &str) -> Session {
    let vault = Vault::open(&sandbox.vault(), &settings(sandbox)).unwrap();
    vault.unlock(&Credential::Key(Key::parse(key).unwrap()), None).unwrap()
}

/// The private keys of a session: what an agent or a server is handed over.
pub fn keys_of(session: &Session) -> PrivateKeys {
    let mut text = Vec::new();
    session.hand_over().unwrap().write_to(&mut text).unwrap();
    Identity::from_text(std::str::from_utf8(&text).unwrap()).unwrap().keys
}

/// Decrypts an age file by the keys themselves, as stock age would; none if it is not for them.
pub fn opened(keys: &PrivateKeys, bytes: &[u8]) -> Option<Vec<u8>> {
    let nobody = Head { version: 1, hash: Hash::of(b"") };
    let identity = Identity { vault: Hash::of(b""), user: user("somebody"), keys: keys.clone(), roster: nobody };
    let text = text_of(&identity);
    let secrets = text.lines().filter(|line| !line.starts_with('#'));
    let secrets: Vec<age::x25519::Identity> = secrets.map(|line| line.parse().unwrap()).collect();
    opened_by(secrets.iter().map(|secret| secret as _), bytes)
}

/// The text of an identity: what is in a slot of a new key, as stock age reads it.
pub fn text_of(identity: &Identity) -> String {
    let key = Key::generate().unwrap();
    let sealed = crypto::dearmor(&key.seal(identity).unwrap()).unwrap();
    let secret: age::x25519::Identity = key.to_text().expose_secret().parse().unwrap();
    String::from_utf8(opened_by(std::iter::once(&secret as _), &sealed).unwrap()).unwrap()
}

/// Decrypts an age file with a passphrase, as stock age would; none if it is another one's.
pub fn opened_with_passphrase(passphrase: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut identity = age::scrypt::Identity::new(passphrase.to_owned().into());
    // Otherwise the limit depends on how busy the machine is.
    identity.set_max_work_factor(20);
    opened_by(std::iter::once(&identity as _), bytes)
}

fn opened_by<'a>(identities: impl Iterator<Item = &'a dyn age::Identity>, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plaintext = Vec::new();
    let decryptor = age::Decryptor::new_buffered(bytes).unwrap();
    decryptor.decrypt(identities).ok()?.read_to_end(&mut plaintext).unwrap();
    Some(plaintext)
}

/// Returns an environment's content, decrypted directly, without a log entry.
pub fn content_of(session: &Session, name: &str) -> Content {
    let (vault, name) = (session.vault(), environment(name));
    let block = vault.file().block(&name).unwrap();
    let bytes = block.dearmor(&vault.id()).unwrap().bytes;
    let plaintext = opened(&keys_of(session), &bytes).unwrap();
    let place = Place { vault: &vault.id(), environment: &name, version: block.statement.version };
    Content::from_json(&plaintext, &place, block.statement.written()).unwrap()
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

    /// Public keys in the form of a change, signed by the keys themselves.
    pub fn new_keys(&self, name: &UserName, keys: &PrivateKeys) -> NewKeys {
        let public = keys.public().unwrap();
        let mut message = Message::new("vault/keys/v1");
        message.raw(self.id().as_bytes()).text(name.as_str());
        message.text(public.recipient.as_str()).raw(public.verifying_key.as_bytes());
        NewKeys { signature: keys.sign(&message), keys: public }
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

    /// Adds a member with a slot, and encrypts again what the member may read.
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

    /// Returns the ancestors that a block of this version names. If the block follows the present one, they are true.
    /// Otherwise they are made up in a way that a reader can't detect.
    pub fn ancestors(&mut self, name: &str, version: u32, previous: &[Hash]) -> Ancestors {
        let there = self.block_hash(name);
        let statement = &self.block(name).statement;
        if previous.contains(&there) && version == statement.version + 1 {
            return list(&[entry(&there)], statement.ancestors.as_bytes());
        }
        made_up(version, previous)
    }

    /// Signs a block in its present state.
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

/// The hash of every change, as vault-format(5) has it.
pub fn hashes(roster: &[Statement]) -> Vec<Hash> {
    let mut hashes: Vec<Hash> = Vec::new();
    for Statement { version, draft, signature } in roster {
        let first = hashes.first().copied().unwrap_or(Hash::ZERO);
        let last = hashes.last().copied().unwrap_or(Hash::ZERO);
        hashes.push(message(&first, *version, &last, draft).hash(signature));
    }
    hashes
}

/// `vault/environment/v1`.
pub fn block_message(vault: &Hash, statement: &BlockStatement, data: &str) -> Message {
    let mut message = Message::new("vault/environment/v1");
    message.raw(vault.as_bytes()).text(statement.name.as_str()).integer(statement.version);
    message.count(statement.previous.len());
    for hash in &statement.previous {
        message.raw(hash.as_bytes());
    }
    message.bytes(statement.ancestors.as_bytes());
    message.integer(statement.roster.version).raw(statement.roster.hash.as_bytes());
    message.text(statement.author.as_str()).text(&statement.time.to_string());
    message.raw(Hash::of(&crypto::dearmor(data).unwrap()).as_bytes());
    message
}

/// What these keys leave in a device's marks about a roster that they verified: `vault/verified-roster/v1`.
pub fn verified_roster(vault: &Hash, head: Head, keys: &PrivateKeys) -> serde_json::Value {
    let mut message = Message::new("vault/verified-roster/v1");
    message.raw(vault.as_bytes()).integer(head.version).raw(head.hash.as_bytes());
    serde_json::json!({ "head": head, "voucher": keys.voucher(vault, head), "signature": keys.sign(&message) })
}

/// Returns the entry for a statement in a list of ancestors, for any version but the one directly before.
pub fn entry(hash: &Hash) -> [u8; 8] {
    let mut entry: [u8; 8] = hash.as_bytes()[..8].try_into().unwrap();
    entry[7] &= !1;
    entry
}

/// Ancestors of a block of that version that nobody has seen but for the first of `previous`.
pub fn made_up(version: u32, previous: &[Hash]) -> Ancestors {
    let others: Vec<[u8; 8]> = (2..version.min(65)).map(|apart| entry(&Hash::of(&apart.to_be_bytes()))).collect();
    match previous.first() {
        Some(first) => list(&[entry(first)], &others.concat()),
        None => Ancestors::default(),
    }
}

/// The newest ancestors, then those before them, as many as there may be.
pub fn list(newest: &[[u8; 8]], before: &[u8]) -> Ancestors {
    let mut bytes = [newest.concat(), before.to_vec()].concat();
    bytes.truncate(64 * 8);
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes).parse().unwrap()
}

/// `vault/roster/v1`.
pub fn message(vault: &Hash, version: u32, previous: &Hash, draft: &Draft) -> Message {
    let mut message = Message::new("vault/roster/v1");
    message.raw(vault.as_bytes()).integer(version).raw(previous.as_bytes());
    message.text(draft.author.as_str()).text(&draft.time.to_string()).text(draft.change.word());
    write_change(&draft.change, &mut message);
    message.count(draft.pending.len());
    for (name, hash) in &draft.pending {
        message.text(name.as_str()).raw(hash.as_bytes());
    }
    message
}

fn write_change(change: &Change, message: &mut Message) {
    match change {
        Change::Create { random, email, keys } => {
            message.bytes(random).optional(email.as_deref());
            write_keys(keys, message);
        }
        Change::AddUser { user, email, role, grants, keys } => {
            message.text(user.as_str()).optional(email.as_deref()).text(role.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
            write_keys(keys, message);
        }
        Change::RemoveUser { user } => {
            message.text(user.as_str());
        }
        Change::SetRole { user, role } => {
            message.text(user.as_str()).text(role.as_str());
        }
        Change::ReplaceKeys { keys } => write_keys(keys, message),
        Change::AddEnvironment { environment, grants } => {
            message.text(environment.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
        }
        Change::RemoveEnvironment { environment } => {
            message.text(environment.as_str());
        }
        Change::Grant { user, grants } => {
            message.text(user.as_str());
            write_pairs(grants.iter().map(|(name, right)| (name.as_str(), *right)), message);
        }
        Change::Revoke { user, environments } => {
            message.text(user.as_str()).count(environments.len());
            for name in environments {
                message.text(name.as_str());
            }
        }
        Change::SetEnvironment { environment, protected } => {
            message.text(environment.as_str()).text(protected.as_str());
        }
    }
}

fn write_keys(NewKeys { keys, signature }: &NewKeys, message: &mut Message) {
    message.text(keys.recipient.as_str()).raw(keys.verifying_key.as_bytes()).bytes(signature.as_bytes());
}

fn write_pairs<'a>(pairs: impl ExactSizeIterator<Item = (&'a str, Right)>, message: &mut Message) {
    message.count(pairs.len());
    for (name, right) in pairs {
        message.text(name).text(right.as_str());
    }
}

/// A vault of dev and prod with a team: mia made it and writes both; ada is an admin who reads prod; ben writes dev;
/// rea reads dev. Each environment holds KEY.
pub struct Team {
    pub sandbox: Sandbox,
    pub mia: Member,
    pub ada: Member,
    pub ben: Member,
    pub rea: Member,
    honest: File,
}

impl Team {
    pub fn new() -> Self {
        let sandbox = Sandbox::with_environments(&["dev", "prod"]);
        let mia = Member::owner(&sandbox);
        let [ada, ben, rea] = ["ada", "ben", "rea"].map(Member::new);
        let mut forge = Forge::of(&sandbox);
        forge.join(&mia, &ada, Role::Admin, &[("prod", Right::Read)]);
        forge.join(&mia, &ben, Role::Member, &[("dev", Right::Write)]);
        forge.join(&mia, &rea, Role::Member, &[("dev", Right::Read)]);
        forge.seal(&mia, "dev", &[&mia, &ben, &rea], &[("KEY", "dev-value")]);
        forge.seal(&mia, "prod", &[&mia, &ada], &[("KEY", "prod-value")]);
        forge.write();
        let team = Self { sandbox, mia, ada, ben, rea, honest: forge.file };
        team.accepts();
        team
    }

    /// The honest file, ready to be changed.
    pub fn forge(&self) -> Forge {
        Forge { path: self.sandbox.vault(), file: self.honest.clone() }
    }

    /// Asserts that the file is accepted and can be read.
    #[track_caller]
    pub fn accepts(&self) {
        self.sandbox.run(["verify"]).ok();
        self.sandbox.run(["get", "dev/KEY"]).ok();
        self.sandbox.run(["get", "prod/KEY"]).ok();
    }

    /// Asserts that the file is accepted and prod can be read.
    #[track_caller]
    pub fn accepts_prod(&self) {
        self.sandbox.run(["verify"]).ok();
        self.sandbox.run(["get", "prod/KEY"]).ok();
    }

    /// Asserts that the file is refused as tampered with for this reason, and that nothing is printed or changed.
    #[track_caller]
    pub fn refuses(&self, why: &str) {
        refuses(&self.sandbox, "dev/KEY", why);
    }
}

/// Asserts that verifying, reading and writing `item` fail with exit code 6, and that the file is unchanged.
#[track_caller]
pub fn refuses(sandbox: &Sandbox, item: &str, why: &str) {
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.run(["verify"]).fails(6).says(why);
    let read = sandbox.run(["get", item]).fails(6);
    assert!(read.stdout.is_empty(), "{read:?}");
    let write = sandbox.run_with_input(["set", item], b"new").fails(6);
    assert!(write.stdout.is_empty(), "{write:?}");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

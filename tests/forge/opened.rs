//! Opens what the program has encrypted, and reads the private keys of a session.

use super::{environment, user};
use std::io::Read as _;
use vault::identity::Hash;
use vault::identity::{Head, Identity, Key, PrivateKeys};
use vault::item::{Content, Place};
use vault::secret::ExposeSecret as _;
use vault::vault::File;
use vault::vault::{Continued, KeySession};

/// The private keys of a session, as an agent or a server gets them.
pub fn keys_of(session: &KeySession) -> PrivateKeys {
    let mut text = Vec::new();
    let Continued::Keys(keys) = session.let_continue().unwrap() else { unreachable!("the keys are here") };
    keys.write_to(&mut text).unwrap();
    Identity::from_text(std::str::from_utf8(&text).unwrap()).unwrap().keys
}

/// Decrypts an age file with the keys alone, as stock age would. `None` if the file isn't encrypted to them.
pub fn opened(keys: &PrivateKeys, bytes: &[u8]) -> Option<Vec<u8>> {
    let nobody = Head { version: 1, hash: Hash::of(b"") };
    let identity = Identity { vault: Hash::of(b""), user: user("somebody"), keys: keys.clone(), roster: nobody };
    let text = text_of(&identity);
    let secrets = text.lines().filter(|line| !line.starts_with('#'));
    let secrets: Vec<age::x25519::Identity> = secrets.map(|line| line.parse().unwrap()).collect();
    opened_by(secrets.iter().map(|secret| secret as _), bytes)
}

/// Takes off the armor of an age file, as stock age would.
pub fn dearmored(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    age::armor::ArmoredReader::new(text.as_bytes()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The text of an identity, as it is in a slot of a new key and as stock age reads it.
pub fn text_of(identity: &Identity) -> String {
    let key = Key::generate().unwrap();
    let sealed = dearmored(&key.seal(identity).unwrap());
    let secret: age::x25519::Identity = key.to_text().expose_secret().parse().unwrap();
    String::from_utf8(opened_by(std::iter::once(&secret as _), &sealed).unwrap()).unwrap()
}

/// Decrypts an age file with a passphrase, as stock age would. `None` if it is another file's passphrase.
pub fn opened_with_passphrase(passphrase: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut identity = age::scrypt::Identity::new(passphrase.to_owned().into());
    // Without this, the limit would depend on how busy the machine is.
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
pub fn content_of(session: &KeySession, name: &str) -> Content {
    let (vault, name) = (session.vault(), environment(name));
    let file = File::parse(std::fs::read(vault.path()).unwrap()).unwrap();
    let block = file.block(&name).unwrap();
    let bytes = block.dearmor(&vault.id()).unwrap().bytes;
    let plaintext = opened(&keys_of(session), &bytes).unwrap();
    let place = Place { vault: &vault.id(), environment: &name, version: block.statement.version };
    Content::from_json(&plaintext, &place, block.statement.written()).unwrap()
}

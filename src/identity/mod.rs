//! A user's identity, which is the private keys in a slot, and the keys that open slots.

mod fingerprint;
mod key;
mod recipient;

pub use crate::signature::{Hash, Message, Signature, VerifyingKey};
pub(crate) use fingerprint::FingerprintKey;
pub use key::Key;
pub(crate) use recipient::encrypt_to_into;
pub use recipient::{Recipient, encrypt_to};

use crate::crypto::{self, Placed};
use crate::error::{Error, Result};
use crate::name::UserName;
use crate::secret::ExposeSecret as _;
use crate::signature::{SigningKey, write_hex};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The maximum number of retired keys in an identity. They open blocks that are not yet re-encrypted, older checkouts and
/// old log segments.
pub const MAX_RETIRED: usize = 32;

/// A version of the roster: the number and the hash of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// The number of the change, from 1.
    pub version: u32,
    /// The hash of the signed change.
    pub hash: Hash,
}
/// The two public keys of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// The key to which environments are encrypted.
    pub recipient: Recipient,
    /// The key with which statements are verified.
    pub verifying_key: VerifyingKey,
}

impl PublicKeys {
    /// Returns the message that whoever adds new keys signs with the new key (`vault/keys/v1`), so that nobody can claim
    /// somebody else's keys.
    #[must_use]
    pub fn message(&self, vault: &Hash, user: &UserName) -> Message {
        let Self { recipient, verifying_key } = self;
        let mut message = Message::new("vault/keys/v1");
        message.raw(vault.as_bytes()).text(user.as_str());
        message.text(recipient.as_str()).raw(verifying_key.as_bytes());
        message
    }
}

/// The current private keys of a user, and the retired ones that still open older blocks.
#[derive(Clone)]
pub struct PrivateKeys {
    signing: SigningKey,
    /// The signing keys before the current one, newest first. They sign key replacements again when branches are merged,
    /// and stand for the user on a branch that doesn't have the replacements yet.
    earlier: Vec<SigningKey>,
    /// The current key, then the retired ones, newest first.
    decryption: Vec<age::x25519::Identity>,
}

impl PrivateKeys {
    /// Generates new keys.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn generate() -> Result<Self> {
        // Generate the signing key first, because age panics if there is no randomness.
        let signing = SigningKey::generate()?;
        Ok(Self { signing, earlier: Vec::new(), decryption: vec![age::x25519::Identity::generate()] })
    }

    /// Generates new keys, and keeps those of `self` as retired ones.
    ///
    /// # Errors
    /// As [`PrivateKeys::generate`].
    pub fn renew(&self) -> Result<Self> {
        let mut new = Self::generate()?;
        new.earlier.push(self.signing.clone());
        new.earlier.extend(self.earlier.iter().take(MAX_RETIRED - 1).cloned());
        new.decryption.extend(self.decryption.iter().take(MAX_RETIRED).cloned());
        Ok(new)
    }

    /// Returns the keys with the signing key from before each known renewal, newest first.
    pub fn earlier(&self) -> impl Iterator<Item = Self> {
        self.earlier.iter().zip(1..).map(|(signing, before)| Self {
            signing: signing.clone(),
            earlier: self.earlier[before..].to_vec(),
            decryption: self.decryption.clone(),
        })
    }

    /// Returns the keys from before the renewal by which `public` was replaced, if it is a known one.
    #[must_use]
    pub(crate) fn as_before(&self, public: &PublicKeys) -> Option<Self> {
        self.earlier().zip(1..).find_map(|(keys, before)| {
            let decryption = self.decryption.get(before..).filter(|rest| !rest.is_empty())?.to_vec();
            let keys = Self { decryption, ..keys };
            keys.public().is_ok_and(|known| known == *public).then_some(keys)
        })
    }

    /// Returns the public keys.
    ///
    /// # Errors
    /// None for keys made here; otherwise an integrity error for a recipient that can't be parsed.
    pub fn public(&self) -> Result<PublicKeys> {
        let recipient = Recipient::from_trusted(&self.decryption[0].to_public().to_string())?;
        Ok(PublicKeys { recipient, verifying_key: self.signing.verifying_key() })
    }

    /// Signs with the current signing key.
    #[must_use]
    pub fn sign(&self, message: &Message) -> Signature {
        self.signing.sign(message)
    }

    /// Returns a proof for the user's own later use that all signatures of a roster were verified: an HMAC-SHA-256 over
    /// its head under a key derived from the signing key. Nobody can make it without that key.
    #[must_use]
    pub fn voucher(&self, vault: &Hash, head: Head) -> Hash {
        Hash::from_bytes(self.voucher_mac(vault, head).finalize().into_bytes().into())
    }

    /// Whether `voucher` is the [`PrivateKeys::voucher`] of a roster.
    #[must_use]
    pub(crate) fn vouched(&self, vault: &Hash, head: Head, voucher: &Hash) -> bool {
        self.voucher_mac(vault, head).verify_slice(voucher.as_bytes()).is_ok()
    }

    fn voucher_mac(&self, vault: &Hash, head: Head) -> Hmac<Sha256> {
        let mut mac = derived_mac(self.signing.seed(), "vault/verified-roster/v1");
        mac.update(vault.as_bytes());
        mac.update(&head.version.to_be_bytes());
        mac.update(head.hash.as_bytes());
        mac
    }

    /// Returns the decryption keys, the current one first.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &age::x25519::Identity> {
        self.decryption.iter()
    }

    /// Decrypts a binary age file with the current key or a retired one; `None` if it is encrypted to none of them.
    ///
    /// # Errors
    /// An integrity error if the file is damaged.
    pub(crate) fn decrypt(&self, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.decrypt_at(bytes.to_vec(), 0)
    }

    /// Decrypts like [`PrivateKeys::decrypt`], but tries the recipient at this place first, counted from 0.
    ///
    /// # Errors
    /// An integrity error if the file is damaged.
    pub(crate) fn decrypt_at(&self, bytes: Vec<u8>, place: usize) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let placed: Vec<_> = self.decryption.iter().map(|identity| Placed { identity, place }).collect();
        crypto::decrypt(bytes, placed.iter().map(|key| key as _))
    }
}

/// The content of a slot: the user's private keys, and the roster that the slot's maker saw.
#[derive(Clone)]
pub struct Identity {
    /// The vault's id.
    pub vault: Hash,
    /// Whose identity this is.
    pub user: UserName,
    /// The private keys.
    pub keys: PrivateKeys,
    /// The roster when the slot was made. An older roster is refused.
    pub roster: Head,
}

impl Identity {
    /// Returns the slot's plaintext: an age identity file that `age -i` accepts, with what only this program needs in
    /// comments.
    #[must_use]
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let Self { vault, user, keys, roster } = self;
        // Reserve room for every key, so that the text is never moved and leaves no copy behind.
        let mut text =
            Zeroizing::new(String::with_capacity(512 + 80 * (keys.decryption.len() + 1) + 96 * keys.earlier.len()));
        text.push_str("# vault: ");
        let _ = write_hex(vault.as_bytes(), &mut *text);
        text.push_str("\n# user: ");
        text.push_str(user.as_str());
        text.push_str("\n# signing-key: ");
        let _ = write_hex(keys.signing.seed(), &mut *text);
        for earlier in &keys.earlier {
            text.push_str("\n# earlier-signing-key: ");
            let _ = write_hex(earlier.seed(), &mut *text);
        }
        text.push_str(&format!("\n# roster: {} {}\n", roster.version, roster.hash));
        for key in &keys.decryption {
            text.push_str(key.to_string().expose_secret());
            text.push('\n');
        }
        text
    }

    /// Parses a slot's plaintext.
    ///
    /// # Errors
    /// An integrity error that repeats nothing of the text.
    pub fn from_text(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::integrity("a slot contains something that is not an identity"))
    }

    fn parse<'a>(text: &'a str) -> Option<Self> {
        const EARLIER: &str = "# earlier-signing-key: ";
        let mut lines = text.lines().peekable();
        let field =
            |line: Option<&'a str>, name: &str| line?.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": ");
        let vault = field(lines.next(), "vault")?.parse().ok()?;
        let user = UserName::new(field(lines.next(), "user")?).ok()?;
        let signing = SigningKey::from_seed(field(lines.next(), "signing-key")?).ok()?;
        let mut earlier = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(EARLIER)) {
            earlier.push(SigningKey::from_seed(line.strip_prefix(EARLIER)?).ok()?);
        }
        let (version, hash) = field(lines.next(), "roster")?.split_once(' ')?;
        let roster = Head { version: version.parse().ok()?, hash: hash.parse().ok()? };
        let decryption = lines.map(|line| line.parse().ok()).collect::<Option<Vec<age::x25519::Identity>>>()?;
        let count = 1..=MAX_RETIRED + 1;
        let is_bounded = count.contains(&decryption.len()) && earlier.len() <= MAX_RETIRED;
        is_bounded.then_some(Self { vault, user, keys: PrivateKeys { signing, earlier, decryption }, roster })
    }
}
/// Returns an HMAC-SHA-256 under a key derived from a secret.
fn derived_mac(secret: &[u8; 32], info: &str) -> Hmac<Sha256> {
    // HMAC uses a key of SHA-256's block size as it is.
    let mut key = Zeroizing::new([0; 64]);
    derive(secret, info, &mut *key);
    <Hmac<Sha256> as hmac::digest::KeyInit>::new((&*key).into())
}

fn derive(secret: &[u8; 32], info: &str, output: &mut [u8]) {
    // This can't fail: HKDF-SHA-256 (RFC 5869) gives up to 8,160 bytes, and callers ask for at most 64.
    let _ = Hkdf::<Sha256>::new(None, secret).expand(info.as_bytes(), output);
}

#[cfg(test)]
pub(crate) mod tests;

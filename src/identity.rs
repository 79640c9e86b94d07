//! Who a user is: the private keys that a slot holds, and the keys that open slots.

use crate::crypto::{self, Placed};
use crate::error::{Error, Result};
use crate::name::UserName;
use crate::secret::{ExposeSecret as _, SecretString};
use crate::signature::{Hash, Message, Signature, SigningKey, VerifyingKey, write_hex};
use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Retired keys that an identity still carries, so that blocks not yet re-encrypted, older checkouts and old log
/// segments still open.
pub const MAX_RETIRED: usize = 32;

/// A version of the roster: its number and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// The number of the change, from 1.
    pub version: u32,
    /// The hash of the signed change.
    pub hash: Hash,
}

/// A public X25519 key: canonical bech32 and not of low order. Written as `age1...`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient {
    bytes: [u8; 32],
    text: String,
}

impl Recipient {
    /// The 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The `age1...` text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a recipient without looking at its point: for one inside a part of the chain that was verified before.
    ///
    /// # Errors
    /// An integrity error if the text is not canonical bech32 of 32 bytes.
    pub fn from_trusted(text: &str) -> Result<Self> {
        let decoded = CheckedHrpstring::new::<Bech32>(text).map_err(|_| invalid_recipient())?;
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        // 52 characters are 260 bits; q and s are the two that leave the last four zero.
        let digits = decoded.data_part_ascii_no_checksum();
        let canonical = digits.len() == 52 && matches!(digits[51], b'q' | b's');
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(decoded.byte_iter()).for_each(|(byte, of_text)| *byte = of_text);
        if decoded.hrp().as_str() == "age" && lower && canonical {
            Ok(Self { bytes, text: text.to_owned() })
        } else {
            Err(invalid_recipient())
        }
    }

    /// Refuses points of low order, points that no private key has, and encodings that are not canonical: age would
    /// panic on encrypting to some of them, and encrypt to nobody in particular with others.
    ///
    /// # Errors
    /// An integrity error.
    pub fn check(&self) -> Result<()> {
        // Every public key made from a private one lies on the curve, so a missing Edwards form is a forgery, too.
        let point = curve25519_dalek::montgomery::MontgomeryPoint(self.bytes);
        let sound = point
            .to_edwards(0)
            .is_some_and(|edwards| !edwards.is_small_order() && edwards.to_montgomery().to_bytes() == self.bytes);
        if sound { Ok(()) } else { Err(invalid_recipient()) }
    }

    fn to_age(&self) -> Result<age::x25519::Recipient> {
        self.text.parse().map_err(|_| invalid_recipient())
    }
}

fn invalid_recipient() -> Error {
    Error::integrity("a user's recipient is not a canonical X25519 key")
}

impl FromStr for Recipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let recipient = Self::from_trusted(text)?;
        recipient.check()?;
        Ok(recipient)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Encrypts to these recipients, armored.
///
/// # Errors
/// If there is none, or randomness fails.
pub fn encrypt_to<'a>(recipients: impl Iterator<Item = &'a Recipient>, plaintext: &[u8]) -> Result<String> {
    let recipients = recipients.map(Recipient::to_age).collect::<Result<Vec<_>>>()?;
    crypto::encrypt(recipients.iter().map(|recipient| recipient as _), plaintext)
}

/// The two public keys of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// What environments are encrypted to.
    pub recipient: Recipient,
    /// What statements are verified with.
    pub verifying_key: VerifyingKey,
}

impl PublicKeys {
    /// What whoever brings in new keys signs with the new key (`vault/keys/v1`), so that nobody can claim keys of others.
    #[must_use]
    pub fn message(&self, vault: &Hash, previous: &Hash, user: &UserName) -> Message {
        let Self { recipient, verifying_key } = self;
        let mut message = Message::new("vault/keys/v1");
        message.raw(vault.as_bytes()).raw(previous.as_bytes()).text(user.as_str());
        message.raw(recipient.as_bytes()).raw(verifying_key.as_bytes());
        message
    }
}

/// The current private keys of a user and the retired ones that still open older blocks.
#[derive(Clone)]
pub struct PrivateKeys {
    signing: SigningKey,
    /// The current key first, then the retired ones, newest first.
    decryption: Vec<age::x25519::Identity>,
}

impl PrivateKeys {
    /// New keys.
    #[must_use]
    pub fn generate() -> Self {
        Self { signing: SigningKey::generate(), decryption: vec![age::x25519::Identity::generate()] }
    }

    /// New keys that keep the decryption keys of `self` as retired ones.
    #[must_use]
    pub fn renew(&self) -> Self {
        let mut new = Self::generate();
        new.decryption.extend(self.decryption.iter().take(MAX_RETIRED).cloned());
        new
    }

    /// The public halves.
    ///
    /// # Errors
    /// Never for keys made here; an integrity error for a recipient that can't be read.
    pub fn public(&self) -> Result<PublicKeys> {
        let recipient = Recipient::from_trusted(&self.decryption[0].to_public().to_string())?;
        Ok(PublicKeys { recipient, verifying_key: self.signing.verifying_key() })
    }

    /// Signs with the current key.
    #[must_use]
    pub fn sign(&self, message: &Message) -> Signature {
        self.signing.sign(message)
    }

    /// A note to oneself that every signature of a roster was verified: an HMAC-SHA-256 over it under a key derived from
    /// the signing key, which nobody can write who lacks that key.
    #[must_use]
    pub fn voucher(&self, vault: &Hash, head: Head) -> Hash {
        Hash::from_bytes(self.voucher_mac(vault, head).finalize().into_bytes().into())
    }

    /// Whether this is the [`PrivateKeys::voucher`] of a roster.
    #[must_use]
    pub fn vouched(&self, vault: &Hash, head: Head, voucher: &Hash) -> bool {
        self.voucher_mac(vault, head).verify_slice(voucher.as_bytes()).is_ok()
    }

    fn voucher_mac(&self, vault: &Hash, head: Head) -> Hmac<Sha256> {
        let mut mac = derived_mac(self.signing.seed(), "vault/verified-roster/v1");
        mac.update(vault.as_bytes());
        mac.update(&head.version.to_be_bytes());
        mac.update(head.hash.as_bytes());
        mac
    }

    /// The decryption keys, the current one first.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &age::x25519::Identity> {
        self.decryption.iter()
    }

    /// Decrypts a binary age file with the current key or a retired one; `None` if it is for none of them.
    ///
    /// # Errors
    /// An integrity error if the file is damaged.
    pub fn decrypt(&self, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.decrypt_at(bytes, 0)
    }

    /// As [`PrivateKeys::decrypt`]; the reader at this place, from 0, is tried first.
    ///
    /// # Errors
    /// An integrity error if the file is damaged.
    pub fn decrypt_at(&self, bytes: &[u8], place: usize) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let placed: Vec<_> = self.decryption.iter().map(|identity| Placed { identity, place }).collect();
        crypto::decrypt(bytes, placed.iter().map(|key| key as _))
    }
}

/// What a slot opens to: the user's private keys, and the roster that its maker saw.
#[derive(Clone)]
pub struct Identity {
    /// The vault's id.
    pub vault: Hash,
    /// Whose identity this is.
    pub user: UserName,
    /// The private keys.
    pub keys: PrivateKeys,
    /// The roster when the slot was made: an older one than this is refused.
    pub roster: Head,
}

impl Identity {
    /// The slot's plaintext: an age identity file that stock `age -i` takes, with what only this program needs in comments.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let Self { vault, user, keys, roster } = self;
        // Room for every key, so that the text never moves and leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(512 + 80 * (keys.decryption.len() + 1)));
        text.push_str("# vault: ");
        let _ = write_hex(vault.as_bytes(), &mut *text);
        text.push_str("\n# user: ");
        text.push_str(user.as_str());
        text.push_str("\n# signing-key: ");
        let _ = write_hex(keys.signing.seed(), &mut *text);
        text.push_str(&format!("\n# roster: {} {}\n", roster.version, roster.hash));
        for key in &keys.decryption {
            text.push_str(key.to_string().expose_secret());
            text.push('\n');
        }
        text
    }

    /// Reads a slot's plaintext.
    ///
    /// # Errors
    /// An integrity error that repeats nothing of the text.
    pub fn from_text(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::integrity("a slot opens to something that is no identity"))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut field = |name: &str| lines.next()?.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": ");
        let vault = field("vault")?.parse().ok()?;
        let user = UserName::new(field("user")?).ok()?;
        let signing = SigningKey::from_seed(field("signing-key")?).ok()?;
        let (version, hash) = field("roster")?.split_once(' ')?;
        let roster = Head { version: version.parse().ok()?, hash: hash.parse().ok()? };
        let decryption = lines.map(|line| line.parse().ok()).collect::<Option<Vec<age::x25519::Identity>>>()?;
        let count = 1..=MAX_RETIRED + 1;
        count.contains(&decryption.len()).then_some(Self {
            vault,
            user,
            keys: PrivateKeys { signing, decryption },
            roster,
        })
    }
}

/// A key that opens a slot, in `VAULT_KEY` or as a recovery key: an X25519 key used for nothing else.
pub struct Key {
    identity: age::x25519::Identity,
    bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// A new key.
    ///
    /// # Errors
    /// Never in practice: only if the new key's own text can't be read back.
    pub fn generate() -> Result<Self> {
        Self::parse(age::x25519::Identity::generate().to_string().expose_secret())
    }

    /// Reads `AGE-SECRET-KEY-1...`.
    ///
    /// # Errors
    /// An unlock error that doesn't repeat the text.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = || {
            Error::unlock("the key is not an AGE-SECRET-KEY-1...")
                .hint("a key is one line that starts with AGE-SECRET-KEY-1; check that it was copied whole")
        };
        let identity = text.trim().parse().map_err(|_| invalid())?;
        let mut decoded = Zeroizing::new(bech32::decode(text.trim()).map_err(|_| invalid())?.1);
        let bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| invalid())?;
        zeroize::Zeroize::zeroize(&mut *decoded);
        Ok(Self { identity, bytes: Zeroizing::new(bytes) })
    }

    /// `AGE-SECRET-KEY-1...`, to be shown once.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        self.identity.to_string()
    }

    /// Whether this is the private half of `recipient`.
    #[must_use]
    pub fn is_private_half_of(&self, recipient: &Recipient) -> bool {
        self.identity.to_public().to_string() == recipient.as_str()
    }

    /// The 8 bytes by which the right slot is found without trials, in hexadecimal.
    #[must_use]
    pub fn hint(&self) -> String {
        let mut hint = [0; 8];
        derive(&self.bytes, "vault/key-hint/v1", &mut hint);
        let mut text = String::with_capacity(16);
        let _ = write_hex(&hint, &mut text);
        text
    }

    /// Encrypts an identity for this key: its text, then a line with an HMAC under the key, because whoever knows the
    /// recipient could otherwise make slots for it.
    ///
    /// # Errors
    /// If randomness fails.
    pub fn seal(&self, identity: &Identity) -> Result<String> {
        let text = identity.to_text();
        let mut tag = String::with_capacity(64);
        let _ = write_hex(&self.mac(text.as_bytes()).finalize().into_bytes(), &mut tag);
        let sealed = Zeroizing::new(format!("# hmac: {tag}\n{}", *text));
        crypto::encrypt(std::iter::once(&self.identity.to_public() as _), sealed.as_bytes())
    }

    /// Opens what [`Key::seal`] made.
    ///
    /// # Errors
    /// An integrity error for a damaged slot or one made by somebody without this key.
    pub fn open(&self, armored: &str) -> Result<Option<Identity>> {
        let bytes = crypto::dearmor(armored)?;
        let Some(plaintext) = crypto::decrypt(&bytes, std::iter::once(&self.identity as _))? else {
            return Ok(None);
        };
        let forged = || Error::integrity("a key slot was not made with its key");
        let text = std::str::from_utf8(&plaintext).map_err(|_| forged())?;
        let (tag, text) = text.strip_prefix("# hmac: ").and_then(|rest| rest.split_once('\n')).ok_or_else(forged)?;
        let tag = crate::signature::from_hex::<32>(tag).ok_or_else(forged)?;
        self.mac(text.as_bytes()).verify_slice(&tag).map_err(|_| forged())?;
        Identity::from_text(text).map(Some)
    }

    fn mac(&self, text: &[u8]) -> Hmac<Sha256> {
        let mut mac = derived_mac(&self.bytes, "vault/key-slot/v1");
        mac.update(text);
        mac
    }
}

/// HMAC-SHA-256 under a key derived from a secret.
fn derived_mac(secret: &[u8; 32], info: &str) -> Hmac<Sha256> {
    // The block size of SHA-256, which HMAC takes as it is.
    let mut key = Zeroizing::new([0; 64]);
    derive(secret, info, &mut *key);
    <Hmac<Sha256> as hmac::digest::KeyInit>::new((&*key).into())
}

fn derive(secret: &[u8; 32], info: &str, output: &mut [u8]) {
    // HKDF-SHA-256 (RFC 5869) gives up to 8,160 bytes; at most 64 are asked for.
    let _ = Hkdf::<Sha256>::new(None, secret).expand(info.as_bytes(), output);
}

#[cfg(test)]
mod tests {
    use super::*;
    use bech32::{ByteIterExt as _, Fe32, Fe32IterExt as _, Hrp};

    fn identity() -> Identity {
        let keys = PrivateKeys::generate().renew();
        let head = Head { version: 3, hash: Hash::of(b"roster") };
        Identity { vault: Hash::of(b"vault"), user: UserName::new("alice").unwrap(), keys, roster: head }
    }

    #[test]
    fn an_identity_comes_back_from_its_text() {
        let identity = identity();
        let again = Identity::from_text(&identity.to_text()).unwrap();
        assert_eq!(*again.to_text(), *identity.to_text());
        assert_eq!(again.keys.decryption.len(), 2);
    }

    #[test]
    fn a_voucher_is_for_one_vault_one_roster_and_one_holder_of_keys() {
        let Identity { keys, roster: head, vault, .. } = identity();
        let voucher = keys.voucher(&vault, head);
        assert!(keys.vouched(&vault, head, &voucher));
        assert!(!keys.vouched(&Hash::of(b"another vault"), head, &voucher));
        assert!(!keys.vouched(&vault, Head { version: 4, ..head }, &voucher));
        assert!(!keys.vouched(&vault, Head { hash: Hash::of(b"another roster"), ..head }, &voucher));
        assert!(!PrivateKeys::generate().vouched(&vault, head, &voucher));
        assert!(!keys.renew().vouched(&vault, head, &voucher), "new keys vouch anew");
    }

    #[test]
    fn l13_a_slot_made_by_someone_who_knows_only_the_recipient_is_refused() {
        let key = Key::generate().unwrap();
        let text = format!("# hmac: {}\n{}", "0".repeat(64), *identity().to_text());
        let forged = crypto::encrypt(std::iter::once(&key.identity.to_public() as _), text.as_bytes()).unwrap();
        assert!(key.open(&forged).is_err());
        let honest = key.seal(&identity()).unwrap();
        assert!(key.open(&honest).unwrap().is_some());
        assert!(Key::generate().unwrap().open(&honest).unwrap().is_none());
    }

    #[test]
    fn l12_low_order_and_non_canonical_recipients_are_refused() {
        let encode = |bytes: &[u8; 32]| bech32::encode::<Bech32>(Hrp::parse_unchecked("age"), bytes).unwrap();
        let mut one = [0; 32];
        one[0] = 1;
        let mut p_minus_1 = [0xff; 32];
        (p_minus_1[0], p_minus_1[31]) = (0xec, 0x7f);
        let mut p_plus_9 = [0xff; 32];
        (p_plus_9[0], p_plus_9[31]) = (0xf6, 0x7f);
        let order_8: [u8; 32] =
            crate::signature::from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").unwrap();
        for bytes in [[0; 32], one, p_minus_1, p_plus_9, order_8, [0xff; 32]] {
            assert!(encode(&bytes).parse::<Recipient>().is_err(), "{bytes:02x?}");
        }
        let good = PrivateKeys::generate().public().unwrap().recipient;
        assert_eq!(good.as_str().parse::<Recipient>().unwrap(), good);
        assert!(good.as_str().to_uppercase().parse::<Recipient>().is_err());
        // The same key, but for what stands in the bits that nobody reads; and one of 31 and of 33 bytes.
        let hrp = Hrp::parse_unchecked("age");
        let mut digits: Vec<Fe32> = good.as_bytes().iter().copied().bytes_to_fes().collect();
        let encode = |digits: &[Fe32]| digits.iter().copied().with_checksum::<Bech32>(&hrp).chars().collect::<String>();
        assert_eq!(encode(&digits), good.as_str());
        digits[51] = Fe32::try_from(digits[51].to_u8() | 1).unwrap();
        assert!(encode(&digits).parse::<Recipient>().is_err());
        for length in [31, 33] {
            let other = bech32::encode::<Bech32>(hrp, &[9; 33][..length]).unwrap();
            assert!(Recipient::from_trusted(&other).is_err());
        }
        assert!(Recipient::from_trusted(&good.as_str().replacen("age", "agf", 1)).is_err());
        let other = bech32::encode::<Bech32>(Hrp::parse_unchecked("agf"), good.as_bytes()).unwrap();
        assert!(Recipient::from_trusted(&other).is_err());
    }
}

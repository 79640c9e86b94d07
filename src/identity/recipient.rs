//! Recipients: the public keys to which environments are encrypted.

use crate::crypto;
use crate::error::{Error, Reason, Result};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use vault_quick::recipient::bytes_of;

/// A public X25519 key in canonical bech32, written as `age1...`. Parsing refuses keys of low order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient {
    bytes: [u8; 32],
    text: String,
}

impl Recipient {
    /// Whether this program knows the kind of a recipient, according to its text. Other kinds (`age1pq1...`, those of
    /// plugins, SSH keys) belong to newer versions.
    #[must_use]
    pub(crate) fn is_known_kind(text: &str) -> bool {
        text.rsplit_once('1').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("age"))
    }

    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Returns the text `age1...`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Parses a recipient without checking its curve point, for a part of the chain that was verified before.
    ///
    /// # Errors
    /// An integrity error if the kind is unknown, or the text is not canonical bech32 of 32 bytes.
    #[doc(hidden)]
    pub fn from_trusted(text: &str) -> Result<Self> {
        if !Self::is_known_kind(text) {
            return Err(Error::new(
                Reason::NewerFormat,
                "a user's recipient is of a kind that this program doesn't know",
            )
            .hint("it was made by a newer version of vault: update"));
        }
        let bytes = bytes_of(text).ok_or_else(invalid_recipient)?;
        Ok(Self { bytes, text: text.to_owned() })
    }

    /// Refuses points of low order, points that no private key has, and encodings that are not canonical. age would panic
    /// on encrypting to some of them. With others, it would encrypt to a key that nobody or anybody could use.
    ///
    /// # Errors
    /// An integrity error for such a key.
    pub fn check(&self) -> Result<()> {
        // The public key of every private key is on the curve. So a point without an Edwards form is forged, too.
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

/// Encrypts to these recipients, and armors the result.
///
/// # Errors
/// If there is no recipient or no randomness.
pub fn encrypt_to<'a>(recipients: impl Iterator<Item = &'a Recipient>, plaintext: &[u8]) -> Result<String> {
    let recipients = recipients.map(Recipient::to_age).collect::<Result<Vec<_>>>()?;
    crypto::encrypt(recipients.iter().map(|recipient| recipient as _), plaintext)
}

/// Encrypts to these recipients like [`crypto::encrypt_into`].
///
/// # Errors
/// As [`crypto::encrypt_into`].
pub(crate) fn encrypt_to_into<'a, W: Write>(
    recipients: impl Iterator<Item = &'a Recipient>,
    armored: W,
    plaintext: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<W> {
    let recipients = recipients.map(Recipient::to_age).collect::<Result<Vec<_>>>().map_err(io::Error::other)?;
    crypto::encrypt_into(recipients.iter().map(|recipient| recipient as _), armored, plaintext)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::PrivateKeys;
    use bech32::{Bech32, ByteIterExt as _, Fe32, Fe32IterExt as _, Hrp};

    #[test]
    fn a_recipient_of_an_unknown_kind_is_reported_as_a_newer_version() {
        let others = [
            "age1pq1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn",
            "age1yubikey1qfe0cx8s5ktgn4zv2e",
            "age1tag1qfe0cx8s5ktgn4zv2e",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
            "pq1xyz",
            "",
        ];
        for text in others {
            let error = text.parse::<Recipient>().unwrap_err();
            assert!(error.advice().unwrap().to_string().contains("made by a newer version"), "{text}: {error}");
        }
        for text in ["age1", "age1xyz", "AGE1XYZ"] {
            let error = text.parse::<Recipient>().unwrap_err();
            assert!(error.to_string().contains("not a canonical X25519 key"), "{text}: {error}");
        }
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
        let good = PrivateKeys::generate().unwrap().public().unwrap().recipient;
        assert_eq!(good.as_str().parse::<Recipient>().unwrap(), good);
        assert!(good.as_str().to_uppercase().parse::<Recipient>().is_err());
        // The same key with other values in the unused bits, and keys of 31 and of 33 bytes.
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

//! How much work scrypt takes to try a passphrase.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// A scrypt work factor for a new slot: N is 2 to this power, and the memory is N times 1 KiB.
/// Every slot with such a factor can be opened, and none is nearly free to attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// The lowest that is accepted, for tests: 1 MiB.
    pub const LOWEST: Self = Self(10);
    /// The default: 256 MiB.
    pub const USUAL: Self = Self(18);
    /// The highest that is accepted, also in a file: 1 GiB.
    pub const HIGHEST: Self = Self(20);

    /// Takes a work factor that somebody chose.
    ///
    /// # Errors
    /// A usage error if it is out of bounds.
    pub fn new(chosen: u8) -> Result<Self> {
        let chosen = Self(chosen);
        if chosen < Self::LOWEST || chosen > Self::HIGHEST {
            let message = format!("work factor {chosen} is not between {} and {}", Self::LOWEST, Self::HIGHEST);
            return Err(Error::usage(message));
        }
        Ok(chosen)
    }

    /// Returns the binary logarithm of scrypt's N.
    pub(super) fn log_n(self) -> u8 {
        self.0
    }

    /// Returns whether it is more than one step below the default, so that each guess is cheap.
    #[must_use]
    pub fn is_cheap(self) -> bool {
        self.0 + 1 < Self::USUAL.0
    }
}

impl FromStr for WorkFactor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = text.parse().map_err(|_| {
            Error::usage(format!("a work factor is a number between {} and {}", Self::LOWEST, Self::HIGHEST))
        })?;
        Self::new(number)
    }
}

impl fmt::Display for WorkFactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{dearmor, decrypt_with_passphrase, encrypt_with_passphrase};
    use crate::error::Kind;
    use crate::secret::SecretString;

    #[test]
    fn a_work_factor_out_of_bounds_is_a_usage_error_and_never_a_panic() {
        for refused in [0, 1, 9, 21, 24, 64, 70, u8::MAX] {
            assert_eq!(WorkFactor::new(refused).unwrap_err().kind(), Kind::Usage, "{refused}");
            assert_eq!(refused.to_string().parse::<WorkFactor>().unwrap_err().kind(), Kind::Usage, "{refused}");
        }
        for refused in ["", "-1", "256", "x", "18.5"] {
            assert_eq!(refused.parse::<WorkFactor>().unwrap_err().kind(), Kind::Usage, "{refused}");
        }
        for taken in 10..=20 {
            assert_eq!(WorkFactor::new(taken).unwrap(), taken.to_string().parse().unwrap());
        }
        assert!(!WorkFactor::USUAL.is_cheap() && WorkFactor::LOWEST.is_cheap());
    }

    #[test]
    fn a_file_with_the_highest_work_factor_is_not_refused() {
        // The header is written by hand, because scrypt would take seconds.
        let passphrase = SecretString::from("right");
        let armored = encrypt_with_passphrase(passphrase.clone(), WorkFactor::LOWEST, b"text").unwrap();
        let bytes = dearmor(&armored).unwrap();
        let asking = |factor: u8| {
            let end = bytes.windows(4).position(|w| w == b" 10\n").unwrap();
            [&bytes[..end], format!(" {factor}\n").as_bytes(), &bytes[end + 4..]].concat()
        };
        let above = decrypt_with_passphrase(&asking(WorkFactor::HIGHEST.0 + 1), &passphrase).unwrap_err();
        assert!(above.to_string().contains("the maximum is 20"), "{above}");
        // scrypt refuses zero without a panic.
        assert!(decrypt_with_passphrase(&asking(0), &passphrase).is_err());
    }
}

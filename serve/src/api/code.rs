//! The one-time code, with which the user who started the server signs in without a passphrase.

use super::call::Keys;
use sha2::{Digest as _, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vault::agent::now;
use zeroize::Zeroizing;

/// How long a code is valid.
pub const HOLDS: Duration = Duration::from_secs(5 * 60);

/// The current code, if there is one.
#[derive(Default)]
pub struct Codes(Mutex<Option<Open>>);

struct Open {
    hash: [u8; 32],
    begun: Duration,
    keys: Keys,
}

impl Codes {
    /// Makes a new code for these keys: 128 random bits. It replaces the current one.
    pub fn issue(&self, keys: Keys) -> vault::Result<Zeroizing<String>> {
        let code = Zeroizing::new(vault::item::random_id()?);
        *self.open() = Some(Open { hash: hash(&code), begun: now(), keys });
        Ok(code)
    }

    /// Returns the keys behind the code, which is then used up.
    pub fn redeem(&self, code: &str) -> Option<Keys> {
        let mut open = self.open();
        let is_it = open.as_ref().is_some_and(|open| open.hash == hash(code));
        if !is_it {
            return None;
        }
        open.take().filter(|open| now().saturating_sub(open.begun) < HOLDS).map(|open| open.keys)
    }

    /// Drops an unused code that is too old, and its keys.
    pub fn expire(&self) {
        let mut open = self.open();
        if open.as_ref().is_some_and(|open| now().saturating_sub(open.begun) >= HOLDS) {
            *open = None;
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once() {
        let codes = Codes::default();
        let code = codes.issue(Keys::Gone).unwrap();
        assert!(codes.redeem("0123456789abcdef0123456789abcdef").is_none() && codes.redeem("").is_none());
        assert!(codes.redeem(&code).is_some());
        assert!(codes.redeem(&code).is_none());
    }
}

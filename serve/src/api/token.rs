//! The token of a session: a random number, of which the server keeps only the hash.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The prefix of tokens, as in Parse Server.
const PREFIX: &str = "r:";

/// The token of a session.
pub struct Token(Zeroizing<String>);

impl Token {
    /// Makes a token of 128 random bits.
    pub fn generate() -> vault::Result<Self> {
        Ok(Self(Zeroizing::new(format!("{PREFIX}{}", *Zeroizing::new(vault::item::random_id()?)))))
    }

    /// Wraps the text that a client sent. It may be anything.
    pub fn sent(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns a copy for the same session.
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns the text, for the one response that has it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the hash, which the server keeps. Comparing hashes leaks nothing about the token through timing.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

//! What a client shows for its session: a random number, of which the server keeps a hash.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What a token begins with, as Parse Server's do.
const PREFIX: &str = "r:";

/// What a client shows for its session.
pub struct Token(Zeroizing<String>);

impl Token {
    /// 128 random bits.
    pub fn generate() -> vault::Result<Self> {
        Ok(Self(Zeroizing::new(format!("{PREFIX}{}", *Zeroizing::new(vault::item::random_id()?)))))
    }

    /// What a client has sent: anything.
    pub fn sent(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Another one that stands for the same session.
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// For the one answer that gives it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it. Whoever compares hashes learns nothing by how long that takes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

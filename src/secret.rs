//! Bytes that are wiped when dropped and never printed.

pub use age::secrecy::{ExposeSecret, SecretString};
pub use vault_quick::plaintext::{Plaintext, SecretPart, TextPart};
pub use vault_values::secret::SecretBytes;

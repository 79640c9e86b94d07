//! Bytes that are wiped when dropped and never printed, and text without what must not be shown.

pub use crate::redact::{is_key, keys as redacted, steers};
pub use age::secrecy::{ExposeSecret, SecretString};
pub use vault_quick::plaintext::{Plaintext, SecretPart, TextPart};
pub use vault_values::secret::SecretBytes;

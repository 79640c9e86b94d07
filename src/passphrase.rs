//! STUB to be replaced by the merge.
use crate::secret::SecretString;
pub const MAX_PASSPHRASE: usize = 1024;
pub fn check(_p: &str) -> crate::Result<()> {
    Ok(())
}
pub fn generate() -> SecretString {
    SecretString::from("a-b-c-d-e-f".to_owned())
}

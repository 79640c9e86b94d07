//! STUB to be replaced by the merge.
use crate::secret::SecretBytes;
pub struct Recipe(usize);
impl Recipe {
    pub fn with_length(n: usize) -> crate::Result<Self> {
        Ok(Self(n))
    }
    pub fn generate(&self) -> SecretBytes {
        SecretBytes::new(vec![b'a'; self.0])
    }
}

//! Tells apart which session of the process decrypted some content.

use std::sync::atomic::{AtomicU64, Ordering};

/// The session that decrypted some content. It says in whose log a read belongs, so values are not read through another
/// session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(u64);

impl Origin {
    /// Returns an origin that no other session of this process has.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

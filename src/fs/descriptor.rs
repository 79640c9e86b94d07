//! Descriptors that the starter of this process left open for it.
#![allow(unsafe_code, reason = "nothing in Rust owns a descriptor before it is taken over")]

use rustix::fd::{BorrowedFd, FromRawFd as _, OwnedFd};
use rustix::io::FdFlags;

/// Takes over a descriptor above standard error that the starter of this process left open, if there is one, and passes it
/// on to no other program. Call it once for each number, before this process has opened any descriptor.
#[must_use]
pub fn inherited(descriptor: i32) -> Option<OwnedFd> {
    if descriptor <= 2 {
        return None;
    }
    // SAFETY: the number is only looked at, and then nothing else in this process owns it.
    unsafe {
        rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(descriptor), FdFlags::CLOEXEC).ok()?;
        Some(OwnedFd::from_raw_fd(descriptor))
    }
}

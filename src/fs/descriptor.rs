//! Descriptors that the process which started this one left open for it.
#![allow(unsafe_code, reason = "nothing in Rust owns a descriptor before it is taken over")]

use rustix::fd::{BorrowedFd, FromRawFd as _, OwnedFd};
use rustix::io::FdFlags;

/// Takes over a descriptor above standard error that the starting process left open, if there is one. The descriptor is
/// not inherited by programs that this process starts. Call this once for each number, before this process has opened
/// any descriptor.
#[must_use]
pub fn inherited(descriptor: i32) -> Option<OwnedFd> {
    if descriptor <= 2 {
        return None;
    }
    // SAFETY: the flag is set on the bare number first; after that, nothing else in this process owns it.
    unsafe {
        rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(descriptor), FdFlags::CLOEXEC).ok()?;
        Some(OwnedFd::from_raw_fd(descriptor))
    }
}

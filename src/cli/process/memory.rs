//! How the C library's allocator deals with what is freed (mallopt(3)).
#![allow(unsafe_code, reason = "mallopt(3) is safe in a process of one thread only")]

use nix::libc::{M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD, mallopt};
use std::ffi::c_int;

/// Keeps what is freed: the process ends soon, or becomes another. To be called while it has one thread only.
pub fn keep() {
    // SAFETY: mallopt(3) is for a process of one thread, which this is.
    unsafe {
        mallopt(M_TOP_PAD, STEP);
        mallopt(M_MMAP_THRESHOLD, LARGEST);
        mallopt(M_TRIM_THRESHOLD, c_int::MAX);
    }
}

/// Gives back what is freed from here on, as the C library does by default (mallopt(3)): this process stays. To be called while
/// it has one thread only.
pub fn give_memory_back() {
    const DEFAULT: c_int = 128 * 1024;
    // SAFETY: as in `keep`.
    unsafe {
        mallopt(M_MMAP_THRESHOLD, DEFAULT);
        mallopt(M_TRIM_THRESHOLD, DEFAULT);
    }
}

/// By how many bytes more than it has to memory grows. New memory comes zero from the system, and what is not used of it is
/// never touched; what lies ready is zeroed here. To decrypt a few bytes a buffer of 64 KiB is asked for, twice.
const STEP: c_int = 16 * 1024;
/// Up to this size, the largest there is, what was freed is used again, and nothing is given back.
const LARGEST: c_int = 32 * 1024 * 1024;

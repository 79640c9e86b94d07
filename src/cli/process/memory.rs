//! Sets how the C library's allocator treats freed memory (mallopt(3)).
#![allow(unsafe_code, reason = "mallopt(3) is safe in a process of one thread only")]

use nix::libc::{M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD, mallopt};
use std::ffi::c_int;

/// Keeps freed memory, because the process ends soon or becomes another program. Call it while the process has a single
/// thread.
pub fn keep() {
    // SAFETY: mallopt(3) needs a process with a single thread, which this is.
    unsafe {
        mallopt(M_TOP_PAD, STEP);
        mallopt(M_MMAP_THRESHOLD, LARGEST);
        mallopt(M_TRIM_THRESHOLD, c_int::MAX);
    }
}

/// Gives freed memory back to the system from now on, as the C library does by default (mallopt(3)). This is for a
/// process that keeps running. Call it while the process has a single thread.
pub fn give_memory_back() {
    const DEFAULT: c_int = 128 * 1024;
    // SAFETY: as in `keep`.
    unsafe {
        mallopt(M_MMAP_THRESHOLD, DEFAULT);
        mallopt(M_TRIM_THRESHOLD, DEFAULT);
    }
}

/// How many bytes the heap grows by beyond what is needed. New memory from the system is already zero, and what isn't
/// used of it is never touched. Reused memory must be zeroed first. Decrypting a few bytes takes a buffer of
/// 64 KiB twice.
const STEP: c_int = 16 * 1024;
/// Blocks up to this size, the largest that is allowed, are reused and never given back.
const LARGEST: c_int = 32 * 1024 * 1024;

//! Buffers for bytes that are all about to be written.
#![allow(unsafe_code, reason = "madvise(2) takes a pointer")]

use std::mem::MaybeUninit;

/// From this capacity on, in bytes, the pages are requested at once. Smaller buffers are often in memory that was used
/// before.
const LARGE: usize = 128 * 1024;

/// An empty buffer of this capacity.
#[must_use]
pub fn room(capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity);
    if capacity >= LARGE {
        populate(bytes.spare_capacity_mut());
    }
    bytes
}

/// Asks the kernel for all pages at once (madvise(2), `MADV_POPULATE_WRITE`), which takes half the time of a fault for each.
/// Before Linux 5.14 it refuses, and they come one by one.
#[cfg(target_os = "linux")]
fn populate(spare: &mut [MaybeUninit<u8>]) {
    use rustix::mm::{Advice, madvise};
    let page = rustix::param::page_size();
    let begin = spare.as_ptr().align_offset(page);
    let length = spare.len().saturating_sub(begin) / page * page;
    let Some(pages) = spare.get_mut(begin..begin.saturating_add(length)) else { return };
    // SAFETY: the pages are the buffer's own, and what they hold stays as it is.
    let _ = unsafe { madvise(pages.as_mut_ptr().cast(), pages.len(), Advice::LinuxPopulateWrite) };
}

#[cfg(not(target_os = "linux"))]
fn populate(_: &mut [MaybeUninit<u8>]) {}

#[test]
fn there_is_room_of_any_size_and_nothing_in_it() {
    for capacity in [0, 1, LARGE - 1, LARGE, LARGE + 1, 3 * LARGE + 4095] {
        let mut bytes = room(capacity);
        assert!(bytes.is_empty() && bytes.capacity() >= capacity);
        bytes.resize(capacity, 7);
        assert!(bytes.iter().all(|byte| *byte == 7));
    }
}

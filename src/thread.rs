//! Starts threads with stacks of a given size. All threads begin here, because the standard library takes the size that
//! a thread lacks from RUST_MIN_STACK: with a large number in it, no thread can start.

use std::io;
use std::thread::{Builder, JoinHandle};

/// A stack with room for any work, in bytes. Memory is used only as far as the stack grows.
pub const STACK: usize = 2 * 1024 * 1024;

/// Starts a thread with a stack of this many bytes.
///
/// # Errors
/// If the system allows no more threads.
#[allow(clippy::disallowed_methods, reason = "the one place that starts threads")]
pub fn start<T: Send + 'static>(stack: usize, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    Builder::new().stack_size(stack).spawn(work)
}

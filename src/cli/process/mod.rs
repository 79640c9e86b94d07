//! This process, and the processes that it starts for itself.

pub mod bounded;
pub mod hardening;
#[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
pub mod memory;
pub mod pager;
pub mod programs;

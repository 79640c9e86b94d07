//! Finds out who is at the other end of a socket. The answer comes from the kernel, so the other end can't lie.

use rustix::process::Pid;
use std::os::unix::net::UnixStream;

/// Whether the other end is a process of this user.
pub(crate) fn is_own(stream: &UnixStream) -> bool {
    user(stream).is_some_and(|user| user == rustix::process::geteuid().as_raw())
}

/// Returns the user id of the other end (unix(7), `SO_PEERCRED`).
#[cfg(target_os = "linux")]
fn user(stream: &UnixStream) -> Option<u32> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    getsockopt(stream, PeerCredentials).ok().map(|peer| peer.uid())
}

/// Returns the user id of the other end (getpeereid(3) of macOS and the BSDs).
#[cfg(not(target_os = "linux"))]
fn user(stream: &UnixStream) -> Option<u32> {
    nix::unistd::getpeereid(stream).ok().map(|(user, _)| user.as_raw())
}

/// Returns the process at the other end; `None` if it is outside this container.
#[cfg(target_os = "linux")]
pub(super) fn process(stream: &UnixStream) -> Option<Pid> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    getsockopt(stream, PeerCredentials).ok().and_then(|peer| Pid::from_raw(peer.pid()))
}

/// Returns the process at the other end (unix(4) of macOS, `LOCAL_PEERPID`).
#[cfg(target_vendor = "apple")]
pub(super) fn process(stream: &UnixStream) -> Option<Pid> {
    use nix::sys::socket::{getsockopt, sockopt::LocalPeerPid};
    getsockopt(stream, LocalPeerPid).ok().and_then(Pid::from_raw)
}

/// Other systems don't tell the process.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn process(_: &UnixStream) -> Option<Pid> {
    None
}

//! Who is at the other end of a socket: the kernel says so, and the other end can't lie about it.

use rustix::process::Pid;
use std::os::unix::net::UnixStream;

/// Whether the other end is a process of this user.
pub(crate) fn is_own(stream: &UnixStream) -> bool {
    user(stream).is_some_and(|user| user == rustix::process::geteuid().as_raw())
}

/// unix(7), `SO_PEERCRED`.
#[cfg(target_os = "linux")]
fn user(stream: &UnixStream) -> Option<u32> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    getsockopt(stream, PeerCredentials).ok().map(|peer| peer.uid())
}

/// getpeereid(3) of macOS and the BSDs.
#[cfg(not(target_os = "linux"))]
fn user(stream: &UnixStream) -> Option<u32> {
    nix::unistd::getpeereid(stream).ok().map(|(user, _)| user.as_raw())
}

/// The process at the other end; `None` if it lives where processes of this container can't see it.
#[cfg(target_os = "linux")]
pub(super) fn process(stream: &UnixStream) -> Option<Pid> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    getsockopt(stream, PeerCredentials).ok().and_then(|peer| Pid::from_raw(peer.pid()))
}

/// unix(4) of macOS, `LOCAL_PEERPID`.
#[cfg(target_vendor = "apple")]
pub(super) fn process(stream: &UnixStream) -> Option<Pid> {
    use nix::sys::socket::{getsockopt, sockopt::LocalPeerPid};
    getsockopt(stream, LocalPeerPid).ok().and_then(Pid::from_raw)
}

/// Elsewhere nobody tells.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn process(_: &UnixStream) -> Option<Pid> {
    None
}

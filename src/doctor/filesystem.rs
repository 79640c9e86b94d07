//! Recognizes file systems that lack a guarantee: locks between machines, file modes, or files that survive a restart.

use std::path::Path;

/// What makes a file system unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Risk {
    /// Other machines can access it, and a lock or a rename may not hold across machines.
    Network(&'static str),
    /// Its files are lost when the machine restarts.
    Memory,
    /// It has no owners and modes.
    NoModes(&'static str),
}

/// Returns what is unsafe about the file system at this path, as far as the system reports it.
pub(super) fn risk_at(path: &Path) -> Option<Risk> {
    kind_at(path).and_then(risk)
}

/// Returns how many bytes this user can still write at this path.
pub(super) fn room_at(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Returns whether the file system at this path is read-only.
pub(super) fn is_read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

#[cfg(target_os = "linux")]
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "the number of a kind has 32 bits")]
fn kind_at(path: &Path) -> Option<u32> {
    rustix::fs::statfs(path).ok().map(|found| found.f_type as u32)
}

/// Other systems use different numbers.
#[cfg(not(target_os = "linux"))]
fn kind_at(_: &Path) -> Option<u32> {
    None
}

/// Looks up the file system's magic number (statfs(2)).
fn risk(kind: u32) -> Option<Risk> {
    let risk = match kind {
        0x6969 => Risk::Network("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Risk::Network("SMB"),
        0x0102_1997 => Risk::Network("9p"),
        0x6573_5546 => Risk::Network("FUSE (sshfs, for example)"),
        0x00c3_6400 => Risk::Network("Ceph"),
        0x0bd0_0bd0 => Risk::Network("Lustre"),
        0x4750_4653 => Risk::Network("GPFS"),
        0x7375_7245 => Risk::Network("Coda"),
        0x5346_414f | 0x6b41_4653 => Risk::Network("AFS"),
        0x7461_636f => Risk::Network("OCFS2"),
        0x0116_1970 => Risk::Network("GFS2"),
        0x786f_4256 => Risk::Network("a VirtualBox share"),
        0x0102_1994 | 0x8584_58f6 => Risk::Memory,
        0x4d44 | 0x2011_bab0 => Risk::NoModes("FAT"),
        _ => return None,
    };
    Some(risk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_with_weaker_guarantees_are_recognized_by_number() {
        assert_eq!(risk(0x6969), Some(Risk::Network("NFS")));
        assert_eq!(risk(0xfe53_4d42), Some(Risk::Network("SMB")));
        assert_eq!(risk(0x0102_1994), Some(Risk::Memory));
        assert_eq!(risk(0x4d44), Some(Risk::NoModes("FAT")));
        // In this order: ext4, XFS, Btrfs, overlayfs, ZFS.
        for local in [0xef53, 0x5846_5342, 0x9123_683e, 0x794c_7630, 0x2fc1_2fc1] {
            assert_eq!(risk(local), None, "{local:x}");
        }
    }

    #[test]
    fn a_directory_with_free_space_can_be_written() {
        let directory = tempfile::tempdir().unwrap();
        assert!(room_at(directory.path()).is_some_and(|room| room > 0) && !is_read_only(directory.path()));
        assert_eq!(room_at(&directory.path().join("absent")), None);
    }
}

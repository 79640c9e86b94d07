//! Locks between processes, with a time limit. A process that waits for long waits in the kernel's queue and does not
//! poll.
//!
//! The vault's file is locked by a file beside it, `.NAME.lock`. Locking the file itself or its directory would not do:
//! everybody who can read them can open them, and `flock` asks for no more than an open file. Only those who can write
//! to the directory can open the lock file. It is empty, and it exists only while somebody writes, so it is never
//! committed by mistake: the last process to release it removes it. It stays as long as others wait: they queue for
//! this one file, and the kernel serves them in the order in which they came.

use crate::error::{Error, Reason, Result};
use crate::path::parent;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a writer of a vault's file waits for one other writer.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a command waits for one other user of what this device stores about a vault: its access log, and what it has
/// seen. Everybody holds these locks for much less time than that of the file.
pub const STATE_LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of time limits after which a waiter gives up, even if the queue still moves.
const MOST_LIMITS: u32 = 20;
/// The pauses between attempts to take a lock that is held briefly, in microseconds. Their sum is shorter than a write
/// that waits for the disk: behind such a writer, the kernel's queue is the better place to wait.
const PAUSES: [u64; 5] = [50, 100, 200, 400, 800];
/// The stack size of the waiting thread, in bytes: the thread makes one system call.
const STACK: usize = 64 * 1024;

/// The right to replace files in a directory, held until it is dropped or the process ends.
pub struct Lock {
    pub(super) directory: File,
    pub(super) path: PathBuf,
    claim: Option<Claim>,
}

/// The lock file, open and locked.
struct Claim {
    path: PathBuf,
    /// Holds the lock until it is closed.
    _file: File,
    /// Whether waiters can be detected: the holder and each waiter share a lock on the directory. Other programs can
    /// disturb that. Then the lock file may stay behind, or it may be removed while somebody waits for it; the waiter
    /// then starts again.
    counted: bool,
}

impl Lock {
    /// Waits for the lock of a directory that only its user can enter.
    ///
    /// # Errors
    /// A busy error after `timeout`. It names the process that holds the lock, if the system reports it.
    pub fn of_private_directory(path: &Path, timeout: Duration) -> Result<Self> {
        let directory = File::open(path).map_err(|error| Error::io("open", path, &error))?;
        lock(&directory, path, timeout)?;
        Ok(Self { directory, path: path.to_owned(), claim: None })
    }

    /// Waits for the lock of the file at `target`, which need not exist.
    ///
    /// # Errors
    /// As [`Lock::of_private_directory`]; and a failure if the directory can't be written to, or if the lock file
    /// belongs to somebody who may not write `target`.
    pub fn of_file(target: &Path, timeout: Duration) -> Result<Self> {
        let path = parent(target);
        let directory = File::open(path).map_err(|error| Error::io("open", path, &error))?;
        let name =
            target.file_name().ok_or_else(|| Error::usage(format!("{} is not a file name", target.display())))?;
        let claim = Claim::take(&path.join(format!(".{}.lock", name.display())), &directory, target, timeout)?;
        Ok(Self { path: path.to_owned(), directory, claim: Some(claim) })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let Some(claim) = &self.claim else { return };
        let is_last = || flock(&self.directory, FlockOperation::NonBlockingLockExclusive).is_ok();
        if !claim.counted || is_last() {
            // Still locked: the next process to get the lock finds that the name is gone, and starts again.
            let _ = std::fs::remove_file(&claim.path);
        }
    }
}

impl Claim {
    fn take(path: &Path, directory: &File, target: &Path, timeout: Duration) -> Result<Self> {
        let start = Instant::now();
        let place = directory.metadata().map_err(|error| Error::io("read", parent(target), &error))?;
        let mut counted = false;
        loop {
            counted = counted || flock(directory, FlockOperation::NonBlockingLockShared).is_ok();
            let file = open(path, &place, target)?;
            lock(&file, target, timeout.saturating_sub(start.elapsed()))?;
            if is_still_at(path, &file) {
                return Ok(Self { path: path.to_owned(), _file: file, counted });
            }
        }
    }
}

/// Opens the lock file for those who can write to the directory, and for nobody else.
fn open(path: &Path, place: &Metadata, target: &Path) -> Result<File> {
    let cannot = |error: &io::Error| Error::io("write", target, error);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => File::from(file),
        Err(Errno::ISDIR | Errno::LOOP) => return Err(in_the_way(path)),
        Err(error) => return Err(cannot(&error.into())),
    };
    let found = file.metadata().map_err(|error| cannot(&error))?;
    let current_user = rustix::process::geteuid().as_raw();
    // In a directory like /tmp everybody can create files, but nobody can replace those of others.
    let is_open_to_all = place.mode() & 0o1002 == 0o1002;
    if !found.is_file() || is_open_to_all && ![current_user, place.uid(), 0].contains(&found.uid()) {
        return Err(in_the_way(path));
    }
    // A link under this name to another file of the user's must not change that file's mode.
    if found.uid() == current_user && found.nlink() == 1 {
        share(&file, &found, place);
    }
    Ok(file)
}

/// Lets everybody who can write to the directory open the lock file. If that fails, they wait until the file is gone.
fn share(file: &File, found: &Metadata, place: &Metadata) {
    let others = place.mode() & 0o022;
    let mode = 0o600 | others | others << 1;
    let (user, group) = (found.uid() == 0 && place.uid() != 0, others != 0 && found.gid() != place.gid());
    if user || group {
        let user = user.then(|| rustix::fs::Uid::from_raw(place.uid()));
        let _ = rustix::fs::fchown(file, user, Some(rustix::fs::Gid::from_raw(place.gid())));
    }
    if found.mode() & 0o777 != mode {
        let _ = file.set_permissions(std::fs::Permissions::from_mode(mode));
    }
}

fn in_the_way(path: &Path) -> Error {
    Error::failed(format!("{} is in the way: it is a link, a directory, or somebody else's file", path.display()))
        .hint("check what it is, then remove it")
}

/// Returns whether the open file still has the name: the previous holder may have removed it.
fn is_still_at(path: &Path, file: &File) -> bool {
    let (named, open) = (std::fs::symlink_metadata(path), file.metadata());
    matches!((named, open), (Ok(named), Ok(open)) if (named.dev(), named.ino()) == (open.dev(), open.ino()))
}

/// Takes an exclusive lock on an open file or directory. The caller has the lock as long as the file stays open.
///
/// # Errors
/// A busy error after `timeout`. It names the process that holds the lock, if the system reports it.
pub fn lock(file: &File, path: &Path, timeout: Duration) -> Result<()> {
    take(file, path, timeout, Sharing::Exclusive)
}

/// Takes an exclusive lock, as [`lock`] does, that others usually hold for less time than it takes to start the thread
/// that waits in the kernel's queue. So it makes a few attempts before it queues.
///
/// # Errors
/// As [`lock`].
pub fn lock_held_briefly(file: &File, path: &Path, timeout: Duration) -> Result<()> {
    for pause in PAUSES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path, &error)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(pause)),
        }
    }
    lock(file, path, timeout)
}

/// Takes a lock as [`lock`] does, but shares it with others who only read.
///
/// # Errors
/// As [`lock`].
pub fn lock_shared(file: &File, path: &Path, timeout: Duration) -> Result<()> {
    take(file, path, timeout, Sharing::Shared)
}

#[derive(Clone, Copy)]
enum Sharing {
    Exclusive,
    Shared,
}

impl Sharing {
    fn try_lock(self, file: &File) -> Result<(), TryLockError> {
        match self {
            Self::Exclusive => file.try_lock(),
            Self::Shared => file.try_lock_shared(),
        }
    }

    fn lock(self, file: &File) -> io::Result<()> {
        loop {
            let locked = match self {
                Self::Exclusive => file.lock(),
                Self::Shared => file.lock_shared(),
            };
            match locked {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                locked => return locked,
            }
        }
    }
}

fn take(file: &File, path: &Path, timeout: Duration, sharing: Sharing) -> Result<()> {
    let cannot = |error: &io::Error| Error::io("lock", path, error);
    match sharing.try_lock(file) {
        Ok(()) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(cannot(&error)),
        Err(TryLockError::WouldBlock) => {}
    }
    let is_locked = wait(file, timeout, sharing).map_err(|error| cannot(&error))?;
    if is_locked { Ok(()) } else { Err(busy(file, path, timeout)) }
}

/// Waits in the kernel's queue, so that later waiters are not served first. The system call takes no time limit, so a
/// thread makes it. The thread is started only if somebody else holds the lock.
fn wait(file: &File, timeout: Duration, sharing: Sharing) -> io::Result<bool> {
    if timeout.is_zero() {
        return Ok(false);
    }
    let waiter = file.try_clone()?;
    // The channel has no buffer: the thread delivers the lock while this function waits for it, or releases it.
    let (give, answer) = mpsc::sync_channel(0);
    let in_queue = move || {
        let locked = sharing.lock(&waiter);
        if give.send(locked).is_err() {
            let _ = waiter.unlock();
        }
    };
    match crate::thread::start(STACK, in_queue) {
        Ok(_) => answered(&answer, timeout, || holder(file)),
        // The system allows no more threads.
        Err(_) => poll(file, timeout, sharing),
    }
}

/// Waits until the lock is granted, or until one process has held it for a whole time limit. If another process holds
/// it by then, the queue is moving: on a slow disk, a hundred writers may take longer than the limit.
fn answered(
    answer: &mpsc::Receiver<io::Result<()>>,
    timeout: Duration,
    mut holder: impl FnMut() -> Option<u32>,
) -> io::Result<bool> {
    let mut before = holder();
    for _ in 0..MOST_LIMITS {
        if let Ok(locked) = answer.recv_timeout(timeout) {
            return locked.map(|()| true);
        }
        let now = holder();
        if now == before {
            return Ok(false);
        }
        before = now;
    }
    Ok(false)
}

fn poll(file: &File, timeout: Duration, sharing: Sharing) -> io::Result<bool> {
    let start = Instant::now();
    while start.elapsed() < timeout {
        match sharing.try_lock(file) {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    Ok(false)
}

fn busy(file: &File, path: &Path, timeout: Duration) -> Error {
    let holder = holder(file).map_or(String::new(), |pid| format!(" by process {pid}"));
    let seconds = timeout.as_secs_f64().round();
    let error = Error::new(Reason::FileLocked, format!("{} has been locked{holder} for {seconds} s", path.display()));
    error.hint("another vault process is writing there, or was suspended while writing; wait for it, or stop it")
}

/// Returns the process that holds the lock, from the kernel's table (proc_locks(5)): `1: FLOCK ADVISORY WRITE 4242
/// 08:01:131 0 EOF`.
fn holder(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let table = std::fs::read_to_string("/proc/locks").ok()?;
    let line = table.lines().find(|line| {
        let mut fields = line.split_whitespace();
        fields.nth(1) == Some("FLOCK") && fields.nth(3).is_some_and(|place| place.ends_with(&inode))
    })?;
    line.split_whitespace().nth(4)?.parse().ok()
}

#[cfg(test)]
mod tests;

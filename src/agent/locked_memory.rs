//! Keeps an identity in the memory of a process such as the agent, out of swap and core dumps.

use crate::error::{Error, Remedy, Result};
use crate::identity::Identity;
use memsafe::Secret;
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// The room for an identity with the maximum number of retired keys, in bytes.
const TEXT: usize = 8 * 1024;
/// The minimum limit, in bytes, at which all of the process's memory is locked. With a lower limit, the process could run
/// out of memory that it may lock.
#[cfg(target_os = "linux")]
const ENOUGH_TO_LOCK: u64 = 1 << 30;

/// A user's private keys on their way to the process that keeps them, an agent or a server. See
/// [`crate::vault::Session::let_continue`].
pub struct HandedOver(Zeroizing<String>);

impl HandedOver {
    pub(crate) fn new(identity: &Identity) -> Self {
        Self(identity.to_text())
    }

    /// Writes the keys to a target that only that process reads.
    ///
    /// # Errors
    /// If the keys can't be written.
    pub fn write_to(&self, target: &mut impl Write) -> io::Result<()> {
        target.write_all(self.0.as_bytes())
    }

    /// Keeps the keys in this process.
    ///
    /// # Errors
    /// As [`KeptText::read`].
    pub fn keep(&self) -> Result<KeptText> {
        KeptText::read(&mut self.0.as_bytes())
    }
}

/// The text of an identity, in protected memory.
pub struct KeptText(Memory);

enum Memory {
    /// In a page that is neither swapped nor dumped, and that is accessible only during use.
    Locked(Secret<TEXT>),
    /// On the heap, if no page may be locked and the system has no swap. An agent writes no core dump either.
    Plain(Box<Zeroizing<[u8; TEXT]>>),
}

impl KeptText {
    /// Reads the text from `source` to its end.
    ///
    /// # Errors
    /// If the text is longer than an identity can be, or there is no memory that is never swapped.
    pub fn read(source: &mut impl Read) -> Result<Self> {
        lock_memory();
        // First try without keys, because the source can be read only once.
        let Ok(mut page) = Secret::<TEXT>::new_with(|_| {}) else {
            if may_swap() {
                return Err(failed("keep the keys out of swap").hint(("raise the limit: ", Remedy::AllowLockedMemory)));
            }
            let mut text = Box::new(Zeroizing::new([0; TEXT]));
            fill(source, &mut text)?;
            return Ok(Self(Memory::Plain(text)));
        };
        fill(source, &mut *page.write().map_err(|_| failed("write to its memory"))?)?;
        Ok(Self(Memory::Locked(page)))
    }

    /// Returns a warning if the keys are in memory that could be swapped.
    #[must_use]
    pub(crate) fn warning(&self) -> Option<&'static str> {
        matches!(self.0, Memory::Plain(_))
            .then_some("the keys can't be locked in memory: if swap is turned on, they may get there")
    }

    /// Wipes the text. Working copies are gone already, or go with the process.
    pub fn wipe(&mut self) {
        self.0 = Memory::Plain(Box::new(Zeroizing::new([0; TEXT])));
    }

    /// Checks that the text is that of an identity.
    ///
    /// # Errors
    /// If it is not, or its memory can't be read.
    pub fn check(&mut self) -> Result<()> {
        self.identity().map(|_| ())
    }

    /// Returns the identity, for one request.
    ///
    /// # Errors
    /// If the text was wiped, or its memory can't be read.
    pub(crate) fn identity(&mut self) -> Result<Identity> {
        match &mut self.0 {
            Memory::Locked(page) => parse(&*page.read().map_err(|_| failed("read the keys"))?),
            Memory::Plain(text) => parse(text),
        }
    }
}

pub(super) fn failed(what: &str) -> Error {
    Error::failed(format!("cannot {what}"))
}

fn parse(text: &[u8; TEXT]) -> Result<Identity> {
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(TEXT);
    Identity::from_text(std::str::from_utf8(&text[..end]).unwrap_or_default())
}

fn fill(source: &mut impl Read, text: &mut [u8; TEXT]) -> Result<()> {
    let mut length = 0;
    while length < text.len() {
        match source.read(&mut text[length..]).map_err(|_| failed("read the keys"))? {
            0 => return Ok(()),
            count => length += count,
        }
    }
    Err(failed("read keys that long"))
}

/// Locks all memory of the process, if the system allows it, so that working copies of a request are not swapped either.
/// They are soon wiped or overwritten. What must stay in memory for as long as the agent lives is in a locked page
/// anyway.
#[cfg(target_os = "linux")]
fn lock_memory() {
    use rustix::mm::MlockAllFlags;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock).current;
    if limit.is_none_or(|limit| limit >= ENOUGH_TO_LOCK) {
        let _ = rustix::mm::mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE);
    }
}

#[cfg(not(target_os = "linux"))]
fn lock_memory() {}

/// Whether the system may swap memory (proc(5), `/proc/swaps`: a heading, then one line for each device or file). If that
/// is unknown, it may.
fn may_swap() -> bool {
    std::fs::read_to_string("/proc/swaps").map_or(true, |swaps| swaps.lines().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiped_bytes_are_no_identity() {
        let text = crate::identity::tests::identity().to_text();
        let mut kept = KeptText::read(&mut text.as_bytes()).unwrap();
        assert!(kept.identity().is_ok());
        kept.wipe();
        assert!(kept.identity().is_err());
    }

    #[test]
    fn more_bytes_than_an_identity_can_have_are_refused() {
        assert!(KeptText::read(&mut &[b'x'; TEXT - 1][..]).is_ok());
        assert!(KeptText::read(&mut &[b'x'; TEXT][..]).is_err());
    }
}

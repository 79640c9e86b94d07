//! What stands between a log and where it is written to.

use crate::error::Error;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Hashes what it passes on.
pub(super) struct Hashing<'a> {
    pub inner: &'a mut dyn Write,
    pub hasher: Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Takes no more bytes than there is room for.
pub(super) struct Bounded<W, F> {
    pub inner: W,
    pub room: usize,
    /// What is said of more ([`Error::carried_by`]).
    pub too_large: F,
}

impl<W: Write, F: Fn() -> Error> Write for Bounded<W, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room {
            return Err(io::Error::other((self.too_large)()));
        }
        let written = self.inner.write(bytes)?;
        self.room -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

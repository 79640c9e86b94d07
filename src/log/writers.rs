//! Adapters for writing a log: one hashes what it passes on, one limits its size.

use crate::error::Error;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Hashes the bytes that it passes on.
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

/// Fails once more bytes are written than there is room for.
pub(super) struct Bounded<W, F> {
    pub inner: W,
    pub room: usize,
    /// Returns the error to fail with ([`Error::carried_by`]).
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

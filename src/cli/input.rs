//! What somebody names for this one use: a file, a pipe such as a shell makes of `<(command)`, or - for standard input.

use std::io::Read as _;
use std::path::Path;
use vault::secret::SecretBytes;
use vault::{Error, Result};

/// Whether standard input is named.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads at most `limit` bytes; more is an error.
pub fn read(path: &Path, limit: usize) -> Result<SecretBytes> {
    if is_standard(path) { standard(limit) } else { vault::fs::read_named(path, limit).map(SecretBytes::new) }
}

/// Reads standard input to its end.
pub fn standard(limit: usize) -> Result<SecretBytes> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
    let bytes = SecretBytes::new(bytes);
    read.map_err(|error| Error::failed(format!("cannot read standard input: {}", vault::error::reason(&error))))?;
    if bytes.len() > limit {
        return Err(Error::failed(format!("standard input is larger than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

//! What somebody gives for this one use: a value on standard input; a file, a pipe such as a shell makes of `<(command)`, or
//! - for standard input.

use std::io::Read as _;
use std::path::Path;
use vault::actions::piped::without_final_newline;
use vault::item::MAX_VALUE;
use vault::name::{EnvironmentName, ItemName};
use vault::secret::SecretBytes;
use vault::{Error, Result};
use zeroize::Zeroizing;

/// Whether standard input is named.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether standard input is a pipe: if it is empty, the command before it may have failed.
pub fn is_pipe() -> bool {
    let kind = rustix::fs::fstat(std::io::stdin()).map(|of| rustix::fs::FileType::from_raw_mode(of.st_mode));
    kind.is_ok_and(rustix::fs::FileType::is_fifo)
}

/// Reads at most `limit` bytes; more is an error.
pub fn read(path: &Path, limit: usize) -> Result<SecretBytes> {
    if is_standard(path) { standard(limit) } else { vault::fs::read_named(path, limit).map(SecretBytes::new) }
}

/// Reads standard input to its end.
pub fn standard(limit: usize) -> Result<SecretBytes> {
    bytes(limit).map(taken)
}

/// A value from standard input; one final newline is dropped from a single line, because `echo` and here-strings add it.
pub fn value(raw: bool) -> Result<SecretBytes> {
    let bytes = bytes(MAX_VALUE + 1)?;
    Ok(if raw { taken(bytes) } else { without_final_newline(bytes) })
}

/// Nobody can be asked for the value, and nothing gives it.
pub fn no_value(environment: &EnvironmentName, name: &ItemName) -> Error {
    Error::usage(format!("no value was given for {environment}/{name}"))
        .hint("pipe it in, or use --from-file or --generate")
}

fn bytes(limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    // Room for any value at once: a buffer that grows leaves what it held where it was.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(MAX_VALUE) + 2));
    let read = std::io::stdin().lock().take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Error::failed(format!("cannot read standard input: {}", vault::error::reason(&error))))?;
    if bytes.len() > limit {
        return Err(Error::failed(format!("standard input is larger than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

/// The same memory, not a copy.
fn taken(mut bytes: Zeroizing<Vec<u8>>) -> SecretBytes {
    SecretBytes::new(std::mem::take(&mut *bytes))
}

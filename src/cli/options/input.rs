//! Reads what a user passes to a single command: a value on standard input; or a file, a pipe such as `<(command)`, or
//! `-` for standard input.

use crate::cli::asking::terminal;
use std::io::Read as _;
use std::path::Path;
use vault::actions::piped::without_final_newline;
use vault::error::Reason;
use vault::item::MAX_VALUE;
use vault::name::{EnvironmentName, ItemName, NamedItem};
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// Returns whether the path names standard input.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Returns whether standard input is a pipe. If it is empty, the command before it may have failed.
pub fn is_pipe() -> bool {
    let kind = rustix::fs::fstat(std::io::stdin()).map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode));
    kind.is_ok_and(rustix::fs::FileType::is_fifo)
}

/// Reads at most `limit` bytes. More bytes are an error.
pub fn read(path: &Path, limit: usize) -> Result<SecretBytes> {
    if is_standard(path) { standard(limit) } else { vault::fs::read_named(path, limit).map(SecretBytes::new) }
}

/// Reads standard input to its end, at most `limit` bytes.
pub fn standard(limit: usize) -> Result<SecretBytes> {
    bytes(limit).map(taken)
}

/// Reads a value from standard input. Unless `raw`, the final newline of a single line is removed, because `echo` and
/// here-strings add it.
pub fn value(raw: bool) -> Result<SecretBytes> {
    let bytes = bytes(MAX_VALUE + 1)?;
    Ok(if raw { taken(bytes) } else { without_final_newline(bytes) })
}

/// Asks for an item's value on the terminal. `remark` is shown after the item's name.
pub fn typed_value(environment: &EnvironmentName, name: &ItemName, remark: &str) -> Result<SecretBytes> {
    let item = NamedItem::within(environment, name);
    let typed = terminal::hidden_value(&format!("Value for {item}{remark}: "))?;
    Ok(SecretBytes::from(typed.expose_secret()))
}

/// Returns the error if there is no value and nobody can be asked.
pub fn no_value(environment: &EnvironmentName, name: &ItemName) -> Error {
    let item = NamedItem::within(environment, name);
    Error::usage(format!("no value was given for {item}")).hint("pipe it in, or use --from-file or --generate")
}

fn bytes(limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    // Room for any value, because a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(MAX_VALUE) + 2));
    let read = std::io::stdin().lock().take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Error::failed(format!("cannot read standard input: {}", vault::error::reason(&error))))?;
    if bytes.len() > limit {
        return Err(Error::new(Reason::TooLarge, format!("standard input is larger than {} MiB", limit >> 20))
            .hint("check what the command before it prints"));
    }
    Ok(bytes)
}

/// Takes the same memory, without a copy.
fn taken(mut bytes: Zeroizing<Vec<u8>>) -> SecretBytes {
    SecretBytes::new(std::mem::take(&mut *bytes))
}

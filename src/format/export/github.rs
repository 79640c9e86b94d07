//! GitHub Actions: lines for the file that `$GITHUB_ENV` or `$GITHUB_OUTPUT` names, and the commands that mask values.

use super::encoding::{Encoding, Refusal, text};
use super::{Format, Item};
use crate::error::Result;
use crate::format::buffer::Buffer;
use crate::secret::SecretBytes;

pub(super) struct Github;

impl Encoding for Github {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if item.name.starts_with("GITHUB_") || item.name.starts_with("RUNNER_") || item.name == "NODE_OPTIONS" {
            return Err("GitHub lets no step set that variable");
        }
        let end = delimiter(value).map_err(|_| "the operating system gives no random bytes")?;
        for part in [item.name, "<<", &end, "\n", value, "\n", &end, "\n"] {
            out.push(part);
        }
        Ok(())
    }
}

/// A line that the value does not hold, drawn anew for each: who writes a value cannot foresee it.
fn delimiter(value: &str) -> Result<String> {
    loop {
        let mut random = [0; 16];
        crate::random::fill(&mut random)?;
        let line = format!("vault_{:032x}", u128::from_be_bytes(random));
        if !value.contains(&line) {
            return Ok(line);
        }
    }
}

/// The two things a GitHub workflow needs, in the order it needs them.
#[derive(Debug)]
pub struct Workflow {
    /// Commands for standard output, which must be written first: they mask each line of each value in the job's log.
    pub masks: SecretBytes,
    /// What to append to the file that `$GITHUB_ENV` or `$GITHUB_OUTPUT` names.
    pub file: SecretBytes,
}

/// Writes the items for a GitHub workflow. Items of the kind `variable` are not masked.
///
/// # Errors
/// Names every item a workflow cannot carry, and why; never a value.
pub fn workflow(items: &[Item<'_>]) -> Result<Workflow> {
    let file = super::write(Format::Github, items)?;
    let mut masks = Buffer::default();
    for item in items.iter().filter(|item| !item.is_variable) {
        for line in text(item).unwrap_or_default().split(['\n', '\r']) {
            mask(line.trim(), &mut masks);
        }
    }
    Ok(Workflow { masks: masks.into_secret(), file })
}

/// One command per line of a value: the log is searched line by line. `%` begins an escape in a command.
fn mask(line: &str, out: &mut Buffer) {
    if line.is_empty() {
        return;
    }
    out.push("::add-mask::");
    for (index, part) in line.split('%').enumerate() {
        out.push(if index > 0 { "%25" } else { "" });
        out.push(part);
    }
    out.push("\n");
}

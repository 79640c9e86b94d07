//! Checks who else can read or write the files that matter.

use super::Finding;
use crate::error::SystemStep;
use crate::git::Git;
use crate::path::parent;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const GROUP_AND_OTHERS_WRITE: u32 = 0o022;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;
const GROUP_AND_OTHERS: u32 = 0o077;

/// Checks the vault's file and its directory, in which the file can be replaced. Everybody may read the file: it is
/// encrypted.
#[must_use]
pub fn vault_file(path: &Path) -> Vec<Finding> {
    let name = name_of(path);
    let Ok(metadata) = std::fs::metadata(path) else { return Vec::new() };
    let mut findings = Vec::new();
    if metadata.mode() & GROUP_AND_OTHERS_WRITE != 0 {
        let what = "other users can write to it, and so destroy it";
        findings.push(Finding::fix("vault-mode", &name, what).command(SystemStep::DenyWriting(path.to_owned())));
    }
    if metadata.uid() != current_user() {
        findings.push(Finding::note("vault-owner", &name, "it belongs to another user"));
    }
    let directory = parent(path);
    if std::fs::metadata(directory).is_ok_and(|metadata| is_open_to_all(&metadata)) {
        let finding = Finding::fix("vault-mode", &name, "everybody can write to its directory, and so replace it");
        findings.push(finding.command(SystemStep::DenyReplacing(directory.to_owned())));
    }
    findings
}

/// Returns whether everybody can replace the files in a directory. In one such as /tmp, nobody can replace those of
/// others.
fn is_open_to_all(metadata: &Metadata) -> bool {
    metadata.mode() & OTHERS_WRITE != 0 && metadata.mode() & STICKY == 0
}

/// Checks the file that holds a key or passphrase.
#[must_use]
pub fn key_file(path: &Path) -> Vec<Finding> {
    let name = name_of(path);
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let what = format!("it can't be read: {}", crate::error::reason(&error));
            return vec![Finding::fix("key-file", name, what)];
        }
    };
    let mut findings = Vec::new();
    if metadata.mode() & GROUP_AND_OTHERS != 0 {
        let finding = Finding::fix("key-file", &name, "other users can read this key file");
        findings.push(finding.command(SystemStep::DenyReading(path.to_owned())));
    }
    if path.file_name().is_some_and(|name| Git::at(parent(path)).tracks(name)) {
        let finding = Finding::fix("key-file", &name, "git tracks this key file: everybody with a clone has the key");
        findings.push(finding.command(SystemStep::Untrack(path.to_owned())));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("key-file", name, "only you can read it"));
    }
    findings
}

pub(super) fn current_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Returns whether anybody but the owner has a right on the file.
pub(super) fn is_shared(metadata: &Metadata) -> bool {
    metadata.mode() & GROUP_AND_OTHERS != 0
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

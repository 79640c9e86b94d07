//! Checks the state directory, which holds the access log and the record of what this device has seen, and the file
//! systems of this directory and of the vault.

use super::Finding;
use super::filesystem::{Risk, is_read_only, risk_at, room_at};
use super::modes::{current_user, is_shared, name_of};
use crate::error::{Remedy, Result, SystemStep};
use crate::path::parent;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const CHECK: &str = "state";
/// The free space below which the disk counts as nearly full, in bytes.
const LITTLE_ROOM: u64 = 16 << 20;

/// Checks the state directory, or reports why there is none, and the file system of the vault, if there is one.
#[must_use]
pub fn state(directory: &Result<PathBuf>, vault: Option<&Path>) -> Vec<Finding> {
    let mut findings = match directory {
        Ok(directory) => of_directory(directory),
        Err(error) => vec![Finding::of_error(CHECK, "state", error)],
    };
    findings.extend(vault.into_iter().flat_map(of_vault));
    findings
}

fn of_directory(directory: &Path) -> Vec<Finding> {
    let shown = directory.display();
    let Some(nearest) = directory.ancestors().find(|above| above.symlink_metadata().is_ok()) else { return Vec::new() };
    let metadata = match std::fs::metadata(nearest) {
        Ok(metadata) => metadata,
        Err(error) => {
            let what = format!("{shown} can't be entered: {}", crate::error::reason(&error));
            return vec![Finding::fix(CHECK, "state", what).command(Remedy::ChooseState)];
        }
    };
    let unfit = |what: String| vec![Finding::fix(CHECK, "state", what).command(Remedy::ChooseState)];
    if !metadata.is_dir() {
        return unfit(format!("{} is not a directory", nearest.display()));
    }
    if nearest == directory && metadata.uid() != current_user() {
        return unfit(format!("{shown} belongs to another user"));
    }
    if is_read_only(nearest) || !is_writable(nearest) {
        return unfit(format!("{shown} can't be written: nothing is handed out without a log entry"));
    }
    let mut findings = Vec::new();
    if room_at(nearest).is_some_and(|room| room < LITTLE_ROOM) {
        let what = format!("the disk of {shown} is nearly full: nothing is handed out without a log entry");
        findings.push(Finding::fix(CHECK, "state", what).command(SystemStep::FreeSpace(nearest.to_owned())));
    }
    if nearest == directory {
        findings.extend(shared(directory));
    }
    findings.extend(risk_at(nearest).and_then(|risk| risk_of_state(directory, risk)));
    if findings.is_empty() {
        let what = if nearest == directory { "is private to you" } else { "is created on first use" };
        findings.push(Finding::ok(CHECK, "state", format!("{shown} {what}")));
    }
    findings
}

fn is_writable(directory: &Path) -> bool {
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    rustix::fs::access(directory, access).is_ok()
}

/// Reports what other users can read, write or enter in the directory.
fn shared(directory: &Path) -> Option<Finding> {
    let mut shared: Vec<PathBuf> = Vec::new();
    let mut waiting = vec![(directory.to_owned(), 0)];
    while let Some((path, depth)) = waiting.pop() {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if !metadata.is_symlink() && is_shared(&metadata) {
            shared.push(path.clone());
        }
        // The levels are state, vault, log, user; nothing is deeper.
        if metadata.is_dir() && depth < 4 {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.map(|entry| (entry.path(), depth + 1)));
        }
    }
    let first = shared.iter().min()?;
    let what = match first.strip_prefix(directory) {
        Ok(below) if !below.as_os_str().is_empty() => format!("other users can enter or read {}", below.display()),
        _ => format!("other users can enter or read {}", directory.display()),
    };
    Some(Finding::fix("state-mode", "state", what).command(SystemStep::DenyUse(directory.to_owned())))
}

fn risk_of_state(directory: &Path, risk: Risk) -> Option<Finding> {
    let shown = directory.display();
    let what = match risk {
        Risk::Network(kind) => format!("{shown} is on {kind}: two machines that write the log at once can break it"),
        Risk::Memory => format!("{shown} is in memory: the access log is lost at the next reboot"),
        Risk::NoModes(kind) => format!("{shown} is on {kind}, which doesn't protect it from other users"),
    };
    Some(Finding::note("filesystem", "state", what).command(Remedy::ChooseState))
}

fn of_vault(vault: &Path) -> Option<Finding> {
    let directory = parent(vault);
    let name = name_of(vault);
    if is_read_only(directory) || !is_writable(directory) {
        return Some(Finding::note("filesystem", name, "its directory can't be written: nothing can be saved"));
    }
    let what = match risk_at(directory)? {
        Risk::Network(kind) => {
            format!("it is on {kind}: locks may not work across machines, so one of two simultaneous saves can be lost")
        }
        // Most clones of CI jobs are in memory.
        Risk::Memory => return None,
        Risk::NoModes(kind) => format!("it is on {kind}, where other users can write to it"),
    };
    Some(Finding::note("filesystem", name, what))
}

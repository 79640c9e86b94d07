//! Checks the user's shell: completion, and the hook that sets variables.

use super::Finding;
use crate::error::Remedy;
use crate::fs;
use crate::settings::shells::{Shell, ShellPlaces, is_completion_of_vault};
use std::path::{Path, PathBuf};

const COMPLETION: &str = "completion";
const HOOK: &str = "shell-hook";
/// The largest start-up file or completion script that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Reports whether completion and the hook are installed. Both are a convenience, so their absence is not a fault.
/// `searched` are further directories in which the shell looks for completions, as it said itself.
#[must_use]
pub fn shell(shell: Shell, places: &ShellPlaces, searched: &[PathBuf]) -> Vec<Finding> {
    let starts: Vec<String> = places.start_files(shell).iter().filter_map(|path| text(path)).collect();
    let runs = |command: &str| starts.iter().any(|text| has_line(text, command));
    let name = shell.name();
    let mut scripts = places.completions(shell);
    scripts.extend(searched.iter().map(|directory| directory.join("_vault")));
    let is_installed =
        scripts.iter().filter_map(|path| text(path)).any(|script| is_completion_of_vault(script.as_bytes()));
    let completion = match is_installed || runs(&format!("vault completions {name}")) {
        true => Finding::ok(COMPLETION, name, "completes vault's commands"),
        false => Finding::note(COMPLETION, name, "does not complete vault's commands").command(Remedy::Complete(name)),
    };
    let hook = match runs(&format!("vault hook {name}")) {
        true => Finding::ok(HOOK, name, "sets the variables of allowed vaults"),
        false => Finding::note(HOOK, name, "doesn't set variables automatically: the shell hook is not installed")
            .command(Remedy::Hook(name, places.typed(&places.start_file(shell)))),
    };
    vec![completion, hook]
}

fn text(path: &Path) -> Option<String> {
    let bytes = fs::read_if_there(path, LONGEST).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns whether a line that is not a comment contains the command, whatever the path of the program.
fn has_line(text: &str, command: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| !line.starts_with('#') && line.contains(command))
}

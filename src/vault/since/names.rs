//! Finds files that can take the place of a vault: because some systems take their name for the same, or because
//! commands find them first in their directory.

use crate::error::{Error, Remedy, Result, SystemStep};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Refuses a path that macOS or Windows takes for the file, or for one of its directories.
pub(super) fn check(paths: &[PathBuf], file: &Path) -> Result<()> {
    for path in paths {
        let differing = path.components().zip(file.components()).find(|(other, own)| other != own);
        let Some((other, own)) = differing else { continue };
        if folded(other.as_os_str()) == folded(own.as_os_str()) {
            return Err(Error::integrity(format!(
                "there is {} beside {}: the names differ only in case",
                other.as_os_str().display(),
                file.display()
            ))
            .hint((
                "macOS and Windows confuse the two; if the other one is not your vault: ",
                SystemStep::RemoveFile(path.clone()),
            )));
        }
    }
    Ok(())
}

/// Returns the vaults of that name in other directories that did not exist before. Commands in or below such a
/// directory find that vault first.
pub(super) fn added(paths: &[PathBuf], before: &[PathBuf], file: &Path, are_taken: bool) -> Result<Vec<String>> {
    let Some(name) = file.file_name().map(folded) else { return Ok(Vec::new()) };
    let before: HashSet<&PathBuf> = before.iter().collect();
    let is_vault = |path: &&PathBuf| path.file_name().map(folded).as_ref() == Some(&name);
    let mut added = paths.iter().filter(is_vault).filter(|path| *path != file && !before.contains(path)).peekable();
    match added.peek() {
        Some(first) if !are_taken => Err(Error::integrity(format!("there is another vault now: {}", first.display()))
            .hint(("commands in its directory would use it: check it; if it is intended: ", Remedy::VerifyNew))),
        _ => Ok(added.map(|path| format!("{} is new: another vault", path.display())).collect()),
    }
}

/// Returns a name as seen by a file system that ignores case (in all of Unicode) and, like HFS+, invisible characters.
fn folded(name: &OsStr) -> String {
    let is_seen = |c: &char| !matches!(*c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    name.to_string_lossy().chars().filter(is_seen).collect::<String>().to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<PathBuf> {
        paths.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn n9_a_name_that_some_system_treats_as_the_vaults_is_refused() {
        let file = Path::new("config/secrets.vault");
        check(&paths(&["config/secrets.vault", "config/secrets", "secrets.vault", "configs/secrets.vault"]), file)
            .unwrap();
        let same = [
            "config/Secrets.vault",
            "Config",
            "CONFIG/x",
            "config/SECRETS.VAULT/x",
            "config/\u{17f}ecrets.vault",
            "config/secrets.\u{200c}vault",
        ];
        for other in same {
            assert!(check(&paths(&[other, "config/secrets.vault"]), file).is_err(), "{other}");
        }
    }

    #[test]
    fn n9_a_new_vault_in_another_directory_is_reported() {
        let (file, before) = (Path::new("secrets.vault"), paths(&["secrets.vault", "a/secrets.vault"]));
        assert!(added(&before, &before, file, false).unwrap().is_empty());
        for new in ["a/b/secrets.vault", "b/Secrets.Vault"] {
            let now = [before.clone(), paths(&[new])].concat();
            assert!(added(&now, &before, file, false).unwrap_err().to_string().contains(new));
            assert_eq!(added(&now, &before, file, true).unwrap(), [format!("{new} is new: another vault")]);
        }
    }
}

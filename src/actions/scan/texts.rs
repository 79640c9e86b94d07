//! Where values are searched for: in files, or in what git keeps.

use crate::drivers::hook;
use crate::error::{Error, Reason, Remedy, Result};
use crate::git::{Git, InRepository, by_repository};
use std::path::PathBuf;

/// Where values are searched for. Without a repository there are no texts of git, which a front end learns before it asks
/// for a passphrase.
pub struct Texts(pub(super) Source);

pub(super) enum Source {
    Files(Vec<PathBuf>),
    /// The changes of the next commit.
    Staged(Git),
    /// Every version in the history of these repositories, or of the paths that they name. A shallow clone is searched as
    /// far as it goes.
    History(Vec<InRepository>),
}

impl Texts {
    /// Files, everything in directories, and pipes; `-` is standard input. Without paths, the current directory.
    #[must_use]
    pub fn files(mut paths: Vec<PathBuf>) -> Self {
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        Self(Source::Files(paths))
    }

    /// The changes of git's next commit.
    ///
    /// # Errors
    /// If there is no repository.
    pub fn staged() -> Result<Self> {
        Self::staged_in(Git::of_the_caller())
    }

    /// Does the same for the next commit of a repository.
    pub(super) fn staged_in(git: Git) -> Result<Self> {
        repository(git).map(|git| Self(Source::Staged(git)))
    }

    /// Every version in git's history, or of these paths in it. The history of a path is in its own repository.
    ///
    /// # Errors
    /// If there is no repository around the current directory, and it is needed.
    pub fn history(paths: &[PathBuf]) -> Result<Self> {
        let repositories = by_repository(paths);
        if let Some(callers) = repositories.iter().find(|part| part.at.as_os_str().is_empty()) {
            repository(callers.git.clone())?;
        }
        Ok(Self(Source::History(repositories)))
    }
}

/// Installs the pre-commit hook that searches the changes of each commit, unless it is there already. Returns its path,
/// and whether it was written now.
///
/// # Errors
/// If there is no repository; if there is another hook, which is left unchanged; or if the file can't be written.
pub fn install_hook() -> Result<(PathBuf, bool)> {
    hook::install(&repository(Git::of_the_caller())?)
}

/// Returns the repository if there is one.
///
/// # Errors
/// If there is none, with the way to search files instead, or if git fails.
fn repository(git: Git) -> Result<Git> {
    match git.is_shallow() {
        Ok(_) => Ok(git),
        Err(error) => Err(without_repository(error)),
    }
}

/// Says how to search files instead if an error is that there is no repository.
pub(super) fn without_repository(error: Error) -> Error {
    match error.reason() {
        Reason::NotARepository => Error::new(Reason::NotARepository, "this is not a git repository")
            .hint(("to scan files, name them: ", Remedy::ScanFiles)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_a_repository_there_are_no_texts_of_git() {
        let directory = tempfile::tempdir().unwrap();
        let refused = Texts::staged_in(Git::at(directory.path())).err().unwrap();
        assert_eq!(refused.reason(), Reason::NotARepository);
        assert_eq!(refused.advice().unwrap().remedies().collect::<Vec<_>>(), [&Remedy::ScanFiles]);
    }

    #[test]
    fn the_history_of_a_nested_repository_needs_none_around_the_current_directory() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        let Source::History(repositories) = Texts::history(&[directory.path().join("file")]).unwrap().0 else {
            panic!("not a history");
        };
        assert_eq!((repositories.len(), &*repositories[0].paths), (1, &[PathBuf::from("file")][..]));
    }

    #[test]
    fn without_paths_the_current_directory_is_searched() {
        let paths = |paths: &[&str]| match Texts::files(paths.iter().map(PathBuf::from).collect()).0 {
            Source::Files(paths) => paths,
            Source::Staged(_) | Source::History(_) => Vec::new(),
        };
        assert_eq!(paths(&[]), [PathBuf::from(".")]);
        assert_eq!(paths(&["a", "-"]), [PathBuf::from("a"), PathBuf::from("-")]);
    }
}

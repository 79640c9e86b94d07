//! Tells from the file system whether there is a repository.

use std::path::Path;

/// Whether the file system shows no repository around a directory. git says so only in a message. If something else keeps
/// git from a repository, such as its owner, GIT_CEILING_DIRECTORIES or the border of a file system, this is false, and
/// git's message says more.
pub(super) fn is_outside(directory: &Path) -> bool {
    let Ok(here) = directory.canonicalize() else { return false };
    !here.ancestors().any(|directory| {
        let inside = directory.join(".git");
        inside.is_file() || is_git_directory(&inside) || is_git_directory(directory)
    })
}

/// Whether this is a git directory, or a bare repository (gitrepository-layout(5)).
fn is_git_directory(path: &Path) -> bool {
    path.join("HEAD").symlink_metadata().is_ok() && ["objects", "refs"].iter().all(|name| path.join(name).is_dir())
}

#[cfg(test)]
mod tests {
    use crate::error::Reason;
    use crate::git::Git;

    #[test]
    fn only_a_directory_without_a_repository_around_it_is_no_repository() {
        let root = tempfile::tempdir().unwrap();
        let reason = |below: &str| Git::at(&root.path().join(below)).is_shallow().unwrap_err().reason();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        assert_eq!(reason("a/b"), Reason::NotARepository);
        // Something is there that git doesn't take: its message says more.
        std::fs::write(root.path().join("a/.git"), "gitdir: /nowhere/at/all\n").unwrap();
        assert_eq!(reason("a/b"), Reason::Failed);
        assert_eq!(reason("missing"), Reason::Failed);
    }
}

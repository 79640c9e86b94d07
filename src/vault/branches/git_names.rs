//! How references and commits are written in messages.

/// The number of digits of a commit that are shown.
const COMMIT_DIGITS: usize = 10;

/// Returns, for example, `origin/main` for `refs/remotes/origin/main`.
pub(super) fn plain(reference: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/tags/"]
        .iter()
        .find_map(|prefix| reference.strip_prefix(prefix))
        .unwrap_or(reference)
}

/// Returns a commit as it is shown.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..COMMIT_DIGITS).unwrap_or(commit)
}

//! What came from where.

use crate::cli::showing::words::plural;
use crate::cli::unlocking::context::{Context, current_directory};
use std::path::Path;
use vault::Error;
use vault::merge::items::Merging;
use vault::merge::{Fork, Side};
use vault::name::UserName;
use vault::path::shell_word;
use vault::roster::Statement;
use vault::vault::{Merge, Opened};

/// The name of a file, for a message.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or(path, Path::new).display().to_string()
}

/// A file as one types it from here.
pub fn from_here(path: &Path) -> String {
    let here = current_directory().ok();
    shell_word(here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path))
}

/// Tells of one merge.
pub struct Report {
    name: String,
    /// The side with the longer roster, and how many changes it has more; none where both have some.
    rosters: Option<(Side, usize)>,
}

impl Report {
    pub fn new(merge: &Merge, path: &Path) -> Self {
        let rosters = match merge.fork() {
            Fork::Longer(side) => {
                let changes = |side| merge.roster_of(side).head().version as usize;
                Some((side, changes(side) - changes(side.other())))
            }
            Fork::Both => None,
        };
        Self { name: file_name(path), rosters }
    }

    /// In a line for each environment.
    pub fn tell(&self, opened: &Opened<'_>, mergings: &[Merging<'_>], context: &Context) {
        let name = &self.name;
        match self.rosters {
            Some((_, 0)) => {}
            Some((side, count)) => {
                context.ui.done(&format!("{name}: {} of users and rights from {side}", plural(count, "change")));
            }
            None => {
                context.ui.done(&format!("{name}: your changes of users and rights made again on top of the others"));
            }
        }
        for (environment, side) in opened.taken() {
            context.ui.done(&format!("{environment}: as {side} has it; the other side did not change it"));
        }
        for merging in mergings {
            context.ui.done(&format!("{}: {}", merging.environment(), sources(merging)));
        }
        opened.warnings().iter().for_each(|warning| context.ui.alarm(warning));
    }
}

fn sources(merging: &Merging<'_>) -> String {
    let lists = [
        (merging.from_ours.len(), "from this branch"),
        (merging.from_theirs.len(), "from the change being applied"),
        (merging.from_both.len(), "from both"),
        (merging.conflicts().len(), "decided by you"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (count, from) in lists.into_iter().filter(|(count, _)| *count > 0) {
        let count = if parts.is_empty() { plural(count, "item") } else { count.to_string() };
        parts.push(format!("{count} {from}"));
    }
    if parts.is_empty() { "both sides hold the same".to_owned() } else { parts.join(", ") }
}

/// Rosters that can't be merged here, with the changes of both sides and who can merge them.
pub fn forked(merge: &Merge) -> Error {
    let changes = |side: Side| {
        let words = |statement: &Statement| format!("{} {}", statement.draft.author, statement.describe());
        merge.own_changes(side).iter().map(words).collect::<Vec<_>>().join("; ")
    };
    let error = Error::failed(format!(
        "both sides changed users or rights: in this branch, {}; in the change being applied, {}",
        changes(Side::Ours),
        changes(Side::Theirs)
    ));
    let mut authors: Vec<&str> =
        Side::BOTH.into_iter().filter_map(|side| merge.sole_author(side)).map(UserName::as_str).collect();
    authors.dedup();
    match &authors[..] {
        [] => error.hint("nobody made all changes of one side: make those of one side again, on top of the other"),
        names => {
            error.hint(format!("{} can merge them, with their passphrase or key: vault merge", names.join(" or ")))
        }
    }
}

//! Reports merges: what came from which side.

use super::environments;
use crate::cli::showing::remedies::worded;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use vault::roster::describe_changes;
use vault::vault::{Beside, Decisions, Merge, Merging, Names, Opened, Side, Warning};
use vault::words::plural;

/// Returns a file's name for a message.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or(path, Path::new).display().to_string()
}

/// The report about a merge.
pub struct Report<'m> {
    name: String,
    merge: &'m Merge,
}

impl<'m> Report<'m> {
    pub fn new(merge: &'m Merge) -> Self {
        Self { name: merge.file_name(), merge }
    }

    /// Prints a line for each environment. `missing` has warnings about what the result lacks.
    pub fn print(&self, opened: &Opened<'_>, decisions: &Decisions<'_>, missing: &[Warning], context: &Context) {
        if let Some(line) = self.rosters(opened) {
            context.ui.done(&line);
        }
        let names = self.merge.names();
        for (environment, side, beside) in opened.taken() {
            let (side, other) = (names.words(side), names.words(side.other()));
            context.ui.done(&match beside {
                Beside::Unchanged => format!("{environment}: only {side} changed it; taken as it is"),
                Beside::Older => format!("{environment}: {side} continues what {other} has; taken as it is"),
                Beside::Another => format!("{environment}: {side} removed it and added it again; taken as it is"),
            });
        }
        for outcome in self.merge.removed().iter().filter_map(|removed| environments::outcome(removed, names)) {
            context.ui.done(&outcome);
        }
        for merging in decisions.environments() {
            context.ui.done(&format!("{}: {}", merging.environment(), sources(merging, names)));
        }
        for warning in opened.warnings().iter().chain(missing) {
            context.ui.alarm(&warning.text);
            warning.hint.iter().for_each(|hint| context.ui.hint(&worded(hint)));
        }
    }

    /// Says what happened to the roster.
    fn rosters(&self, opened: &Opened<'_>) -> Option<String> {
        let (name, merge) = (&self.name, self.merge);
        if let Some(side) = merge.rosters().standing() {
            let (count, side) = (merge.own_changes(side).len(), merge.names().words(side));
            return (count > 0).then(|| format!("{name}: {} from {side}", plural(count, "roster change")));
        }
        let below = Side::BOTH.into_iter().max_by_key(|side| opened.roster().shared_with(merge.roster_of(*side)))?;
        let kept = opened.roster().shared_with(merge.roster_of(below)) as usize;
        let again = opened.roster().statements().get(kept..).unwrap_or_default();
        let below = merge.names().words(below);
        Some(match again {
            [] => {
                format!("{name}: none of your roster changes is left to apply on top of {below}")
            }
            again => {
                format!(
                    "{name}: your roster changes, applied again on top of {below}: {}",
                    describe_changes(again.iter())
                )
            }
        })
    }
}

fn sources(merging: &Merging<'_>, names: &Names) -> String {
    let from = |side| format!("from {}", names.words(side));
    let lists = [
        (merging.from_side(Side::Ours).len(), from(Side::Ours)),
        (merging.from_side(Side::Theirs).len(), from(Side::Theirs)),
        (merging.from_both().len(), "from both".to_owned()),
        (merging.conflicts().len(), "decided by you".to_owned()),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (count, from) in lists.into_iter().filter(|(count, _)| *count > 0) {
        let count = if parts.is_empty() { plural(count, "item") } else { count.to_string() };
        parts.push(format!("{count} {from}"));
    }
    if parts.is_empty() { "both sides have the same content".to_owned() } else { parts.join(", ") }
}

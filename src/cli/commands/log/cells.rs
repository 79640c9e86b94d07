//! An entry in words, as tables and lines show it.

use vault::log::{Line, Reach};
use vault::words::plural;

/// Returns the cells of a row. If there are entries of several logs, each has the host that wrote it.
pub fn cells(line: &Line, time: String, is_from_several: bool) -> Vec<String> {
    let entry = &line.entry;
    vec![
        time,
        line.user.to_string(),
        entry.action.word().to_owned(),
        entry.environment.clone().unwrap_or_else(|| "-".to_owned()),
        items(line.reach()),
        entry.program.clone(),
        if is_from_several { entry.host.clone() } else { String::new() },
        entry.outcome.to_string(),
        [entry.reason.clone(), entry.note.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "),
    ]
}

/// Returns the name of a single item, or the number of several.
fn items(reach: Reach<'_>) -> String {
    match reach {
        Reach::Items([only]) => only.to_string(),
        Reach::Items(several) => plural(several.len(), "item"),
        Reach::Environment => "all".to_owned(),
        Reach::Vault => "all they read".to_owned(),
        Reach::Nothing => "-".to_owned(),
    }
}

//! An entry in words, as tables and lines show it.

use std::borrow::Cow;
use vault::log::{Line, Reach};
use vault::words::plural;

/// Returns the cells of a row. If there are entries of several logs, each has the host that wrote it.
pub fn cells<'a>(line: &'a Line, time: &'a str, is_from_several: bool) -> [Cow<'a, str>; 9] {
    let entry = &line.entry;
    let outcome = match (&entry.reason, &entry.note) {
        (Some(reason), Some(note)) => Cow::Owned(format!("{reason}; {note}")),
        (Some(only), None) | (None, Some(only)) => Cow::Borrowed(only.as_str()),
        (None, None) => Cow::Borrowed(""),
    };
    [
        time.into(),
        line.user.as_str().into(),
        entry.action.word().into(),
        entry.environment.as_deref().unwrap_or("-").into(),
        items(line.reach()),
        entry.program.as_str().into(),
        if is_from_several { entry.host.as_str().into() } else { "".into() },
        entry.outcome.word().into(),
        outcome,
    ]
}

/// Returns the name of a single item, or the number of several.
fn items(reach: Reach<'_>) -> Cow<'_, str> {
    match reach {
        Reach::Items([only]) => Cow::Borrowed(only),
        Reach::Items(several) => plural(several.len(), "item").into(),
        Reach::Environment => "all".into(),
        Reach::Vault => "all they read".into(),
        Reach::Nothing => "-".into(),
    }
}

//! Describes differences of items in words, for `diff` and `env diff`.

use vault::item::Outline;
use vault::vault::{Field, ItemDifference};
use vault::words::plural;

/// Describes the difference of an item in words: `value, kind secret → api-key`.
pub fn in_words(difference: &ItemDifference<'_>) -> String {
    match difference {
        ItemDifference::Added(item) => format!("added ({})", item.metadata().kind),
        ItemDifference::Removed(_) => "removed".to_owned(),
        ItemDifference::Changed { before, after, fields } => {
            let words: Vec<_> = fields.iter().map(|field| field_in_words(*field, *before, *after)).collect();
            words.join(", ")
        }
    }
}

fn field_in_words(field: Field, before: Outline<'_>, after: Outline<'_>) -> String {
    let (old, new) = (before.metadata(), after.metadata());
    let days = |days: Option<u32>| days.map_or("never".to_owned(), |days| plural(days as usize, "day"));
    let date = |item: Outline<'_>| item.metadata().expires_at.map_or("never".to_owned(), |time| time.to_string());
    let day = |item: Outline<'_>| {
        let expires = item.metadata().expires_at;
        expires.map_or("never".to_owned(), |time| time.utc().format("%F").to_string())
    };
    match field {
        Field::Name => format!("renamed from {}", before.name()),
        Field::Value => "value".to_owned(),
        Field::Kind => format!("kind {} → {}", old.kind, new.kind),
        Field::Note => match &new.note {
            Some(note) => format!("note \"{}\"", vault::name::shown(note, LONGEST_NOTE)),
            None => "no note".to_owned(),
        },
        Field::Tags => format!("tags {} → {}", or_none(&old.tags.join(" ")), or_none(&new.tags.join(" "))),
        Field::Provider => {
            let provider = |provider: &Option<String>| or_none(provider.as_deref().unwrap_or_default()).to_owned();
            format!("provider {} → {}", provider(&old.provider), provider(&new.provider))
        }
        Field::Expiry if day(before) == day(after) => format!("expires {} → {}", date(before), date(after)),
        Field::Expiry => format!("expires {} → {}", day(before), day(after)),
        Field::RotateAfter => format!("rotate after {} → {}", days(old.rotate_after), days(new.rotate_after)),
        Field::Deliver => format!("delivered as {} → {}", old.deliver, new.deliver),
        Field::Variable => format!("variable {} → {}", before.variable(), after.variable()),
        Field::Mark if after.current().rotate_due().is_some() => "due for replacement".to_owned(),
        Field::Mark => "no longer due for replacement".to_owned(),
    }
}

/// The longest note that is shown, in characters. `list` and JSON show all of it.
const LONGEST_NOTE: usize = 60;

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// Returns a value as a table's cell.
pub fn value_cell(value: &[u8]) -> String {
    String::from_utf8_lossy(value).replace('\n', "\\n")
}

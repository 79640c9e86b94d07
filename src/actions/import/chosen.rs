//! Chooses which settings of a file are imported, what each item becomes, and what to tell the user.
//!
//! - Gives what comes from no vault: `Chosen::items`

use super::input::SourceFile;
use crate::dangerous::{AllowedOnce, Danger, danger};
use crate::error::{Hint, Remedy, Result};
use crate::format::import;
use crate::format::{Entry, Imported, Note};
use crate::item::{Content, Item, Kind, Metadata, VariableProblem, variable_problem};
use crate::name::{EnvironmentName, ItemName, UserName, is_variable_name};
use crate::secret::SecretBytes;
use crate::time::Time;

/// The options of an import.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The kind of all items. If none is given, new items become variables if they look like plain settings.
    pub kind: Option<Kind>,
    /// Whether to import empty values as well.
    pub takes_empty: bool,
    /// The dangerous names that are allowed.
    pub allowed: &'a AllowedOnce,
}

/// What will be imported from a file, and what to tell the user about it. Only [`super::read`] makes one.
pub struct Chosen {
    items: Vec<Taken>,
    /// The kind of all items, if one was given.
    kind: Option<Kind>,
    allowed: AllowedOnce,
    notes: Vec<Remark>,
    is_complete: bool,
    /// The file that was read, unless the bytes came from elsewhere.
    file: Option<SourceFile>,
}

/// A remark about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The text, with a remedy.
    pub text: Hint,
    /// Whether the remark is about something that is missing afterwards. Such remarks are shown even with `--quiet`.
    pub is_left_out: bool,
}

/// An item to import.
pub struct Taken {
    /// The item's name.
    pub name: ItemName,
    /// The item's value.
    pub(super) value: SecretBytes,
    tags: Vec<String>,
    /// What kind of plain setting it looks like, if any.
    plain: Option<&'static str>,
}

/// Returns the name of an entry's item, or the note that says why there is none.
fn name_of(entry: &Entry, kind: Option<Kind>, allowed: &AllowedOnce) -> Result<ItemName, Box<Note>> {
    let note = |message: String, remedy| {
        Box::new(Note { line: entry.line, name: None, message, is_left_out: true, is_only_expanded: false, remedy })
    };
    let Ok(name) = ItemName::new(entry.name.as_str()) else {
        return Err(note("skipped: not a valid item name".to_owned(), None));
    };
    if !allowed.allows(name.as_str()) {
        let why = danger(name.as_str()).map_or("is not allowed", Danger::does);
        return Err(note(format!("{name} skipped: it {why}"), Some(Remedy::AllowOnce(name.to_string()))));
    }
    if kind == Some(Kind::Variable) && !is_variable_name(name.as_str()) {
        return Err(note(format!("{name} skipped: that is not a variable name"), None));
    }
    Ok(name)
}

impl Chosen {
    /// Chooses what can be imported. The rest becomes remarks.
    pub(super) fn new(imported: Imported, choice: Choice<'_>, file: Option<SourceFile>) -> Self {
        let Choice { kind, takes_empty, allowed } = choice;
        let mut notes = imported.notes;
        let (mut items, mut empty) = (Vec::new(), Vec::new());
        for entry in imported.entries {
            match name_of(&entry, kind, allowed) {
                Err(skipped) => notes.push(*skipped),
                Ok(name) if entry.value.is_empty() && !takes_empty => empty.push(name.to_string()),
                Ok(name) => items.push(Taken::new(name, entry)),
            }
        }
        notes.sort_by_line();
        let is_complete = empty.is_empty() && !notes.is_anything_left_out();
        let mut shown: Vec<Remark> = notes.iter().map(Remark::from).collect();
        if notes.further() > 0 {
            let text = format!("{} more lines like these", notes.further());
            shown.push(Remark { text: text.into(), is_left_out: notes.is_anything_left_out() });
        }
        if !empty.is_empty() {
            let names = format!(" takes them): {}", first_names(&empty));
            let text = ("empty, so left out (", Remedy::AllowEmpty, names).into();
            shown.push(Remark { text, is_left_out: true });
        }
        Self { items, kind, allowed: allowed.clone(), notes: shown, is_complete, file }
    }

    /// The items to import.
    #[must_use]
    pub fn items(&self) -> &[Taken] {
        &self.items
    }

    /// The remarks about the file.
    #[must_use]
    pub fn notes(&self) -> &[Remark] {
        &self.notes
    }

    /// The dangerous names that items may have.
    #[must_use]
    pub fn allowed(&self) -> &AllowedOnce {
        &self.allowed
    }

    /// Returns whether everything in the file is imported.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The file that was read.
    pub(super) fn file(&self) -> Option<&SourceFile> {
        self.file.as_ref()
    }

    /// Sets every item whose value or kind differs. Existing items keep the metadata that is still valid for a new
    /// value.
    ///
    /// # Errors
    /// If a value or description is too large.
    pub fn put(&self, content: &mut Content, environment: &EnvironmentName, user: &UserName, now: Time) -> Result<()> {
        for taken @ Taken { name, value, tags, .. } in &self.items {
            let before = content.items().get(name);
            if before.is_some_and(|item| self.is_same(taken, item)) {
                continue;
            }
            let new = || Metadata { tags: tags.clone(), ..Metadata::default() };
            let is_same_value = before.is_some_and(|item| item.current.value == *value);
            let mut metadata = match before {
                Some(item) if is_same_value => item.metadata.clone(),
                Some(item) => item.metadata.for_new_value(),
                None => new(),
            };
            metadata.kind = self.kind_of(taken, before);
            if is_same_value {
                content.describe(environment, name, metadata, user, now)?;
            } else {
                content.set(name, value.clone(), &metadata, user, now)?;
            }
        }
        Ok(())
    }

    /// Returns whether the item already has the value and the kind.
    pub(super) fn is_same(&self, taken: &Taken, item: &Item) -> bool {
        item.current.value == taken.value && self.kind.is_none_or(|kind| kind == item.metadata.kind)
    }

    /// Returns the kind of an item: the one that was given, or else its current one, or else what it looks like.
    pub(super) fn kind_of(&self, taken: &Taken, before: Option<&Item>) -> Kind {
        let by_sight = || if taken.plain.is_some() { Kind::Variable } else { Kind::Secret };
        self.kind.or(before.map(|item| item.metadata.kind)).unwrap_or_else(by_sight)
    }

    /// Returns a remark on the new items that become variables because of their looks, unless a kind was given.
    pub(super) fn by_sight(&self, is_new: impl Fn(&ItemName) -> bool) -> Option<Hint> {
        if self.kind.is_some() {
            return None;
        }
        let new = self.items.iter().filter(|taken| is_new(&taken.name));
        let plain: Vec<_> = new.filter_map(|taken| Some(format!("{} ({})", taken.name, taken.plain?))).collect();
        let names =
            || format!("not masked, because they look like plain settings: {}; to mask them: ", first_names(&plain));
        (!plain.is_empty()).then(|| (names(), Remedy::AllSecret).into())
    }

    /// Returns a remark on the items that programs don't get. Those in `delivered` have a delivery that somebody
    /// chose.
    pub(super) fn kept_from_programs(&self, delivered: &[ItemName]) -> Option<String> {
        let usual = self.items.iter().filter(|taken| !delivered.contains(&taken.name));
        let names: Vec<_> = usual.filter_map(Taken::variable_problem).collect();
        (!names.is_empty())
            .then(|| format!("programs don't get these, because they can't be variables: {}", first_names(&names)))
    }
}

impl From<&Note> for Remark {
    fn from(note: &Note) -> Self {
        let text = Hint::from(note.to_string());
        let text = match &note.remedy {
            None => text,
            Some(remedy) => text.then(" (").then(remedy.clone()).then(")"),
        };
        Self { text, is_left_out: note.is_left_out }
    }
}

impl Taken {
    fn new(name: ItemName, entry: Entry) -> Self {
        let plain = if entry.is_kept_secret { None } else { import::plain(name.as_str(), &entry.value) };
        Self { name, value: entry.value, tags: entry.tags, plain }
    }

    /// Returns whether the item has the tags that the file gives it. An import changes no tags.
    pub(super) fn has_its_tags(&self, item: &Item) -> bool {
        self.tags.iter().all(|tag| item.metadata.tags.contains(tag))
    }

    /// Returns the name, and why programs don't get the item. Names that can't be variable names are not mentioned,
    /// because users see that.
    fn variable_problem(&self) -> Option<String> {
        let why =
            variable_problem(self.name.as_str(), &self.value, || false).filter(|why| *why != VariableProblem::Name)?;
        Some(format!("{} ({why})", self.name))
    }
}

/// Returns a remark on existing items whose tags in the file were left out.
pub(super) fn tags_left_out(names: &[ItemName]) -> Option<Remark> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let text = format!("tags left out, because existing items keep their own: {}", first_names(&names));
    (!names.is_empty()).then(|| Remark { text: text.into(), is_left_out: true })
}

/// Joins the names. Of a long list, only the first ones are shown.
fn first_names(names: &[String]) -> String {
    const SHOWN: usize = 100;
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(further) => format!("{} and {further} more", names[..SHOWN].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Source;
    use crate::format::import::{Options, read};
    use crate::name::EnvironmentName;

    fn chosen(text: &str, kind: Option<Kind>, allowed: &[&str]) -> Chosen {
        let allowed = AllowedOnce::new(allowed.iter().map(ToString::to_string));
        let imported = read(Source::Dotenv, text.as_bytes(), &Options::default()).unwrap();
        Chosen::new(imported, Choice { kind, takes_empty: false, allowed: &allowed }, None)
    }

    fn names(chosen: &Chosen) -> Vec<&str> {
        chosen.items().iter().map(|taken| taken.name.as_str()).collect()
    }

    #[test]
    fn entries_that_cannot_be_items_are_named_and_the_rest_is_imported() {
        let chosen = chosen("A=1\nLD_PRELOAD=x\nEMPTY=\n", None, &[]);
        assert_eq!((names(&chosen), chosen.is_complete()), (vec!["A"], false));
        let notes: Vec<_> = chosen.notes().iter().map(|note| (note.text.to_string(), note.is_left_out)).collect();
        let expected = [
            ("line 2  LD_PRELOAD skipped: it can make a program load code ([allow-once LD_PRELOAD])", true),
            ("empty, so left out ([allow-empty] takes them): EMPTY", true),
        ];
        assert_eq!(notes, expected.map(|(text, is_left_out)| (text.to_owned(), is_left_out)));
    }

    #[test]
    fn e6_a_note_about_a_skipped_name_says_what_the_name_does() {
        let chosen = chosen("USER=mia\n", None, &[]);
        let note = chosen.notes()[0].text.to_string();
        assert_eq!(note, "line 1  USER skipped: it is a variable that vault itself reads ([allow-once USER])");
    }

    #[test]
    fn a_dangerous_name_is_imported_only_if_allowed() {
        let chosen = chosen("LD_PRELOAD=x\n", None, &["LD_PRELOAD"]);
        assert_eq!((names(&chosen), chosen.is_complete()), (vec!["LD_PRELOAD"], true));
    }

    #[test]
    fn a_new_item_gets_the_given_or_detected_kind_and_an_existing_one_keeps_its_kind() {
        let mut content = Content::default();
        let (user, now) = (UserName::new("mia").unwrap(), Time::now());
        let dev = EnvironmentName::new("dev").unwrap();
        chosen("PORT=8080\nTOKEN=abc\n", None, &[]).put(&mut content, &dev, &user, now).unwrap();
        let kind = |content: &Content, name: &str| content.items()[&ItemName::new(name).unwrap()].metadata.kind;
        assert_eq!((kind(&content, "PORT"), kind(&content, "TOKEN")), (Kind::Variable, Kind::Secret));
        chosen("TOKEN=8080\n", None, &[]).put(&mut content, &dev, &user, now).unwrap();
        assert_eq!(kind(&content, "TOKEN"), Kind::Secret);
        chosen("PORT=8080\n", Some(Kind::Secret), &[]).put(&mut content, &dev, &user, now).unwrap();
        assert_eq!(kind(&content, "PORT"), Kind::Secret);
        let port = &content.items()[&ItemName::new("PORT").unwrap()];
        assert_eq!(port.current.number, 1, "a change of kind must not create a version");
    }
}

//! What is taken from a file: how it is read, which of it can be kept, and what it becomes.

use super::refused;
use crate::cli::options::input;
use crate::cli::options::metadata::KindArg;
use crate::cli::options::names::AllowNames;
use std::path::Path;
use vault::format::dotenv::{Dialect, References};
use vault::format::import::{self, Options, Source};
use vault::format::{Entry, Imported, Note};
use vault::fs::Stamp;
use vault::item::{Content, Item, Kind, MAX_VARIABLE, Metadata, Unfit, unfit};
use vault::name::{EnvironmentName, ItemName, UserName, is_variable_name};
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::{Error, Result};

/// How a file is read.
#[derive(Debug, Clone, clap::Args)]
pub struct ReadingArgs {
    /// dotenv, json, yaml, toml, csv, tfvars or properties; else told by the file's name or contents
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<Source>,
    /// Join nested names by _, or by what is given: {"db": {"url": ...}} becomes db_url, with --flatten=__ db__url
    #[arg(long, value_name = "SEPARATOR", num_args = 0..=1, require_equals = true, default_missing_value = "_",
          value_parser = ["_", "__", "-", "."])]
    flatten: Option<String>,
    /// Whose reading of a .env file counts: node, python, compose or docker
    #[arg(long, value_name = "NAME", default_value = "node")]
    dialect: Dialect,
    /// Replace $NAME and ${NAME} in a .env file by values of the same file, as the dialect's reader does
    #[arg(long)]
    expand: bool,
    /// Make all of them secret, variable or api-key; else new ones are variables if they look like plain settings (ports,
    /// booleans, log levels, host names, URLs without credentials ...), and secrets if not
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Take empty values, too; else they are left out, and named
    #[arg(long, alias = "empty")]
    allow_empty: bool,
    #[command(flatten)]
    pub allow: AllowNames,
}

/// What will be taken from a file, and what is to be said about it.
pub struct Chosen {
    pub(super) items: Vec<Taken>,
    /// What they are to be, if it was said.
    kind: Option<Kind>,
    pub(super) notes: Vec<Remark>,
    /// Whether all that the file sets is among the items.
    pub(super) is_complete: bool,
    /// Which file it was, if it was one.
    pub(super) stamp: Option<Stamp>,
}

/// What is to be said about a file.
#[derive(Clone)]
pub(super) struct Remark {
    pub(super) text: String,
    /// Whether it is about what won't be there where somebody looks for it: that is told even with `--quiet`.
    pub(super) is_left_out: bool,
}

/// An item to be.
pub(super) struct Taken {
    pub(super) name: ItemName,
    pub(super) value: SecretBytes,
    tags: Vec<String>,
    /// What plain setting it is by sight, if it is one.
    plain: Option<&'static str>,
}

/// Reads a file and chooses what can be kept: the rest is named.
pub fn read(file: &Path, args: &ReadingArgs, allow: &AllowNames) -> Result<Chosen> {
    let stamp = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file).map(|metadata| Stamp::of(&metadata));
    let bytes = input::read(file, vault::file::MAX_FILE)?;
    refused::check_example(file)?;
    // A command that failed leaves a blank line, too: echo "$(false)".
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    if text.iter().all(u8::is_ascii_whitespace) && !args.allow_empty {
        return Err(refused::nothing_in(file, "is empty"));
    }
    if vault::file::is_vault(&bytes) {
        return Err(Error::usage(format!("{} is a vault", file.display()))
            .hint("items are copied between environments: vault cp, vault env copy"));
    }
    let references = if args.expand { References::Expand } else { References::Keep };
    let options = Options { dialect: args.dialect, references, flatten: args.flatten.as_deref() };
    let name = file.file_name().and_then(|name| name.to_str());
    let source = args.format.map_or_else(|| import::detect(name, &bytes), Ok)?;
    let imported = import::read(source, &bytes, &options)?;
    if imported.entries.is_empty() && imported.notes.is_empty() && !args.allow_empty {
        return Err(refused::nothing_in(file, "holds no values"));
    }
    Ok(Chosen::new(imported, args, allow, stamp))
}

impl ReadingArgs {
    /// The options that were given, as they are typed.
    pub(super) fn typed(&self) -> String {
        let mut words = String::new();
        let mut add = |word: String| words += &format!(" {word}");
        self.format.iter().for_each(|format| add(format!("--format {format}")));
        match self.flatten.as_deref() {
            None => {}
            Some("_") => add("--flatten".to_owned()),
            Some(separator) => add(format!("--flatten={separator}")),
        }
        if self.dialect != Dialect::default() {
            add(format!("--dialect {}", self.dialect));
        }
        if self.expand {
            add("--expand".to_owned());
        }
        if let Some(kind) = self.kind {
            add(format!("--kind {}", kind.kind()));
        }
        if self.allow_empty {
            add("--allow-empty".to_owned());
        }
        if let Some(names) = self.allow.typed() {
            add(names);
        }
        words
    }
}

impl Chosen {
    fn new(imported: Imported, args: &ReadingArgs, allow: &AllowNames, stamp: Option<Stamp>) -> Self {
        let allow = allow.once();
        let kind = args.kind.map(KindArg::kind);
        let mut notes = imported.notes;
        let (mut items, mut empty) = (Vec::new(), Vec::new());
        for entry in imported.entries {
            let why = match ItemName::new(entry.name.as_str()) {
                Err(_) => "skipped: its name can't be an item's".to_owned(),
                Ok(name) if !allow.allows(name.as_str()) => {
                    format!("{name} skipped: can load code (--allow-name {name})")
                }
                Ok(name) if kind == Some(Kind::Variable) && !is_variable_name(name.as_str()) => {
                    format!("{name} skipped: that is not a variable name")
                }
                Ok(name) if entry.value.is_empty() && !args.allow_empty => {
                    empty.push(name.to_string());
                    continue;
                }
                Ok(name) => {
                    items.push(Taken::new(name, entry));
                    continue;
                }
            };
            notes.push(Note { line: entry.line, name: None, message: why, is_left_out: true, is_only_expanded: false });
        }
        notes.sort_by_line();
        let is_complete = empty.is_empty() && !notes.is_anything_left_out();
        let remark = |note: &Note| Remark { text: note.to_string(), is_left_out: note.is_left_out };
        let mut shown: Vec<Remark> = notes.iter().map(remark).collect();
        if notes.further() > 0 {
            let text = format!("{} more lines like these", notes.further());
            shown.push(Remark { text, is_left_out: notes.is_anything_left_out() });
        }
        if !empty.is_empty() {
            let text = format!("empty, so left out (--allow-empty takes them): {}", first_names(&empty));
            shown.push(Remark { text, is_left_out: true });
        }
        Self { items, kind, notes: shown, is_complete, stamp }
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Sets every item whose value or kind differs; of the metadata of those that are there stays what holds for a new value.
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

    /// Whether the item is already what it is to be.
    pub(super) fn is_same(&self, taken: &Taken, item: &Item) -> bool {
        item.current.value == taken.value && self.kind.is_none_or(|kind| kind == item.metadata.kind)
    }

    /// What an item becomes: what was said, else what it is, else what it looks like.
    pub(super) fn kind_of(&self, taken: &Taken, before: Option<&Item>) -> Kind {
        let by_sight = || if taken.plain.is_some() { Kind::Variable } else { Kind::Secret };
        self.kind.or(before.map(|item| item.metadata.kind)).unwrap_or_else(by_sight)
    }

    /// Which of the new items become variables by sight, and why; none where a kind was said.
    pub(super) fn by_sight(&self, is_new: impl Fn(&ItemName) -> bool) -> Option<String> {
        if self.kind.is_some() {
            return None;
        }
        let new = self.items.iter().filter(|taken| is_new(&taken.name));
        let plain: Vec<_> = new.filter_map(|taken| Some(format!("{} ({})", taken.name, taken.plain?))).collect();
        (!plain.is_empty())
            .then(|| format!("variables by sight, so not masked: {}; --kind secret hides them", first_names(&plain)))
    }

    /// That exec will leave some of the items out, if it will. Commands get those of `delivered` in a way that was chosen.
    pub(super) fn left_out_by_exec(&self, delivered: &[ItemName]) -> Option<String> {
        let usual = self.items.iter().filter(|taken| !delivered.contains(&taken.name));
        let names: Vec<_> = usual.filter_map(Taken::unfit).collect();
        (!names.is_empty()).then(|| format!("no variables, so exec leaves them out: {}", first_names(&names)))
    }
}

impl Taken {
    fn new(name: ItemName, entry: Entry) -> Self {
        let plain = if entry.is_kept_secret { None } else { import::plain(name.as_str(), &entry.value) };
        Self { name, value: entry.value, tags: entry.tags, plain }
    }

    /// The name, and why exec leaves it out. That a name can't be a variable's is seen without being told.
    fn unfit(&self) -> Option<String> {
        let why = unfit(self.name.as_str(), &self.value, Some(MAX_VARIABLE)).filter(|why| *why != Unfit::Name)?;
        Some(format!("{} ({why})", self.name))
    }
}

/// The names, of many only the first.
fn first_names(names: &[String]) -> String {
    const SHOWN: usize = 100;
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(further) => format!("{} and {further} more", names[..SHOWN].join(", ")),
    }
}

//! The options that describe an item.

use super::moment;
use vault::Result;
use vault::item::{Deliver, Item, Kind, Metadata, Outline};
use vault::name::{VariableName, quoted};
use vault::time::Time;
use vault::words::moment as moment_text;

/// What people may say of an item beside its value.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MetadataArgs {
    /// What it is for: secret, variable or api-key
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Free text; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// When the value stops working: 90d, 12h, 2027-02-21 (which begins in UTC), or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Who issued an API key; an empty one removes it
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// A word to find it by; may be repeated, and replaces the words there were
    #[arg(long = "tag", value_name = "WORD", value_delimiter = ',')]
    tags: Option<Vec<String>>,
    /// After how many days the value should be replaced; 0 for never
    #[arg(long, value_name = "DAYS")]
    rotate_after: Option<u32>,
    /// How exec gives it to commands: as a variable, as a file that exists in memory only, with its path in NAME_FILE, or
    /// not at all, unless a command asks for it by its name
    #[arg(long, value_name = "HOW", value_enum)]
    deliver: Option<DeliverArg>,
    /// Give it to commands as this variable, or put the path of its file there; an empty one goes back to the usual name
    #[arg(long = "as", value_name = "VAR")]
    variable: Option<String>,
}

/// A way of delivery, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DeliverArg {
    Variable,
    File,
    None,
}

impl DeliverArg {
    fn deliver(self) -> Deliver {
        match self {
            Self::Variable => Deliver::Variable,
            Self::File => Deliver::File,
            Self::None => Deliver::None,
        }
    }
}

/// A kind, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KindArg {
    Secret,
    Variable,
    ApiKey,
}

impl KindArg {
    /// The kind.
    pub fn kind(self) -> Kind {
        match self {
            Self::Secret => Kind::Secret,
            Self::Variable => Kind::Variable,
            Self::ApiKey => Kind::ApiKey,
        }
    }
}

impl MetadataArgs {
    /// Whether any was given.
    pub fn is_given(&self) -> bool {
        let Self { kind, note, expires, provider, tags, rotate_after, deliver, variable } = self;
        kind.is_some()
            || note.is_some()
            || expires.is_some()
            || provider.is_some()
            || tags.is_some()
            || rotate_after.is_some()
            || deliver.is_some()
            || variable.is_some()
    }

    /// The kind, if it was given.
    pub fn kind(&self) -> Option<Kind> {
        self.kind.map(KindArg::kind)
    }

    /// The variable, if one was given.
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref().filter(|variable| !variable.is_empty())
    }

    /// Whether it was given how commands get the item.
    pub fn says_delivery(&self) -> bool {
        self.deliver.is_some() || self.variable.is_some()
    }

    /// What there was, with what was given in its place. A new value without a new expiry has none.
    pub fn apply(&self, before: Option<&Metadata>, new_value: bool, now: Time) -> Result<Metadata> {
        let before = before.cloned().unwrap_or_default();
        let mut metadata = if new_value { before.for_new_value() } else { before };
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if let Some(kind) = self.kind() {
            metadata.kind = kind;
        }
        if let Some(note) = &self.note {
            metadata.note = text(note);
        }
        if let Some(provider) = &self.provider {
            metadata.provider = text(provider);
        }
        if let Some(tags) = &self.tags {
            metadata.tags = tags.iter().filter(|tag| !tag.is_empty()).cloned().collect();
        }
        if let Some(days) = self.rotate_after {
            metadata.rotate_after = Some(days).filter(|days| *days > 0);
        }
        if let Some(expires) = &self.expires {
            metadata.expires_at = moment::expiry(expires, now)?;
        }
        if let Some(deliver) = self.deliver {
            metadata.deliver = deliver.deliver();
        }
        if let Some(variable) = &self.variable {
            metadata.variable = text(variable).as_deref().map(variable_name).transpose()?;
        }
        Ok(metadata)
    }
}

/// Nobody gives a value to `--as`, so it can be repeated.
fn variable_name(text: &str) -> Result<VariableName> {
    VariableName::new(text).map_err(|error| {
        let message = format!("--as {}: {error}", quoted(text));
        error.reworded(message)
    })
}

/// What a message adds of a value that was set: whether it is still to be replaced, when it expires, and how commands get
/// it.
pub fn outlook(item: &Item) -> String {
    let due = if item.current.rotate_due.is_some() { ", still to be replaced" } else { "" };
    let expires =
        item.metadata.expires_at.map_or(String::new(), |at| format!(", expires {}", moment_text(at, Time::now())));
    format!("{due}{expires}{}", delivery(item.outline()))
}

/// How commands get an item, if not as the variable of its name.
fn delivery(item: Outline<'_>) -> String {
    let Metadata { deliver, variable, .. } = item.metadata();
    match deliver {
        Deliver::Variable if variable.is_none() => String::new(),
        Deliver::Variable => format!(", for commands the variable {}", item.variable()),
        Deliver::File => format!(", for commands a file whose path is in {}", item.variable()),
        Deliver::None => ", kept from commands".to_owned(),
    }
}

//! The options that describe an item.

use super::moment;
use crate::cli::showing::words::moment as moment_text;
use vault::Result;
use vault::item::{Item, Kind, Metadata};
use vault::time::Time;

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
        let Self { kind, note, expires, provider, tags, rotate_after } = self;
        kind.is_some()
            || note.is_some()
            || expires.is_some()
            || provider.is_some()
            || tags.is_some()
            || rotate_after.is_some()
    }

    /// The kind, if it was given.
    pub fn kind(&self) -> Option<Kind> {
        self.kind.map(KindArg::kind)
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
        Ok(metadata)
    }
}

/// What a message adds of a value that was set: whether it is still to be replaced, and when it expires.
pub fn outlook(item: &Item) -> String {
    let due = if item.current.rotate_due.is_some() { ", still to be replaced" } else { "" };
    let expires =
        item.metadata.expires_at.map_or(String::new(), |at| format!(", expires {}", moment_text(at, Time::now())));
    format!("{due}{expires}")
}

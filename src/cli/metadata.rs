//! The options that describe an item.

use chrono::{NaiveDate, TimeDelta};
use vault::item::{Kind, Metadata};
use vault::time::Time;
use vault::{Error, Result};

/// What people may say of an item beside its value.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MetadataArgs {
    /// What it is for: secret, variable or api-key
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Free text; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// When the value stops working: 90d, 12h, 2027-02-21, or never
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

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KindArg {
    Secret,
    Variable,
    ApiKey,
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
        self.kind.map(|kind| match kind {
            KindArg::Secret => Kind::Secret,
            KindArg::Variable => Kind::Variable,
            KindArg::ApiKey => Kind::ApiKey,
        })
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
            metadata.expires_at = parse_expiry(expires, now)?;
        }
        Ok(metadata)
    }
}

/// A time, a date, a time from now, or never.
pub fn parse_expiry(text: &str, now: Time) -> Result<Option<Time>> {
    if text == "never" {
        return Ok(None);
    }
    let at = if let Ok(time) = Time::parse(text) {
        Some(time)
    } else if let Ok(date) = text.parse::<NaiveDate>() {
        date.and_hms_opt(0, 0, 0).map(|time| Time::from(time.and_utc()))
    } else {
        let duration = humantime::parse_duration(text).ok().and_then(|duration| TimeDelta::from_std(duration).ok());
        duration.and_then(|duration| now.utc().checked_add_signed(duration)).map(Time::from)
    };
    match at {
        Some(at) if at > now => Ok(Some(at)),
        Some(_) => Err(Error::usage("--expires is in the past").hint("for example 90d, 12h, 2027-02-21, or never")),
        None => Err(Error::usage("--expires is no time").hint("for example 90d, 12h, 2027-02-21, or never")),
    }
}

//! The options that describe an item.

use super::moment;
use vault::Result;
use vault::actions::Stored;
use vault::item::{Deliver, Description, Kind, Metadata, Setting};
use vault::name::{VariableName, quoted};
use vault::time::Time;
use vault::words::moment as moment_text;

/// The options with which users describe an item.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MetadataArgs {
    /// Set the kind of the item
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Set a note; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Set when the value stops working: 90d, 12h, 2027-02-21 (in UTC), or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Name the issuer of an API key; an empty name removes it
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Set a tag to find the item by; may be repeated, and replaces the earlier tags
    #[arg(long = "tag", value_name = "WORD", value_delimiter = ',')]
    tags: Option<Vec<String>>,
    /// Remind after this many days that the value should be replaced; 0 for never
    #[arg(long, value_name = "DAYS")]
    rotate_after: Option<u32>,
    /// Choose how exec gives it to commands: as a variable, as a file that exists in memory only, with its path in NAME_FILE,
    /// or only when a command asks for it by name
    #[arg(long, value_name = "HOW", value_enum)]
    deliver: Option<DeliverArg>,
    /// Give it to commands in this variable, or put the path of its file there; an empty name restores the usual one
    #[arg(long = "as", value_name = "VAR")]
    variable: Option<String>,
}

/// How an item is delivered, as it is typed.
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

/// An item's kind, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KindArg {
    Secret,
    Variable,
    ApiKey,
}

impl KindArg {
    /// Returns the kind.
    pub fn kind(self) -> Kind {
        match self {
            Self::Secret => Kind::Secret,
            Self::Variable => Kind::Variable,
            Self::ApiKey => Kind::ApiKey,
        }
    }
}

impl MetadataArgs {
    /// Returns the description that these options give.
    pub fn description(&self, now: Time) -> Result<Description> {
        let Self { kind, note, expires, provider, tags, rotate_after, deliver, variable } = self.clone();
        let chosen = |text: String| match text.is_empty() {
            true => Ok(Setting::Clear),
            false => variable_name(&text).map(Setting::Set),
        };
        Ok(Description {
            kind: kind.map(KindArg::kind),
            note,
            expires: expires.map_or(Ok(Setting::Keep), |expires| moment::expiry(&expires, now).map(Setting::from))?,
            provider,
            tags,
            rotate_after,
            deliver: deliver.map(DeliverArg::deliver),
            variable: variable.map_or(Ok(Setting::Keep), chosen)?,
        })
    }
}

/// Parses the name for `--as`. The message may repeat it, because nobody passes a value there.
fn variable_name(text: &str) -> Result<VariableName> {
    VariableName::new(text).map_err(|error| {
        let message = format!("--as {}: {error}", quoted(text));
        error.reworded(message)
    })
}

/// Returns what a message adds about a value that was set: whether it is still due for replacement, when it expires,
/// and how commands get it.
pub fn details(item: &Stored) -> String {
    let due = if item.is_known { ", still due for replacement" } else { "" };
    let expires =
        item.metadata.expires_at.map_or(String::new(), |at| format!(", expires {}", moment_text(at, Time::now())));
    format!("{due}{expires}{}", delivery(item))
}

/// Says how commands get an item, unless they get it in the usual variable.
fn delivery(item: &Stored) -> String {
    let Metadata { deliver, variable, .. } = &item.metadata;
    match deliver {
        Deliver::Variable if variable.is_none() => String::new(),
        Deliver::Variable => format!(", for commands the variable {}", item.variable),
        Deliver::File => format!(", for commands a file whose path is in {}", item.variable),
        Deliver::None => ", kept from commands".to_owned(),
    }
}

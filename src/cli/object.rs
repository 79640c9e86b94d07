//! The data dictionary: the objects that `--json` prints and `vault schema` describes (DESIGN section 8).

use serde::Serialize;
use vault::item::{Item, Kind, Version as ItemVersion};
use vault::log::Line;
use vault::name::EnvironmentName;

/// An item of any kind. The value is there only where values were asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// Stays when the item is renamed.
    pub object_id: String,
    /// The user who created it.
    pub owner: String,
    /// Unique in its environment.
    pub name: String,
    /// The value: UTF-8 text, or base64 where `encoding` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// `secret`, `variable` or `api-key`.
    pub kind: &'static str,
    /// The environment's name.
    pub environment: String,
    /// Counts the values from 1.
    pub version: u32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// The user who changed it last.
    pub updated_by: String,
    /// Who issued an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When the value stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When a replacement is or was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_due: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Secret {
    /// An item without its value.
    pub fn new(environment: &EnvironmentName, item: &Item) -> Self {
        Self {
            object_id: item.id(environment),
            owner: item.owner.to_string(),
            name: item.name.to_string(),
            value: None,
            encoding: None,
            kind: item.metadata.kind.as_str(),
            environment: environment.to_string(),
            version: item.current.number,
            created_at: item.created_at.to_string(),
            updated_at: item.updated_at.to_string(),
            updated_by: item.updated_by.to_string(),
            provider: item.metadata.provider.clone(),
            expires_at: item.metadata.expires_at.map(|time| time.to_string()),
            rotate_due: item.due().map(|time| time.to_string()),
            note: item.metadata.note.clone(),
            tags: item.metadata.tags.clone(),
        }
    }

    /// The same with a value.
    pub fn with_value(mut self, value: &[u8]) -> Self {
        let (text, encoding) = text_of(value);
        (self.value, self.encoding) = (Some(text), encoding);
        self
    }
}

/// UTF-8 as it is, anything else as base64.
pub fn text_of(value: &[u8]) -> (String, Option<&'static str>) {
    use base64::Engine as _;
    match std::str::from_utf8(value) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (base64::engine::general_purpose::STANDARD.encode(value), Some("base64")),
    }
}

/// One value of an item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Counts the values from 1.
    pub version: u32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The user who set it.
    pub created_by: String,
    /// Whether it is the value now.
    pub current: bool,
    /// The value, where values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
}

impl Version {
    /// A version of an item, without its value.
    pub fn new(item: &Item, version: &ItemVersion) -> Self {
        Self {
            version: version.number,
            created_at: version.set_at.to_string(),
            created_by: version.set_by.to_string(),
            current: version.number == item.current.number,
            value: None,
            encoding: None,
        }
    }
}

/// An entry of the access log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessLog {
    /// The hash of the sealed entry.
    pub object_id: String,
    /// Its number in the log, from 1.
    pub number: u64,
    /// The names of the items.
    pub secrets: Vec<String>,
    /// Whose use it was.
    pub user: String,
    /// RFC 3339, UTC.
    pub access_time: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The command.
    pub action: String,
    /// Where one was concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The program that was run, or `vault`.
    pub program: String,
    /// The machine.
    pub host: String,
    /// The device's own name: 16 random bytes in hexadecimal.
    pub device: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: String,
    /// What the user gave as a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the log itself has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl AccessLog {
    /// An authentic entry.
    pub fn new(line: &Line) -> Self {
        let entry = &line.entry;
        Self {
            object_id: line.hash.to_string(),
            number: line.number,
            secrets: entry.items.clone(),
            user: line.user.to_string(),
            access_time: entry.time.to_string(),
            created_at: entry.time.to_string(),
            action: entry.action.word(),
            environment: entry.environment.clone(),
            program: entry.program.clone(),
            host: entry.host.clone(),
            device: line.device.clone(),
            outcome: entry.outcome.to_string(),
            reason: entry.reason.clone(),
            note: entry.note.clone(),
        }
    }
}

/// An environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Counts the saves since it was added.
    pub version: u32,
    /// How many items it has; only where this user may read it and it was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// Who may read.
    pub readers: Vec<String>,
    /// Who may write.
    pub writers: Vec<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// The user who saved it last.
    pub updated_by: String,
}

/// Something that `check` or `scan` found. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `missing`, `extra`, `empty`, `expired`, or `leak`.
    pub problem: &'static str,
    /// The environment's name.
    pub environment: String,
    /// The item's name.
    pub name: String,
    /// The file it was found in, or that needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// How the value is written there: `plain`, `line`, `base64`, `hex`, `url`, `json` or `shell`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The git commit that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Finding {
    /// A problem with an item, nowhere in particular.
    pub fn new(problem: &'static str, environment: &EnvironmentName, name: &str) -> Self {
        let (environment, name) = (environment.to_string(), name.to_owned());
        Self { problem, environment, name, file: None, line: None, encoding: None, commit: None }
    }
}

/// An error, on standard error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorObject {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// `failed`, `usage`, `not-found`, `unlock`, `denied`, `integrity` or `busy`.
    pub code: &'static str,
    /// The exit code.
    pub exit: u8,
    /// One line.
    pub message: String,
    /// What can be done.
    pub hint: Option<String>,
}

/// What lists show of a value: variables whole, the last 4 characters of long API keys, of secrets nothing.
pub fn shown(kind: Kind, value: &[u8]) -> String {
    const LONG: usize = 20;
    let text = String::from_utf8_lossy(value);
    match kind {
        Kind::Variable => text.into_owned(),
        Kind::ApiKey if text.chars().count() >= LONG => {
            let last: Vec<char> = text.chars().rev().take(4).collect();
            format!("…{}", last.into_iter().rev().collect::<String>())
        }
        Kind::Secret | Kind::ApiKey => "•••".to_owned(),
    }
}

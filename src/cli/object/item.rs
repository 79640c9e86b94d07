//! Items and their values.

use serde::Serialize;
use vault::item::{Item, Kind, Version as ItemVersion};
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

/// One value of an item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The item's, and the number.
    pub object_id: String,
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
    pub fn new(environment: &EnvironmentName, item: &Item, version: &ItemVersion) -> Self {
        Self {
            object_id: format!("{}/{}", item.id(environment), version.number),
            version: version.number,
            created_at: version.set_at.to_string(),
            created_by: version.set_by.to_string(),
            current: version.number == item.current.number,
            value: None,
            encoding: None,
        }
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
        Kind::Secret | Kind::ApiKey => HIDDEN.to_owned(),
    }
}

const HIDDEN: &str = "•••";

/// Whether lists show nothing of a value.
pub fn is_hidden(kind: Kind, value: &[u8]) -> bool {
    kind != Kind::Variable && shown(kind, value) == HIDDEN
}

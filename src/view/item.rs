//! Items and their values.

use crate::item::{Outline, VersionOutline};
use crate::name::EnvironmentName;
use serde::Serialize;

/// An item of any kind. It has its value only if values were requested.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// The item's id, which stays when the item is renamed.
    pub object_id: String,
    /// The user who created the item.
    pub owner: String,
    /// The item's name, unique in its environment.
    pub name: String,
    /// The value: UTF-8 text, or base64 if `encoding` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// `secret`, `variable` or `api-key`.
    pub kind: &'static str,
    /// How programs get the item: `variable`, `file` or `none`.
    pub deliver: &'static str,
    /// The variable with the value or with the path of its file, if it is not the default one.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The environment's name.
    pub environment: String,
    /// The number of the current value, from 1.
    pub version: u32,
    /// When the item was created: RFC 3339, UTC.
    pub created_at: String,
    /// When the item was last changed: RFC 3339, UTC.
    pub updated_at: String,
    /// The user who changed the item last.
    pub updated_by: String,
    /// The issuer of an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When the value stops working: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When the value is or was due for replacement: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_due: Option<String>,
    /// A note, as free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Tags to find the item by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Secret {
    /// Returns the object for an item without its value.
    pub fn new(environment: &EnvironmentName, item: Outline<'_>) -> Self {
        let metadata = item.metadata();
        Self {
            object_id: item.id(environment),
            owner: item.owner().to_string(),
            name: item.name().to_string(),
            value: None,
            encoding: None,
            kind: metadata.kind.as_str(),
            deliver: metadata.deliver.as_str(),
            variable: metadata.variable.as_ref().map(ToString::to_string),
            environment: environment.to_string(),
            version: item.current().number(),
            created_at: item.created_at().to_string(),
            updated_at: item.updated_at().to_string(),
            updated_by: item.updated_by().to_string(),
            provider: metadata.provider.clone(),
            expires_at: metadata.expires_at.map(|time| time.to_string()),
            rotate_due: item.due().map(|time| time.to_string()),
            note: metadata.note.clone(),
            tags: metadata.tags.clone(),
        }
    }

    /// Adds the value.
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
    /// The item's id and the number of the version.
    pub object_id: String,
    /// The number of the value, from 1.
    pub version: u32,
    /// When the value was set: RFC 3339, UTC.
    pub created_at: String,
    /// The user who set the value.
    pub created_by: String,
    /// Whether it is the current value.
    pub current: bool,
    /// The value, if values were requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
}

impl Version {
    /// Returns the object for a version of an item, without its value.
    pub fn new(environment: &EnvironmentName, item: Outline<'_>, version: VersionOutline<'_>) -> Self {
        Self {
            object_id: format!("{}-{}", item.id(environment), version.number()),
            version: version.number(),
            created_at: version.set_at().to_string(),
            created_by: version.set_by().to_string(),
            current: version.number() == item.current().number(),
            value: None,
            encoding: None,
        }
    }
}

/// Returns UTF-8 text as it is, and anything else as base64, with the name of the encoding.
pub fn text_of(value: &[u8]) -> (String, Option<&'static str>) {
    use base64::Engine as _;
    match std::str::from_utf8(value) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (base64::engine::general_purpose::STANDARD.encode(value), Some("base64")),
    }
}

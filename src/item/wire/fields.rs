//! The fields of items as they are written.

use crate::error::Result;
use crate::item::{Deliver, Kind, MAX_VALUE};
use crate::name::{UserName, VariableName};
use crate::secret::SecretBytes;
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Fields that most items have in common, for example after an import. Those items leave them out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Usual<'a> {
    pub updated_at: Time,
    #[serde(borrow)]
    pub updated_by: Text<'a>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    Base64,
}

/// Text that is borrowed even in an `Option`.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn owned(self) -> String {
        self.0.into_owned()
    }

    pub(super) fn variable(self) -> Result<VariableName> {
        VariableName::new(self.0)
    }

    pub(super) fn user(self) -> Option<UserName> {
        UserName::new(self.0).ok()
    }
}

/// An item. Default values are left out, because decoding is most of what `exec` does: the kind `secret`, version 1, a
/// derived id, and values equal to `updated_at` and `updated_by`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireItem<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    #[serde(default, skip_serializing_if = "is_secret")]
    pub kind: Kind,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub set_id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_due: Option<Time>,
    #[serde(default, skip_serializing_if = "is_variable")]
    pub deliver: Deliver,
    #[serde(borrow, default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub variable: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<WireVersion<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireVersion<'a> {
    pub version: u32,
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    pub set_at: Time,
    #[serde(borrow)]
    pub set_by: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub set_id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_due: Option<Time>,
}

fn first() -> u32 {
    1
}

// serde passes references.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_first(version: &u32) -> bool {
    *version == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_secret(kind: &Kind) -> bool {
    *kind == Kind::Secret
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_variable(deliver: &Deliver) -> bool {
    *deliver == Deliver::Variable
}

/// Decodes a value, which is text unless an encoding says otherwise.
pub(super) fn decode(text: Cow<'_, str>, encoding: Option<Encoding>) -> Option<SecretBytes> {
    let bytes = match encoding {
        None => text.into_owned().into_bytes(),
        Some(Encoding::Base64) => BASE64.decode(text.as_bytes()).ok()?,
    };
    (bytes.len() <= MAX_VALUE).then(|| SecretBytes::new(bytes))
}

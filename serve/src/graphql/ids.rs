//! The ids of objects: within their class, or among all objects of all classes, as Relay has them.

use crate::api::classes::Class;
use crate::api::object::Fields;
use crate::api::{ApiError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Returns the `id` argument.
pub fn id(arguments: &Fields) -> Result<String> {
    match arguments.get("id") {
        Some(Value::String(id)) => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err(ApiError::validation("id is required")),
    }
}

/// Makes a global id.
pub fn global_id(class: &str, id: &str) -> String {
    STANDARD.encode(format!("{class}:{id}"))
}

/// Returns the class and the id in a global id.
pub fn from_global_id(text: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let (class, id) = plain.split_once(':')?;
    Some((class.to_owned(), id.to_owned()))
}

/// Returns an object's id within its class, from its global id or from the id itself.
pub fn own_id(class: &dyn Class, id: &str) -> String {
    match from_global_id(id) {
        Some((named, id)) if named == class.schema().class => id,
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes::secret::SECRET;

    #[test]
    fn an_id_is_accepted_in_both_forms() {
        let global = global_id("Secret", "1");
        assert_eq!((&*global, &*own_id(&SECRET, &global), &*own_id(&SECRET, "1")), ("U2VjcmV0OjE=", "1", "1"));
        assert_eq!(own_id(&SECRET, &global_id("APIKey", "1")), global_id("APIKey", "1"));
        assert_eq!(from_global_id("x"), None);
    }
}

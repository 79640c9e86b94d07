//! Pagination with Relay's cursors and Parse's `skip`.

use crate::api::object::Fields;
use crate::api::{ApiError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The most objects in one list.
const MOST: usize = 1_000;
/// The prefix of a cursor, as in graphql-relay.
const PREFIX: &str = "arrayconnection:";

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub skip: usize,
    /// The number of objects; `None` if the query gives none.
    pub limit: Option<usize>,
    /// Whether the page counts from the end, so that the length must be known first.
    pub is_last: bool,
}

impl Page {
    /// Reads `skip`, `first`, `after`, `last` and `before` as Parse Server does.
    pub fn read(arguments: &Fields) -> Result<Self> {
        let mut skip = number(arguments, "skip")?.unwrap_or(0);
        if let Some(after) = place(arguments, "after")? {
            skip = skip.saturating_add(after).saturating_add(1);
        }
        let mut limit = number(arguments, "first")?;
        if let Some(before) = place(arguments, "before")? {
            let room = before.saturating_sub(skip);
            limit = Some(limit.map_or(room, |limit| limit.min(room)));
        }
        let mut is_last = false;
        if let Some(last) = number(arguments, "last")? {
            match limit {
                Some(limit) if last < limit => skip = skip.saturating_add(limit - last),
                Some(_) => {}
                None => is_last = last > 0,
            }
            limit = Some(limit.map_or(last, |limit| limit.min(last)));
        }
        Ok(Self { skip, limit: limit.map(|limit| limit.min(MOST)), is_last })
    }

    /// Returns the position at which the page begins in a list of `count` objects.
    pub fn begins(&self, count: usize) -> usize {
        match self.limit {
            Some(limit) if self.is_last => self.skip.max(count.saturating_sub(limit)),
            _ => self.skip,
        }
    }
}

/// Returns the cursor of a position.
pub fn cursor(place: usize) -> String {
    STANDARD.encode(format!("{PREFIX}{place}"))
}

fn number(arguments: &Fields, name: &str) -> Result<Option<usize>> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number.map(Some).ok_or_else(|| ApiError::query(format!("{name} must be a whole number, 0 or more")))
        }
    }
}

fn place(arguments: &Fields, name: &str) -> Result<Option<usize>> {
    let Some(value) = arguments.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let text =
        value.as_str().and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.as_deref().and_then(|text| text.strip_prefix(PREFIX)?.parse().ok());
    place.map(Some).ok_or_else(|| ApiError::query(format!("{name} is not a cursor of this server")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: &Value) -> Result<Page> {
        Page::read(json.as_object().unwrap())
    }

    #[test]
    fn pages_of_a_list_are_those_of_parse_server() {
        let page = |skip, limit, is_last| Page { skip, limit, is_last };
        for (json, wanted) in [
            (json!({}), page(0, None, false)),
            (json!({ "skip": 2, "first": 3 }), page(2, Some(3), false)),
            (json!({ "first": 0 }), page(0, Some(0), false)),
            (json!({ "first": 5000 }), page(0, Some(1000), false)),
            (json!({ "skip": 1, "after": cursor(4) }), page(6, None, false)),
            (json!({ "before": cursor(4) }), page(0, Some(4), false)),
            (json!({ "skip": 4, "before": cursor(4) }), page(4, Some(0), false)),
            (json!({ "first": 2, "before": cursor(4) }), page(0, Some(2), false)),
            (json!({ "first": 9, "before": cursor(4) }), page(0, Some(4), false)),
            (json!({ "first": 9, "last": 2 }), page(7, Some(2), false)),
            (json!({ "first": 2, "last": 9 }), page(0, Some(2), false)),
            (json!({ "last": 2 }), page(0, Some(2), true)),
            (json!({ "last": 0 }), page(0, Some(0), false)),
        ] {
            assert_eq!(read(&json).unwrap(), wanted, "{json}");
        }
        assert_eq!((page(0, Some(2), true).begins(9), page(0, Some(2), true).begins(1)), (7, 0));
        assert_eq!(page(3, Some(2), false).begins(9), 3);
        assert_eq!(cursor(0), "YXJyYXljb25uZWN0aW9uOjA=");
    }

    #[test]
    fn invalid_positions_in_a_list_are_refused() {
        for json in [
            json!({ "skip": -1 }),
            json!({ "first": 1.5 }),
            json!({ "last": "2" }),
            json!({ "after": "x" }),
            json!({ "before": 3 }),
        ] {
            assert_eq!(read(&json).unwrap_err().code as u16, 102, "{json}");
        }
    }
}

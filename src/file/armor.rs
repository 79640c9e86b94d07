use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// An armored age file. It is either a part of the text that it was read from, without a copy, or text of its own.
#[derive(Clone)]
pub struct Armor {
    text: Arc<String>,
    range: Range<usize>,
}

impl Armor {
    /// Returns `part` of `text`, without surrounding white space.
    pub(super) fn within(text: &Arc<String>, part: &str) -> Self {
        let part = part.trim();
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
        let range = start.map(|start| start..start + part.len());
        match range.filter(|range| text.get(range.clone()).is_some_and(|same| std::ptr::eq(same, part))) {
            Some(range) => Self { text: Arc::clone(text), range },
            // The TOML parser had to build the string from escapes, so it is not a part of the text.
            None => part.to_owned().into(),
        }
    }
}

impl From<String> for Armor {
    fn from(text: String) -> Self {
        Self { range: 0..text.len(), text: Arc::new(text) }
    }
}

impl Deref for Armor {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text[self.range.clone()]
    }
}

impl PartialEq for Armor {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Armor {}

impl fmt::Debug for Armor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

//! Hints: words for people, and among them the steps that vault offers, as a type.
//!
//! A step is not a command: the command line says `vault merge`, another program has a button. So each front end
//! supplies the words for the steps ([`Hint::worded`]).

use super::{Remedy, SystemStep};
use crate::redact;
use std::borrow::Cow;
use std::fmt;

/// What to do about an error: text with [`Remedy`]s in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(Cow<'static, [Part]>);

/// A piece of a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that is shown as it is.
    Text(Cow<'static, str>),
    /// A step that vault offers; the front end supplies its words.
    Remedy(Remedy),
}

impl Hint {
    /// A hint with these parts.
    #[must_use]
    pub const fn from_static(parts: &'static [Part]) -> Self {
        Self(Cow::Borrowed(parts))
    }

    /// Appends a part.
    #[must_use]
    pub fn then(mut self, part: impl Into<Part>) -> Self {
        self.0.to_mut().push(part.into());
        self
    }

    /// Appends another hint.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.to_mut().extend(other.0.into_owned());
        self
    }

    /// Joins hints, with `between` between them.
    #[must_use]
    pub fn joined(hints: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let mut all = Vec::new();
        for hint in hints {
            if !all.is_empty() {
                all.push(Part::from(between));
            }
            all.extend(hint.0.into_owned());
        }
        Self(all.into())
    }

    /// Returns the steps of the hint, in order.
    pub fn remedies(&self) -> impl Iterator<Item = &Remedy> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Remedy(remedy) => Some(remedy),
        })
    }

    /// Returns the hint as text, with the words that `words` returns for each step. A key is never shown.
    #[must_use]
    pub fn worded(&self, words: impl Fn(&Remedy) -> String) -> String {
        let mut text = String::new();
        for part in &*self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Remedy(remedy) => text.push_str(&words(remedy)),
            }
        }
        match redact::keys(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(redacted) => redacted,
        }
    }
}

impl fmt::Display for Hint {
    /// Writes the hint with the name of each step, and what it is about, in brackets: `[grant ben dev:read]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.worded(|remedy| {
            let arguments = remedy.arguments().into_iter().flat_map(|(_, texts)| texts);
            let words: Vec<String> = std::iter::once(remedy.word().to_owned()).chain(arguments).collect();
            format!("[{}]", words.join(" "))
        }))
    }
}

impl From<&'static str> for Part {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Cow<'static, str>> for Part {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

impl From<Remedy> for Part {
    fn from(remedy: Remedy) -> Self {
        Self::Remedy(remedy)
    }
}

impl From<SystemStep> for Part {
    fn from(step: SystemStep) -> Self {
        Self::Remedy(Remedy::System(step))
    }
}

impl<P: Into<Part>> From<P> for Hint {
    fn from(part: P) -> Self {
        Self(vec![part.into()].into())
    }
}

impl<A: Into<Part>, B: Into<Part>> From<(A, B)> for Hint {
    fn from((a, b): (A, B)) -> Self {
        Self::from(a).then(b)
    }
}

impl<A: Into<Part>, B: Into<Part>, C: Into<Part>> From<(A, B, C)> for Hint {
    fn from((a, b, c): (A, B, C)) -> Self {
        Self::from((a, b)).then(c)
    }
}

impl<A: Into<Part>, B: Into<Part>, C: Into<Part>, D: Into<Part>> From<(A, B, C, D)> for Hint {
    fn from((a, b, c, d): (A, B, C, D)) -> Self {
        Self::from((a, b, c)).then(d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_end_words_a_step_which_also_has_a_generic_name() {
        let hint = Hint::from(("merge both sides, item by item: ", Remedy::Merge));
        assert_eq!(hint.worded(|_| "press M".to_owned()), "merge both sides, item by item: press M");
        assert_eq!(hint.to_string(), "merge both sides, item by item: [merge]");
        assert_eq!(hint.remedies().collect::<Vec<_>>(), [&Remedy::Merge]);
        let both = Hint::joined([hint, "or ask a colleague".into()], "; ");
        assert_eq!(both.to_string(), "merge both sides, item by item: [merge]; or ask a colleague");
        let grant = Remedy::Grant { user: "ben".to_owned(), rights: "dev:read".to_owned() };
        assert_eq!(Hint::from(("to let ben read: ", grant)).to_string(), "to let ben read: [grant ben dev:read]");
    }

    #[test]
    fn hints_never_show_a_key() {
        let key = format!("AGE-SECRET-KEY-1{}", "Q".repeat(58));
        let hint = Hint::from((format!("is {key} a name? "), Remedy::Merge));
        let shown = hint.worded(|_| key.clone());
        assert!(!shown.contains("QQQQ") && shown.matches(redact::MARK).count() == 2, "{shown}");
    }
}

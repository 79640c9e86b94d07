//! Finds items by their names and metadata. Reads no value.

use super::{DueWindow, Kind, Outline};
use crate::error::Result;
use crate::name::{EnvironmentName, NamedItem, Pattern};
use crate::time::Time;

/// A search: the environments to search, and the patterns of names.
#[derive(Debug, Default)]
pub struct Search {
    /// The environments to search; all if empty.
    pub environments: Vec<EnvironmentName>,
    patterns: Vec<ItemPattern>,
}

/// A pattern such as `STRIPE*` or `prod/STRIPE*`.
type ItemPattern = NamedItem<Pattern, Pattern>;

/// Further conditions for an item.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The item is of one of these kinds; of any kind if empty.
    pub kinds: Vec<Kind>,
    /// The item has all of these tags.
    pub tags: Vec<String>,
    /// The value was set at this time or earlier.
    pub stale: Option<Time>,
    /// The value is due for replacement, now or soon.
    pub due: Option<DueWindow>,
}

impl Search {
    /// Parses words. A word that is the name of a known environment selects that environment, unless environments are
    /// already `named`. Every other word is a pattern.
    ///
    /// # Errors
    /// A usage error if a word is not a pattern.
    pub fn read(words: &[String], known: &[&EnvironmentName], named: &[EnvironmentName]) -> Result<Self> {
        let mut search = Self { environments: named.to_vec(), patterns: Vec::new() };
        for word in words {
            match known.iter().find(|known| named.is_empty() && known.as_str() == word) {
                Some(environment) if search.environments.contains(environment) => {}
                Some(environment) => search.environments.push((*environment).clone()),
                None => search.patterns.push(NamedItem::split(word).try_map(Pattern::exact, Pattern::part)?),
            }
        }
        Ok(search)
    }

    /// Whether the search has patterns.
    #[must_use]
    pub fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Whether a pattern has its own environments.
    #[must_use]
    pub(crate) fn looks_beyond(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.environment.is_some())
    }

    /// Whether the search finds an item.
    #[must_use]
    pub(crate) fn finds(&self, environment: &EnvironmentName, item: Outline<'_>) -> bool {
        let is_here = self.environments.is_empty() || self.environments.contains(environment);
        let reaches = |pattern: &ItemPattern| match &pattern.environment {
            Some(pattern) => pattern.matches(environment.as_str()),
            None => is_here,
        };
        if self.patterns.is_empty() {
            return is_here;
        }
        self.patterns.iter().any(|pattern| reaches(pattern) && pattern.name.matches(item.name().as_str()))
    }
}

impl Wanted {
    /// Whether an item meets all conditions.
    #[must_use]
    pub fn takes(&self, item: Outline<'_>) -> bool {
        let metadata = item.metadata();
        (self.kinds.is_empty() || self.kinds.contains(&metadata.kind))
            && self.tags.iter().all(|tag| metadata.tags.contains(tag))
            && self.stale.is_none_or(|stale| item.is_stale(stale))
            && self.due.is_none_or(|due| item.is_due(due.now) || item.is_due_soon(due))
    }

    /// Whether there is any condition.
    #[must_use]
    pub fn is_given(&self) -> bool {
        let Self { kinds, tags, stale, due } = self;
        !kinds.is_empty() || !tags.is_empty() || stale.is_some() || due.is_some()
    }
}

impl Outline<'_> {
    /// Whether the value has not changed since `then`. Changes of notes or tags don't count.
    #[must_use]
    pub(crate) fn is_stale(&self, then: Time) -> bool {
        self.current().set_at() <= then
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Content, Metadata};
    use crate::name::{ItemName, UserName};
    use crate::secret::SecretBytes;

    const SET: &str = "2026-11-01T00:00:00Z";
    const LATER: &str = "2026-11-20T00:00:00Z";

    fn environment(name: &str) -> EnvironmentName {
        EnvironmentName::new(name).unwrap()
    }

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    /// Returns a content with an item whose note was changed after its value.
    fn content(name: &str) -> Content {
        let (mia, name) = (UserName::new("mia").unwrap(), ItemName::new(name).unwrap());
        let mut content = Content::default();
        let metadata = Metadata {
            kind: Kind::ApiKey,
            tags: vec!["billing".to_owned(), "eu".to_owned()],
            expires_at: Some(time("2027-01-01T00:00:00Z")),
            ..Metadata::default()
        };
        let value = SecretBytes::from(b"value".to_vec());
        content.set(&name, value, &metadata, &mia, time(SET)).unwrap();
        let metadata = Metadata { note: Some("n".to_owned()), ..metadata };
        content.describe(&environment("dev"), &name, metadata, &mia, time(LATER)).unwrap();
        content
    }

    /// Whether the words find dev/STRIPE_KEY.
    fn finds(words: &[&str], named: &[&str]) -> bool {
        let (dev, prod) = (environment("dev"), environment("prod"));
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let named: Vec<_> = named.iter().map(|name| environment(name)).collect();
        let search = Search::read(&words, &[&dev, &prod], &named).unwrap();
        let content = content("STRIPE_KEY");
        content.items().values().all(|item| search.finds(&dev, item.outline()))
    }

    #[test]
    fn a_word_is_an_environment_or_a_name_pattern() {
        assert!(finds(&[], &[]) && finds(&["dev"], &[]) && finds(&["stripe"], &[]) && finds(&["dev", "*_KEY"], &[]));
        assert!(!finds(&["prod"], &[]) && !finds(&["prod", "stripe"], &[]) && !finds(&["aws"], &[]));
        assert!(finds(&["aws", "stripe"], &[]), "one matching word is enough");
        assert!(finds(&["stripe"], &["dev"]) && !finds(&["stripe"], &["prod"]));
        assert!(!finds(&["dev"], &["dev"]), "with -e, every word is a pattern");
    }

    #[test]
    fn a_pattern_with_a_slash_names_its_environment() {
        assert!(finds(&["dev/stripe"], &[]) && finds(&["d*/"], &[]) && finds(&["prod", "dev/*KEY"], &[]));
        assert!(finds(&["dev/stripe"], &["prod"]));
        assert!(!finds(&["prod/stripe"], &[]) && !finds(&["de/stripe"], &[]) && !finds(&["/stripe"], &[]));
    }

    #[test]
    fn filters_by_kind_and_tag_apply_together() {
        let content = content("A");
        let item = content.items().values().next().unwrap().outline();
        let takes = |kinds: &[Kind], tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Wanted { kinds: kinds.to_vec(), tags, ..Wanted::default() }.takes(item)
        };
        assert!(
            takes(&[], &[]) && takes(&[Kind::ApiKey, Kind::Secret], &[]) && takes(&[Kind::ApiKey], &["eu", "billing"])
        );
        assert!(!takes(&[Kind::Secret], &[]) && !takes(&[], &["eu", "us"]) && !takes(&[Kind::Secret], &["eu"]));
    }

    #[test]
    fn a_value_is_stale_by_its_own_age_whatever_else_changed() {
        let content = content("A");
        let item = content.items().values().next().unwrap().outline();
        assert!(item.updated_at() == time(LATER));
        assert!(item.is_stale(time(SET)) && item.is_stale(time(LATER)));
        assert!(!item.is_stale(time("2026-10-31T23:59:59Z")));
        let takes = |stale, due: Option<Time>| {
            let due = due.map(|now| DueWindow::new(now, std::time::Duration::from_secs(86_400)));
            Wanted { stale, due, ..Wanted::default() }.takes(item)
        };
        assert!(takes(Some(time(SET)), None) && !takes(Some(time("2026-10-01T00:00:00Z")), None));
        assert!(takes(None, Some(time("2026-12-31T12:00:00Z"))) && !takes(None, Some(time(LATER))));
    }
}

//! What is masked in the output: every secret that the command has or had, and how often each was masked.

use crate::cli::running::prepare::Prepared;
use std::collections::HashSet;
use std::sync::Arc;
use vault::item::{Injectable, Kind};
use vault_quick::search::{IN_OUTPUT, Searcher};

/// The secrets of a command across its restarts.
pub struct Secrets {
    /// The items, in the order in which the searcher numbers them.
    items: Vec<Injectable>,
    searcher: Arc<Searcher>,
    /// How often each item was masked, by name.
    tally: Vec<(String, u64)>,
}

impl Secrets {
    /// Takes all secrets that the command gets.
    pub fn new(prepared: &Prepared<'_>) -> Self {
        Self::from_items(secrets(prepared))
    }

    fn from_items(items: Vec<Injectable>) -> Self {
        Self { searcher: searcher(&items), items, tally: Vec::new() }
    }

    /// Returns a searcher for all of them.
    pub fn searcher(&self) -> Arc<Searcher> {
        Arc::clone(&self.searcher)
    }

    /// Adds values that have changed while the command runs. They are numbered after the old ones.
    pub fn add(&mut self, prepared: &Prepared<'_>) {
        let old = std::mem::take(&mut self.items);
        self.take(&old, &secrets(prepared));
    }

    /// Puts the values of a restarted command first, so that equal values count for their new names. The old values
    /// stay masked.
    pub fn renew(&mut self, prepared: &Prepared<'_>) {
        let old = std::mem::take(&mut self.items);
        self.take(&secrets(prepared), &old);
    }

    fn take(&mut self, first: &[Injectable], second: &[Injectable]) {
        let known: HashSet<(&str, &[u8])> = first.iter().map(|item| (item.name.as_str(), &*item.value)).collect();
        let others: Vec<_> =
            second.iter().filter(|item| !known.contains(&(item.name.as_str(), &*item.value))).collect();
        let items: Vec<_> = first.iter().chain(others).cloned().collect();
        self.searcher = searcher(&items);
        self.items = items;
    }

    /// Adds how often each value was masked in a stream that has ended.
    pub fn count(&mut self, counts: &[u64]) {
        for (item, count) in self.items.iter().zip(counts).filter(|(_, count)| **count > 0) {
            match self.tally.iter_mut().find(|(name, _)| item.name == **name) {
                Some((_, known)) => *known += count,
                None => self.tally.push((item.name.to_string(), *count)),
            }
        }
    }

    /// Says in words which items were masked and how often, or returns `None` if nothing was masked.
    pub fn summary(&self) -> Option<String> {
        let items: Vec<_> = self.tally.iter().map(|(name, count)| format!("{name} {}", times(*count))).collect();
        (!items.is_empty()).then(|| format!("masked: {}", items.join(", ")))
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// Returns the secrets that reach the command. The ones that an env file refers to come first, so that a value counts
/// for the vault's item and not for the variable that contains it.
fn secrets(prepared: &Prepared<'_>) -> Vec<Injectable> {
    let watched = prepared.watched.iter();
    let values = watched.flat_map(|watched| watched.referred.iter().chain(&watched.values));
    values.filter(|item| item.kind != Kind::Variable).cloned().collect()
}

fn searcher(items: &[Injectable]) -> Arc<Searcher> {
    Arc::new(Searcher::new(items.iter().map(|item| &*item.value), IN_OUTPUT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::secret::SecretBytes;

    fn item(name: &str, value: &str) -> Injectable {
        let value = SecretBytes::new(value.as_bytes().to_vec());
        Injectable::new(name, value)
    }

    fn names(secrets: &Secrets) -> Vec<&str> {
        secrets.items.iter().map(|item| item.name.as_str()).collect()
    }

    #[test]
    fn masked_values_are_counted_by_name_across_streams_and_restarts() {
        let mut secrets =
            Secrets::from_items(vec![item("A", "first-value"), item("B", "other-value"), item("C", "third-value")]);
        assert_eq!(secrets.summary(), None);
        secrets.count(&[]);
        secrets.count(&[0, 1]);
        assert_eq!(secrets.summary().unwrap(), "masked: B once");
        secrets.count(&[2, 1]);
        assert_eq!(secrets.summary().unwrap(), "masked: B twice, A twice");
        // A has a new value, and C is called D.
        let new = vec![item("A", "newer-value"), item("D", "third-value")];
        let old = std::mem::take(&mut secrets.items);
        secrets.take(&old, &new);
        assert_eq!(names(&secrets), ["A", "B", "C", "A", "D"]);
        let old = std::mem::take(&mut secrets.items);
        secrets.take(&new, &old);
        assert_eq!(names(&secrets), ["A", "D", "A", "B", "C"]);
        secrets.count(&[1, 1, 1]);
        assert_eq!(secrets.summary().unwrap(), "masked: B twice, A 4 times, D once");
    }
}

//! Notices changes of the vault, and describes what they mean for the command.

use crate::cli::running::on_change::OnChange;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use vault::item::Injectable;
use vault::ordered::Ordered as _;

/// The file's device, inode, modification time (seconds and nanoseconds), and size in bytes.
type Stamp = (u64, u64, i64, i64, u64);

/// Watches the vault's file by polling, which works on every file system.
pub struct Watch {
    path: PathBuf,
    pub on_change: OnChange,
    seen: Option<Stamp>,
    /// A new state of the file, which may still be changing.
    fresh: Option<Stamp>,
    /// A change that could not be read, and when that was.
    put_off: Option<(Stamp, Instant)>,
}

impl Watch {
    /// How often to look. The file must stay the same for this long before a change counts.
    pub const INTERVAL: Duration = Duration::from_millis(250);

    /// How soon to try again to read a change. Somebody may have unlocked the vault meanwhile.
    const AGAIN: Duration = Duration::from_secs(1);

    /// Starts to watch. Call it before the vault is read, so that no change in between is missed.
    pub fn new(path: PathBuf, on_change: OnChange) -> Self {
        let seen = stamp(&path);
        Self { path, on_change, seen, fresh: None, put_off: None }
    }

    /// Returns whether the file has changed since the last reported change, and has stopped changing.
    pub fn has_changed(&mut self) -> bool {
        // If the file doesn't exist, it is being replaced.
        let now = stamp(&self.path).filter(|now| self.seen != Some(*now)).filter(|now| !self.waits(now));
        let at_rest = now.is_some() && now == self.fresh;
        self.fresh = now;
        if at_rest {
            self.seen = now;
        }
        at_rest
    }

    /// Records that the change could not be read, so that it is reported again after a while. Returns whether this is
    /// the first time.
    pub fn put_off(&mut self) -> bool {
        let before = self.put_off.map(|(stamp, _)| stamp);
        let stamp = self.seen.take();
        self.put_off = stamp.map(|stamp| (stamp, Instant::now()));
        before != stamp
    }

    fn waits(&self, now: &Stamp) -> bool {
        self.put_off.is_some_and(|(stamp, since)| stamp == *now && since.elapsed() < Self::AGAIN)
    }
}

fn stamp(path: &PathBuf) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.size()))
}

/// Describes the difference by name. Returns `None` if the command would get the same.
pub fn difference(old: &[Injectable], new: &[Injectable]) -> Option<String> {
    let (old, new) = (by_name(old), by_name(new));
    let both = || new.iter().filter_map(|(name, now)| Some((*name, *old.get(name)?, *now)));
    let only = |one: &BTreeMap<&'_ str, &Injectable>, other: &BTreeMap<&str, &Injectable>| -> Vec<String> {
        one.keys().filter(|name| !other.contains_key(*name)).map(|name| (*name).to_owned()).collect()
    };
    let names = |differs: fn(&Injectable, &Injectable) -> bool| -> Vec<String> {
        both().filter(|(_, before, now)| differs(before, now)).map(|(name, ..)| name.to_owned()).collect()
    };
    let lists = [
        ("changed", names(|before, now| before.value != now.value)),
        // A variable that has become a secret must be masked from now on.
        ("changed the kind of", names(|before, now| before.value == now.value && before.kind != now.kind)),
        ("added", only(&new, &old)),
        ("removed", only(&old, &new)),
    ];
    let parts: Vec<_> = lists.iter().filter(|(_, names)| !names.is_empty()).collect();
    let parts: Vec<_> = parts.iter().map(|(what, names)| format!("{what} {}", names.join(", "))).collect();
    let text = parts.join("; ");
    let first = text.get(..1)?.to_uppercase();
    Some(format!("{first}{}", &text[1..]))
}

/// Indexes items by variable. If several items become the same variable, the last one wins.
fn by_name(items: &[Injectable]) -> BTreeMap<&str, &Injectable> {
    items.iter().map(|item| (item.name.as_str(), item)).ordered()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::item::Kind;
    use vault::secret::SecretBytes;

    fn item(name: &str, value: &str, kind: Kind) -> Injectable {
        let value = SecretBytes::new(value.as_bytes().to_vec());
        Injectable { kind, ..Injectable::new(name, value) }
    }

    #[test]
    fn differences_are_named_including_changes_of_kind() {
        let old = [item("A", "1", Kind::Secret), item("B", "2", Kind::Variable), item("C", "3", Kind::Secret)];
        assert_eq!(difference(&old, &old), None);
        let new = [item("A", "9", Kind::Secret), item("B", "2", Kind::Secret), item("D", "3", Kind::Secret)];
        let text = difference(&old, &new).unwrap();
        assert_eq!(text, "Changed A; changed the kind of B; added D; removed C");
        assert_eq!(difference(&old[..1], &[old[0].clone(), new[0].clone()]).unwrap(), "Changed A");
    }
}

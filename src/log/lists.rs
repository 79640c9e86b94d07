//! Writes long lists of items only once per segment. Otherwise every entry of a command that runs often and uses a whole
//! environment would repeat thousands of names.

use super::Entry;
use super::key::{LISTS, ListId};
use crate::secret::TextPart;
use crate::signature::write_hex;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// The size of the names, in bytes, from which a list gets an id. A shorter list takes little more room than its id.
const LONG: usize = 128;

/// Gives a long list its id, and removes the names from the entry if the segment already has them.
pub(super) fn shorten(entry: &mut Entry, known: &mut [ListId; LISTS]) {
    if entry.items.iter().map(|name| name.as_bytes().len() + 3).sum::<usize>() < LONG {
        return;
    }
    let id = id(&entry.items);
    entry.list = Some(hexadecimal(&id));
    if let Some(place) = known.iter().position(|list| *list == id) {
        entry.items.clear();
        known[..=place].rotate_right(1);
    } else {
        known.rotate_right(1);
        known[0] = id;
    }
}

/// Returns the first half of the SHA-256 hash of the names, each preceded by its length.
fn id(names: &[TextPart]) -> ListId {
    // Hash many names at once: thousands of small updates take longer than the hash itself.
    const PIECE: usize = 4096;
    let mut hasher = Sha256::new();
    let mut piece = Vec::with_capacity(PIECE);
    for name in names {
        let name = name.as_bytes();
        piece.extend_from_slice(&(name.len() as u64).to_be_bytes());
        piece.extend_from_slice(name);
        if piece.len() > PIECE - 512 {
            hasher.update(&piece);
            piece.clear();
        }
    }
    hasher.update(&piece);
    let digest: [u8; 32] = hasher.finalize().into();
    let mut id = ListId::default();
    id.copy_from_slice(&digest[..size_of::<ListId>()]);
    id
}

fn hexadecimal(id: &ListId) -> String {
    let mut text = String::new();
    let _ = write_hex(id, &mut text);
    text
}

/// The lists that the entries of a segment have named so far.
#[derive(Clone, Default)]
pub(super) struct Lists(HashMap<String, Arc<[TextPart]>>);

/// Where the names of an entry's items are.
pub(super) enum Names {
    /// In the entry itself.
    InEntry,
    /// In an earlier entry.
    Earlier(Arc<[TextPart]>),
    /// Nowhere, so the entry is not authentic: a writer leaves out only names that the segment already has.
    Missing,
}

impl Names {
    /// Returns the names that an earlier entry has.
    pub(super) fn earlier(self) -> Option<Arc<[TextPart]>> {
        match self {
            Self::Earlier(items) => Some(items),
            // The walk that verifies the log reports missing names.
            Self::InEntry | Self::Missing => None,
        }
    }
}

impl Lists {
    /// Records the list that an entry names, or finds the list that it refers to.
    pub(super) fn names_of(&mut self, entry: &Entry) -> Names {
        let Some(list) = &entry.list else { return Names::InEntry };
        if entry.items.is_empty() {
            return self.0.get(list).map_or(Names::Missing, |items| Names::Earlier(Arc::clone(items)));
        }
        if *list != hexadecimal(&id(&entry.items)) {
            return Names::Missing;
        }
        self.0.insert(list.clone(), entry.items.as_slice().into());
        Names::InEntry
    }
}

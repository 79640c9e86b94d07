//! Long lists of items are named once in a segment: what runs often and takes all items of an environment would otherwise
//! name thousands each time.

use super::Entry;
use super::key::{LISTS, ListId};
use crate::secret::TextPart;
use crate::signature::write_hex;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// From this many bytes of names on, the list is named. A shorter one takes little more than its id.
const LONG: usize = 128;

/// Gives a long list its id; leaves the names out where this segment has them already.
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

/// The first half of SHA-256 of the names, each behind its length.
fn id(names: &[TextPart]) -> ListId {
    // Many names at once: thousands of small pieces take longer than the hash.
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

/// The lists that the entries of one segment have named so far.
#[derive(Clone, Default)]
pub(super) struct Lists(HashMap<String, Arc<[TextPart]>>);

/// Where the names of an entry's items are.
pub(super) enum Named {
    /// In the entry itself.
    There,
    /// In one before it.
    Before(Arc<[TextPart]>),
    /// In none: nobody who writes the log leaves names out that it does not have.
    Nowhere,
}

impl Lists {
    /// Takes an entry's list in, or finds it.
    pub(super) fn names_of(&mut self, entry: &Entry) -> Named {
        let Some(list) = &entry.list else { return Named::There };
        if entry.items.is_empty() {
            return self.0.get(list).map_or(Named::Nowhere, |items| Named::Before(Arc::clone(items)));
        }
        if *list != hexadecimal(&id(&entry.items)) {
            return Named::Nowhere;
        }
        self.0.insert(list.clone(), entry.items.as_slice().into());
        Named::There
    }
}

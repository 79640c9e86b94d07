//! Reads git's index without git, to find out whether it may hold several sides of a file.

const SIGNATURE: &[u8] = b"DIRC";
/// The length of the index's header in bytes: signature, version and number of entries.
const HEADER: usize = 12;
/// The length of an entry's first part in bytes: times, device, inode, mode, owner and size.
const STAT: usize = 40;
const MOST_NAME: usize = 0xFFF;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;

/// Whether the index may have unmerged sides of this file. git has the last word: a false match only costs a call to git.
/// An index that can't be read counts as merged. `id` is the length of an object id in bytes.
pub(super) fn may_be_unmerged(index: &[u8], path: &[u8], id: usize) -> bool {
    let version = index.strip_prefix(SIGNATURE).and_then(|rest| number(rest, 0));
    match version {
        Some(2 | 3) => has_side(index, path),
        Some(4) => has_side_among_shortened(index, path, id).unwrap_or_default(),
        _ => false,
    }
}

/// Searches an index of version 2 or 3, in which a whole name follows its flags and ends with a zero.
fn has_side(index: &[u8], path: &[u8]) -> bool {
    let name = [path, &[0]].concat();
    memchr::memmem::find_iter(index, &name).any(|start| {
        let flags_before = |distance: usize| start.checked_sub(distance).and_then(|at| flags(index, at));
        let is_side = |flags: u16, is_extended: bool| {
            let is_of_length = usize::from(flags & 0xFFF) == path.len().min(MOST_NAME);
            is_of_length && flags & STAGE != 0 && (flags & EXTENDED != 0) == is_extended
        };
        flags_before(2).is_some_and(|flags| is_side(flags, false))
            || flags_before(4).is_some_and(|flags| is_side(flags, true))
    })
}

/// Searches an index of version 4, in which each name has only what differs from the previous one.
fn has_side_among_shortened(index: &[u8], path: &[u8], id: usize) -> Option<bool> {
    let (count, mut at, mut name) = (number(index, 8)?, HEADER, Vec::new());
    for _ in 0..count {
        let flags = flags(index, at + STAT + id)?;
        at += STAT + id + if flags & EXTENDED == 0 { 2 } else { 4 };
        let mut cut: usize = 0;
        loop {
            let byte = *index.get(at)?;
            at += 1;
            cut = cut.checked_mul(128)?.checked_add(usize::from(byte & 0x7F))?;
            if byte & 0x80 == 0 {
                break;
            }
            // The same encoding as the offsets in a pack.
            cut = cut.checked_add(1)?;
        }
        let end = at + memchr::memchr(0, index.get(at..)?)?;
        name.truncate(name.len().checked_sub(cut)?);
        name.extend_from_slice(&index[at..end]);
        at = end + 1;
        if flags & STAGE != 0 && name == path {
            return Some(true);
        }
    }
    Some(false)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn flags(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds an index of version 2 or 4 with these names and stages.
    fn index(version: u32, id: usize, entries: &[(&str, u16)]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &version.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
        let mut before = "";
        for (name, stage) in entries {
            let start = bytes.len();
            bytes.extend(vec![7; STAT + id]);
            bytes.extend((stage << 12 | name.len() as u16).to_be_bytes());
            if version == 4 {
                let shared = before.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
                let cut = before.len() - shared;
                if cut > 127 {
                    bytes.push(0x80 | ((cut >> 7) - 1) as u8);
                }
                bytes.push((cut & 127) as u8);
                bytes.extend(name[shared..].bytes().chain([0]));
            } else {
                bytes.extend(name.bytes());
                bytes.extend(vec![0; 8 - (bytes.len() - start) % 8]);
            }
            before = name;
        }
        bytes.extend([9; 20]);
        bytes
    }

    #[test]
    fn d6_the_sides_of_a_conflict_are_found_in_each_index_version() {
        let long = "l".repeat(300);
        for (version, id) in [(2, 20), (4, 20), (2, 32), (4, 32)] {
            let merged = index(version, id, &[("a", 0), (&long, 0), ("my/secrets.vault", 1), ("secrets.vault", 0)]);
            assert!(!may_be_unmerged(&merged, b"secrets.vault", id), "{version} {id}");
            assert!(may_be_unmerged(&merged, b"my/secrets.vault", id), "{version} {id}");
            let sides = index(version, id, &[(&long, 0), ("secrets.vault", 2), ("secrets.vault", 3), ("z", 0)]);
            assert!(may_be_unmerged(&sides, b"secrets.vault", id), "{version} {id}");
            assert!(!may_be_unmerged(&sides, b"vault", id) && !may_be_unmerged(&sides, b"z", id), "{version} {id}");
        }
    }

    #[test]
    fn an_invalid_or_truncated_index_gives_nothing_and_no_panic() {
        for version in [2, 4] {
            let whole = index(version, 20, &[("a", 0), ("secrets.vault", 2), ("secrets.vault", 3)]);
            for length in 0..whole.len() {
                may_be_unmerged(&whole[..length], b"secrets.vault", 20);
            }
            for (at, byte) in (0..whole.len()).flat_map(|at| [(at, 0), (at, 0xFF)]) {
                let mut other = whole.clone();
                other[at] = byte;
                may_be_unmerged(&other, b"secrets.vault", 20);
            }
        }
        assert!(!may_be_unmerged(b"", b"secrets.vault", 20) && !may_be_unmerged(b"DIRC", b"secrets.vault", 20));
    }
}

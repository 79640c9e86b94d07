//! Names that make a program load code, change where it finds programs or whom it trusts, or change what vault does.
//!
//! Without this check, somebody who may write one value of an environment could run code as everybody who uses `vault
//! exec`. Each change of a vault refuses items that would bring such a name into an environment, `exec` gives programs no
//! such variable, and `import` skips and reports these names, unless each name is allowed explicitly.

mod allowed;
mod families;
mod name;

use crate::settings::{READ_BY_LIBRARIES, Variable};
pub use allowed::{AllowedOnce, refusal};
use families::FAMILIES;
pub use name::DangerousName;

/// Why a name is dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Some program takes code, programs or trust from the variable.
    LoadsCode,
    /// vault reads the variable: a vault that the command starts would take its log, key or rules from it.
    SteersVault,
}

impl Danger {
    /// Returns what the variable does, as the end of a sentence about it.
    #[must_use]
    pub fn does(self) -> &'static str {
        match self {
            Self::LoadsCode => "can make a program load code",
            Self::SteersVault => "is a variable that vault itself reads",
        }
    }
}

/// Returns why an environment variable with this name is dangerous, if it is.
#[must_use]
pub fn danger(name: &str) -> Option<Danger> {
    let first = name.as_bytes().first()?;
    if !may_be_dangerous(name.as_bytes()) {
        return None;
    }
    let entries = bucket(*first).iter().chain(bucket(b'*'));
    entries.copied().find(|entry| entry.fits(name)).map(|entry| entry.danger)
}

/// Returns whether an environment variable with this name is dangerous.
#[must_use]
pub fn is_dangerous(name: &str) -> bool {
    danger(name).is_some()
}

/// A parsed pattern. It refers to its text by position in [`TEXT`]: a thousand references would have to be relocated at
/// every start of the program.
#[derive(Clone, Copy)]
struct Entry {
    /// Where the pattern starts in [`TEXT`].
    at: u16,
    /// How many characters are before the `*`, or in the whole pattern.
    start: u8,
    /// How many characters are after the `*`, if there is one.
    end: Option<u8>,
    any_case: bool,
    danger: Danger,
    /// The second character of `start` in upper case: most names differ there.
    second: Option<u8>,
}

impl Entry {
    const NONE: Self = Self { at: 0, start: 0, end: None, any_case: false, danger: Danger::LoadsCode, second: None };

    const fn new(pattern: &str, at: usize, any_case: bool, danger: Danger) -> Self {
        let bytes = pattern.as_bytes();
        let mut star = 0;
        while star < bytes.len() && bytes[star] != b'*' {
            star += 1;
        }
        assert!(bytes.len() < u8::MAX as usize && at < u16::MAX as usize, "these fit");
        let end = if star == bytes.len() { None } else { Some((bytes.len() - star - 1) as u8) };
        let mut index = star + 1;
        while index < bytes.len() {
            assert!(bytes[index] != b'*', "a pattern has at most one star");
            index += 1;
        }
        let second = if star > 1 { Some(bytes[1].to_ascii_uppercase()) } else { None };
        Self { at: at as u16, start: star as u8, end, any_case, danger, second }
    }

    fn fits(&self, name: &str) -> bool {
        if self.second.is_some() && self.second != name.as_bytes().get(1).map(u8::to_ascii_uppercase) {
            return false;
        }
        let (start, rest) = TEXT[usize::from(self.at)..].split_at(usize::from(self.start));
        let name = name.as_bytes();
        let same = |a: &[u8], b: &[u8]| if self.any_case { a.eq_ignore_ascii_case(b) } else { a == b };
        let Some(end) = self.end.map(|length| &rest[1..=usize::from(length)]) else { return same(name, start) };
        name.len() >= start.len() + end.len()
            && same(&name[..start.len()], start)
            && same(&name[name.len() - end.len()..], end)
    }
}

const COUNT: usize = {
    let (mut count, mut family) = (Variable::NAMES.len() + READ_BY_LIBRARIES.len(), 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].names.len();
        family += 1;
    }
    count
};

/// All patterns, those that load code first.
static ALL: [(&str, Entry); COUNT] = {
    let mut all = [("", Entry::NONE); COUNT];
    let (mut length, mut family, mut at) = (0, 0, 0);
    while family < FAMILIES.len() {
        let (names, any_case) = (FAMILIES[family].names, FAMILIES[family].any_case);
        let mut index = 0;
        while index < names.len() {
            all[length] = (names[index], Entry::new(names[index], at, any_case, Danger::LoadsCode));
            at += names[index].len();
            (length, index) = (length + 1, index + 1);
        }
        family += 1;
    }
    let lists = [Variable::NAMES, READ_BY_LIBRARIES];
    let mut list = 0;
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            let name = lists[list][index];
            all[length] = (name, Entry::new(name, at, false, Danger::SteersVault));
            at += name.len();
            (length, index) = (length + 1, index + 1);
        }
        list += 1;
    }
    all
};

/// The text of all patterns, one after the other.
static TEXT: [u8; LENGTH] = {
    let (mut text, mut index, mut at) = ([0; LENGTH], 0, 0);
    while index < COUNT {
        let pattern = ALL[index].0.as_bytes();
        let mut letter = 0;
        while letter < pattern.len() {
            text[at] = pattern[letter];
            (at, letter) = (at + 1, letter + 1);
        }
        index += 1;
    }
    text
};
const LENGTH: usize = {
    let (mut length, mut index) = (0, 0);
    while index < COUNT {
        length += ALL[index].0.len();
        index += 1;
    }
    length
};

/// The patterns sorted by their first letters, regardless of case, and where each letter's patterns start. Computed at
/// compile time, because every `exec` checks every item.
const SORTED: ([Entry; COUNT], [u16; 129]) = {
    let mut begins = [0; 129];
    let mut index = 0;
    while index < COUNT {
        begins[ALL[index].0.as_bytes()[0].to_ascii_uppercase() as usize + 1] += 1;
        index += 1;
    }
    let mut letter = 0;
    while letter < 128 {
        begins[letter + 1] += begins[letter];
        letter += 1;
    }
    let (mut sorted, mut next, mut index) = ([Entry::NONE; COUNT], begins, 0);
    while index < COUNT {
        let letter = ALL[index].0.as_bytes()[0].to_ascii_uppercase() as usize;
        sorted[next[letter] as usize] = ALL[index].1;
        next[letter] += 1;
        index += 1;
    }
    (sorted, begins)
};
static ENTRIES: [Entry; COUNT] = SORTED.0;
static BEGINS: [u16; 129] = SORTED.1;

/// For each first letter, regardless of case, the set of the patterns' second letters; and the set of the last letters
/// of patterns that start with a star. Almost no name of an item matches any of them.
const HINTS: ([u64; 128], u64) = {
    let (mut seconds, mut lasts, mut index) = ([0; 128], 0, 0);
    while index < COUNT {
        let (pattern, entry) = (ALL[index].0.as_bytes(), ALL[index].1);
        if pattern[0] == b'*' {
            lasts |= bit(pattern[pattern.len() - 1]);
        } else {
            let first = pattern[0].to_ascii_uppercase() as usize;
            seconds[first] |= match entry.second {
                Some(second) => bit(second),
                None => u64::MAX,
            };
        }
        index += 1;
    }
    (seconds, lasts)
};
static SECONDS: [u64; 128] = HINTS.0;
const LASTS: u64 = HINTS.1;

/// Returns the bit of a letter, regardless of case, in a set of letters.
const fn bit(letter: u8) -> u64 {
    1 << (letter.to_ascii_uppercase() & 63)
}

/// Returns whether any pattern could match the name.
fn may_be_dangerous(name: &[u8]) -> bool {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
    let seconds = SECONDS.get(usize::from(first.to_ascii_uppercase())).copied().unwrap_or_default();
    // A pattern of one letter and a star also matches the letter alone.
    let second = name.get(1).map_or(u64::MAX, |second| bit(*second));
    seconds & second != 0 || LASTS & bit(*last) != 0
}

/// Returns the patterns that start with this letter, regardless of case.
fn bucket(first: u8) -> &'static [Entry] {
    let letter = usize::from(first.to_ascii_uppercase());
    match BEGINS.get(letter..letter + 2) {
        Some(&[begin, end]) => &ENTRIES[usize::from(begin)..usize::from(end)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;

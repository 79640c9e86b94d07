//! Reads items for `exec` without a JSON parser, if the plaintext is as this program writes it. Most items are only a
//! name and a value, and parsing them would take longer than decrypting them.
//!
//! Whatever is read here means the same to the parser in `wire.rs`. A plaintext that is written in another way or is
//! wrong is left to that parser, errors included.

use super::fields::WireItem;
use super::light::{Light, injectable};
use super::plaintext::check;
use super::sound::{Items, Reduced as _, is_sound};
use crate::dangerous::danger;
use crate::item::variable::{longest_variable, variable_length};
use crate::item::{Deliver, Injectable, Injectables, MAX_VALUE, Place, variable_problem};
use crate::name::ItemName;
use crate::redact;
use crate::secret::Plaintext;
use vault_quick::plain::{self, Plain, Stop, has_control};
use zeroize::Zeroizing;

/// Reads the wanted items; `None` if anything is not as this program writes it.
pub(super) fn read(whole: &Plaintext, place: &Place<'_>, wanted: &dyn Fn(&str) -> bool) -> Option<Injectables> {
    // JSON allows no control character in a string, and this program writes none elsewhere.
    if has_control(whole.as_bytes()) {
        return None;
    }
    let begin = begin_of_items(whole, place)?;
    // Allocate the list once: growing would copy it and touch twice the memory. Each item has an opening brace.
    let most = memchr::memchr_iter(b'{', whole[begin..].as_bytes()).count();
    let items = Injectables { all: Vec::with_capacity(most), can_be_variables: true };
    let mut found = Found { whole, wanted, last: "", needs_usual: false, items };
    let end = found.read(begin)?;
    // The JSON around the items is parsed as usual.
    let around = Zeroizing::new([&whole[..begin], &whole[end..]].concat());
    let mut plaintext: super::plaintext::Plaintext<'_, Items<Light<'_>>> = serde_json::from_str(&around).ok()?;
    plaintext.items.need_usual = found.needs_usual;
    check(&plaintext, place).ok()?;
    plaintext.items.all.is_empty().then_some(found.items)
}

/// Returns the place of the first item, or of the closing bracket if there is none.
fn begin_of_items(text: &str, place: &Place<'_>) -> Option<usize> {
    let Place { vault, environment, version } = place;
    let rest = text.strip_prefix(&format!(r#"{{"id":"{vault}","environment":"{environment}","version":{version},"#))?;
    let rest = match rest.strip_prefix(r#""usual":{"#) {
        Some(usual) => usual.split_once("},")?.1,
        None => rest,
    };
    Some(text.len() - rest.strip_prefix(r#""items":["#)?.len())
}

/// The items read so far.
struct Found<'a> {
    whole: &'a Plaintext,
    wanted: &'a dyn Fn(&str) -> bool,
    last: &'a str,
    needs_usual: bool,
    items: Injectables,
}

impl<'a> Found<'a> {
    /// Reads all items from `begin` on, and returns the place of the closing bracket.
    fn read(&mut self, begin: usize) -> Option<usize> {
        let bytes = self.whole.as_bytes();
        let mut at = begin;
        if bytes.get(at) == Some(&b']') {
            return Some(begin);
        }
        loop {
            at = match plain::row(self.whole, at, &mut |item| self.take(&item).is_some()) {
                Stop::Refused => return None,
                Stop::End(end) => end,
                Stop::Other(at) => self.whole.len() - self.read_other(self.whole.get(at..)?)?.len(),
            };
            match bytes.get(at)? {
                b',' => at += 1,
                b']' => return Some(at),
                _ => return None,
            }
        }
    }

    /// Adds an item with only a name and a value; `None` if it is not valid.
    fn take(&mut self, item: &Plain<'a>) -> Option<()> {
        let (name, is_variable, length) = (item.name, item.is_variable, item.value.len());
        // The full check of a name refuses secret keys. A key used as a name would contain a hyphen or be long.
        let is_name = is_variable && name.len() < redact::INSIDE || ItemName::check(name).is_ok();
        if !is_name || length > MAX_VALUE || !self.follows(name) {
            return None;
        }
        self.needs_usual = true;
        if (self.wanted)(name) {
            // The same as `variable_problem` for a name of letters, digits and underscores, and a value without control characters.
            self.items.can_be_variables &= is_variable
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && danger(name).is_none()
                && longest_variable().is_none_or(|longest| variable_length(name, length) <= longest);
            let (name, value) = item.parts()?;
            self.items.all.push(Injectable::new(name, value));
        }
        Some(())
    }

    /// Parses an item with more fields. Returns the text after it.
    fn read_other(&mut self, text: &'a str) -> Option<&'a str> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<WireItem<'a>>();
        let wire = values.next()?.ok()?;
        let rest = &text[values.byte_offset()..];
        // A name that is not borrowed has escapes, which this program never writes in a name.
        let std::borrow::Cow::Borrowed(name) = wire.name else { return None };
        if !is_sound(&wire) || !self.follows(name) {
            return None;
        }
        self.needs_usual |= wire.updated_at.is_none() || wire.updated_by.is_none();
        if (self.wanted)(name) {
            let item = injectable(self.whole, Light::reduce(wire))?;
            let is_plain = item.deliver == Deliver::Variable && item.variable.is_none();
            self.items.can_be_variables &= is_plain && variable_problem(name, &item.value, || false).is_none();
            self.items.all.push(item);
        }
        Some(rest)
    }

    /// Whether the name is greater than the last one. Sorted names occur only once.
    fn follows(&mut self, name: &'a str) -> bool {
        let follows = self.last < name;
        self.last = name;
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse_injectables, write};
    use super::*;
    use crate::item::{Content, Kind, Metadata};
    use crate::name::{EnvironmentName, UserName, VariableName};
    use crate::secret::SecretBytes;
    use crate::signature::Hash;
    use crate::time::Time;
    use proptest::prelude::*;

    type Given = Vec<(String, Kind, Vec<u8>, Option<Time>, Deliver, Option<String>)>;

    fn with_place<T>(test: impl FnOnce(&Place<'_>) -> T) -> T {
        let dev = EnvironmentName::new("dev").unwrap();
        test(&Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 })
    }

    /// Returns plain items and others: of another kind, changed later, in base64, with escapes.
    fn content() -> Content {
        let (mia, zoe) = (UserName::new("mia").unwrap(), UserName::new("zoe").unwrap());
        let (then, now) = (Time::parse("2026-01-01T00:00:00Z").unwrap(), Time::parse("2026-01-02T00:00:00Z").unwrap());
        let mut content = Content::default();
        let mut set = |name: &str, value: &[u8], metadata: Metadata, by, at| {
            content.set(&ItemName::new(name).unwrap(), SecretBytes::new(value.to_vec()), &metadata, by, at).unwrap();
        };
        for name in ["A", "B.b", "C-c", "_D"] {
            set(name, b"one, {two}", Metadata::default(), &mia, then);
        }
        set("E", b"x\"y\\z\n", Metadata::default(), &mia, then);
        set("F", b"\xff", Metadata::default(), &mia, then);
        set("G", b"8080", Metadata { kind: Kind::Variable, ..Metadata::default() }, &mia, then);
        set("H", b"", Metadata { expires_at: Some(now), ..Metadata::default() }, &mia, then);
        set("I", b"pem", Metadata { deliver: Deliver::File, ..Metadata::default() }, &mia, then);
        let variable = VariableName::new("OTHER").ok();
        set("J", b"renamed", Metadata { variable, ..Metadata::default() }, &mia, then);
        set("A", b"newer", Metadata::default(), &zoe, now);
        content
    }

    fn given(items: Vec<Injectable>) -> Given {
        let fields = |item: Injectable| {
            let Injectable { name, kind, value, expires_at, deliver, variable } = item;
            (name.to_string(), kind, value.to_vec(), expires_at, deliver, variable.map(|name| name.to_string()))
        };
        items.into_iter().map(fields).collect()
    }

    /// Returns the result of each reader.
    fn both(json: &str, place: &Place<'_>) -> (Option<Given>, Option<Given>) {
        let whole = Plaintext::new(Zeroizing::new(json.as_bytes().to_vec())).unwrap();
        let wanted = |name: &str| name != "B.b";
        let quick = read(&whole, place, &wanted);
        let quick = quick.map(|items| given(items.all));
        (quick, parse_injectables(&whole, place, &wanted).ok().map(|items| given(items.all)))
    }

    fn json(content: &Content, place: &Place<'_>) -> String {
        String::from_utf8(write(content, place).to_vec()).unwrap()
    }

    #[test]
    fn contents_written_by_vault_are_read_without_a_json_parser() {
        with_place(|place| {
            for content in [content(), Content::default()] {
                let (quick, parsed) = both(&json(&content, place), place);
                assert!(quick.is_some() && quick == parsed, "{quick:?} {parsed:?}");
            }
        });
    }

    #[test]
    fn contents_that_the_parser_refuses_are_not_read() {
        with_place(|place| {
            let json = json(&content(), place);
            let changed = [
                (r#""dev""#, r#""ops""#),
                (r#""version":3"#, r#""version":4"#),
                (r#""name":"B.b""#, r#""name":"A""#),
                (r#""name":"B.b""#, r#""name":"-b""#),
                (r#""name":"B.b""#, r#""name":"""#),
                (r#"{two}""#, r#"{two}","value":"x""#),
                (r#"{two}""#, "{two}\n\""),
                (r#"{two}""#, r#"{two}","other":1"#),
                (r#""usual":"#, r#""unusual":"#),
                (r#""mia"},"#, r#""M!"},"#),
                (r#""anchors":{}"#, r#""anchors":{"laptop":1}"#),
                (r#""anchors":{}}"#, r#""anchors":{},"items":[]}"#),
                (r#""anchors":{}}"#, r#""anchors":{}}x"#),
                (r#""anchors":{}}"#, ""),
            ];
            for (from, to) in changed {
                let text = json.replacen(from, to, 1);
                assert_ne!(text, json, "{from}");
                assert_eq!(both(&text, place), (None, None), "{to}");
            }
        });
    }

    /// The longest variable in this test that an item can hold.
    fn longest() -> usize {
        longest_variable().unwrap_or(MAX_VALUE).min(MAX_VALUE)
    }

    proptest! {
        #[test]
        fn a_list_is_accepted_exactly_if_each_item_is(
            chosen in prop::sample::subsequence(vec![
                ("A", b"x".to_vec(), "", ""), ("B", b"\"\n".to_vec(), "", ""), ("_9", b"".to_vec(), "", ""),
                ("1A", b"x".to_vec(), "", ""), ("a.b", b"x".to_vec(), "", ""), ("LD_PRELOAD", b"x".to_vec(), "", ""),
                ("C", b"a\0b".to_vec(), "", ""), ("D", vec![b'x'; longest() - 3], "", ""),
                ("E", vec![b'x'; longest() - 2], "", ""), ("F", b"x".to_vec(), "file", ""),
                ("G", b"x".to_vec(), "none", ""), ("H", b"x".to_vec(), "", "OTHER"),
            ], 0..4),
        ) {
            with_place(|place| {
                let (mia, mut content) = (UserName::new("mia").unwrap(), Content::default());
                for (name, value, deliver, variable) in chosen {
                    let deliver = match deliver { "file" => Deliver::File, "none" => Deliver::None, _ => Deliver::Variable };
                    let metadata = Metadata { deliver, variable: VariableName::new(variable).ok(), ..Metadata::default() };
                    content.set(&ItemName::new(name).unwrap(), SecretBytes::new(value), &metadata, &mia, Time::now()).unwrap();
                }
                let whole = Plaintext::new(Zeroizing::new(json(&content, place).into_bytes())).unwrap();
                let items = read(&whole, place, &|_| true).unwrap();
                let fits = |item: &Injectable| {
                    item.outline().is_plain() && variable_problem(&item.name, &item.value, || false).is_none()
                };
                prop_assert_eq!(items.can_be_variables, items.all.iter().all(fits));
                Ok(())
            })?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn the_parser_reads_the_same(
            at in any::<prop::sample::Index>(),
            length in 0_usize..4,
            new in prop::sample::select(vec![
                "", "\"", "\\", "\\u0041", "\n", "\u{1f}", " ", "{", "}", "[", "]", ",", ":", "A", "é", "\u{7f}", "\"items\":[",
                r#"{"name":"A","value":"x"},"#, r#"{"name":"AA","value":"x"},"#, r#","kind":"variable""#,
            ]),
        ) {
            with_place(|place| {
                let json = json(&content(), place);
                let at = at.index(json.len());
                let end = (at + length).min(json.len());
                let (quick, parsed) = both(&format!("{}{new}{}", &json[..at], &json[end..]), place);
                prop_assert!(quick.is_none() || quick == parsed, "{quick:?} {parsed:?}");
                Ok(())
            })?;
        }
    }
}

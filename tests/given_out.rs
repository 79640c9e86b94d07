//! Lists the public functions of the library that return one of the types for values, passphrases and keys, the public
//! fields with one of these types, and the traits that these types implement. In the modules that hold values, it also
//! lists each function and field that gives text or bytes. The lists are here so that nobody adds one without noticing.
//! What `actions` gives is listed in its files, so that an action and its list are written together.

mod finding;
mod hidden;
mod lists;
mod stated;
mod text;

use crate::source::{self, Source};
use finding::{Sought, givers, implementations};
use hidden::compared_or_copied;
use lists::{
    COMPARED_OR_COPIED, IMPLEMENTED, LOGGED, NO_VALUE_OF_A_VAULT, OF_WHAT_WAS_LOGGED, OF_WHAT_WAS_READ, UNREAD,
};
use stated::Stated;
use std::collections::BTreeSet;
use text::{TEXT_OF_VALUES, TEXT_WITHOUT_VALUES};

/// The types that hold plaintext. A type that implements `Held` is an environment's whole content.
const PLAINTEXT: [&str; 35] = [
    "SecretBytes",
    "SecretString",
    "Strong",
    "SecretPart",
    "Zeroizing",
    "Content",
    "Item",
    "Version",
    "Injectable",
    "Held",
    "Handed",
    "Injected",
    "Written",
    "Taken",
    "Imported",
    "Draft",
    "OpenDraft",
    "LastChange",
    "Begun",
    "Listed",
    "Environment",
    "Sought",
    "Searcher",
    "EnvironmentDifference",
    "Reached",
    "Secret",
    "Generated",
    "Keys",
    "Identity",
    "Key",
    "PrivateKeys",
    "SigningKey",
    "HandedOver",
    "KeptText",
    "Credential",
];

/// The types that say something about a value, such as that it has a NUL or is large.
const TELLING: [&str; 4] = ["VariableProblem", "NotInjected", "LeftOut", "Uncarried"];

/// The types of text, besides `str`.
const TEXT: [&str; 7] = ["String", "OsString", "OsStr", "CString", "CStr", "Cow", "TextPart"];

/// The modules that hold values, besides `actions`.
const OF_VALUES: [&str; 12] =
    ["check", "diff", "draft", "format", "hook", "item", "merge", "scan", "template", "undo", "vault", "view"];

fn is_plaintext(words: &[String]) -> bool {
    words.iter().any(|word| PLAINTEXT.contains(&&**word))
}

/// Whether these words name bytes, or text that is made while the program runs.
fn is_text(words: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let before = if at > 0 { &*words[at - 1] } else { "" };
        match &**word {
            "str" => before != "static",
            "u8" => before == "[" || before == "Vec",
            word => TEXT.contains(&word),
        }
    })
}

/// Returns the files of the library, and of the workspace members with its basic types.
fn library() -> impl Iterator<Item = Source> {
    let members = ["quick", "values"].map(|name| source::of(&format!("{name}/src"), &[name.to_owned()]));
    let own = source::of("src", &[]).into_iter().filter(|source| source.module[0] != "cli");
    own.chain(members.into_iter().flatten())
}

/// Whether the file lists what it gives itself.
fn is_action(source: &Source) -> bool {
    source.module[0] == "actions"
}

/// Compares the findings with the lists.
#[track_caller]
fn is_listed(found: &BTreeSet<String>, lists: &[&[&str]]) {
    let listed: BTreeSet<String> = lists.concat().into_iter().map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "these are in no list: {new:#?}");
    let gone: Vec<_> = listed.difference(found).collect();
    assert!(gone.is_empty(), "these are in a list but no longer give plaintext or text: {gone:#?}");
}

#[test]
fn everything_that_gives_plaintext_is_listed() {
    let mut found = BTreeSet::new();
    for source in library().filter(|source| !is_action(source)) {
        givers(source.code, &source.module.join("::"), &is_plaintext, &mut |name| _ = found.insert(name));
    }
    is_listed(&found, &[LOGGED, UNREAD, OF_WHAT_WAS_READ, NO_VALUE_OF_A_VAULT]);
}

#[test]
fn everything_that_gives_text_in_modules_with_values_is_listed() {
    let mut found = BTreeSet::new();
    for source in library().filter(|source| OF_VALUES.contains(&&*source.module[0])) {
        // The fields of `view` are the data dictionary for programs. Its types that can hold a value count as
        // plaintext.
        let is_view = source.module[0] == "view";
        let mut add = |name: String| {
            let is_field =
                is_view && name.rsplit("::").nth(1).is_some_and(|owner| owner.starts_with(char::is_uppercase));
            if !is_field {
                found.insert(name);
            }
        };
        givers(source.code, &source.module.join("::"), &is_text, &mut add);
    }
    is_listed(&found, &[TEXT_OF_VALUES, TEXT_WITHOUT_VALUES]);
}

#[test]
fn each_file_of_actions_lists_what_it_gives() {
    let mut mistakes = Vec::new();
    for source in library().filter(is_action) {
        let found = |sought: Sought<'_>| {
            let mut found = BTreeSet::new();
            givers(source.code.clone(), "", sought, &mut |name| _ = found.insert(name[2..].to_owned()));
            found
        };
        let (plaintext, text) = (found(&is_plaintext), found(&is_text));
        for mistake in Stated::read(source.code.clone()).mistakes(&plaintext, &text) {
            mistakes.push(format!("{}: {mistake}", source.path.display()));
        }
    }
    assert!(mistakes.is_empty(), "see tests/given_out/stated.rs: {mistakes:#?}");
}

#[test]
fn every_trait_of_a_plaintext_type_is_listed() {
    let mut found = BTreeSet::new();
    for source in library() {
        implementations(source.code, &source.module.join("::"), &PLAINTEXT, &mut |name| _ = found.insert(name));
    }
    is_listed(&found, &[IMPLEMENTED]);
}

#[test]
fn every_type_with_hidden_plaintext_that_is_compared_or_copied_is_listed() {
    let is_hidden = |words: &[String]| is_plaintext(words) || words.iter().any(|word| word == "Digest");
    let mut found = BTreeSet::new();
    for source in library() {
        compared_or_copied(source.code, &source.module.join("::"), &is_hidden, &mut |name| _ = found.insert(name));
    }
    is_listed(&found, &[COMPARED_OR_COPIED]);
}

#[test]
fn everything_that_says_why_a_value_can_not_be_held_is_listed() {
    let tells = |words: &[String]| words.iter().any(|word| TELLING.contains(&&**word));
    let mut found = BTreeSet::new();
    // What a scan leaves out are files.
    for source in library().filter(|source| !source.module.iter().any(|module| module == "scan")) {
        givers(source.code, &source.module.join("::"), &tells, &mut |name| _ = found.insert(name));
    }
    is_listed(&found, &[OF_WHAT_WAS_LOGGED]);
}

#[test]
fn a_function_that_returns_plaintext_is_found_however_its_signature_is_written() {
    let code = "impl<'a, T: Into<Item>> A<'a, T> where T: B { pub fn yes(&self) -> Result<Vec<SecretBytes>> { pub_fn() } \
                pub(crate) fn ours(&self) -> SecretBytes {} pub fn takes(&self, value: SecretBytes) -> u8 {} } \
                pub fn calls<F: FnOnce(&u8) -> u8>(f: F, g: impl FnMut(&Content)) {} \
                pub fn names() -> impl Iterator<Item = &'static str> {} pub fn pair() -> (u8, Option<Item>); \
                impl C for d::E { fn private() -> Content {} } pub fn any<T: Held>() -> T {} mod f { pub fn g() -> Item {} }";
    let mut found = Vec::new();
    givers(code.parse().unwrap(), "m", &is_plaintext, &mut |name| found.push(name));
    assert_eq!(found, ["m::A::yes", "m::calls", "m::pair", "m::any", "m::g"]);
}

#[test]
fn a_public_field_that_holds_plaintext_is_found_in_structs_and_enums() {
    let code = "pub struct A<'a, T: Held> { /// Words.\n pub yes: Vec<(u8, &'a SecretBytes)>, pub other: BTreeMap<Name, u8>, \
                pub(crate) ours: Item, own: Item, pub item: u8, pub of: crate::item::Item } \
                pub struct B(pub u8, pub Option<Item>, Content); pub struct C; struct D { pub hidden: Item } \
                pub enum E { Item, F(u8, Content), G { value: SecretBytes, name: String }, Version(u32) } \
                pub(super) enum H { Of(Item) }";
    let mut found = Vec::new();
    givers(code.parse().unwrap(), "m", &is_plaintext, &mut |name| found.push(name));
    assert_eq!(found, ["m::A::yes", "m::A::of", "m::B::1", "m::E::F::1", "m::E::G::value"]);
}

#[test]
fn text_and_bytes_are_distinguished_from_static_words_and_numbers() {
    let code = "pub struct A { pub text: String, pub number: u8, pub bytes: Option<[u8; 2]>, pub word: &'static str } \
                impl A { pub fn bytes(&self) -> &'a [u8] {} pub fn kind(&self) -> Option<&'static str> {} \
                pub fn size() -> u8 {} pub fn all(&self) -> Vec<u8> {} pub fn name(&self) -> &str {} }";
    let mut found = Vec::new();
    givers(code.parse().unwrap(), "m", &is_text, &mut |name| found.push(name));
    assert_eq!(found, ["m::A::text", "m::A::bytes", "m::A::bytes", "m::A::all", "m::A::name"]);
}

#[test]
fn self_means_the_type_and_methods_of_a_public_trait_are_public() {
    let code = "impl Content { pub fn half(self) -> (Self, u8) {} } impl Other { pub fn new() -> Self {} } \
                pub trait Of { fn item(&self) -> &Item; fn name(&self) -> u8 { 1 } } trait Own { fn item(&self) -> Item; }";
    let mut found = Vec::new();
    givers(code.parse().unwrap(), "m", &is_plaintext, &mut |name| found.push(name));
    assert_eq!(found, ["m::Content::half", "m::Of::item"]);
}

#[test]
fn a_type_that_hides_plaintext_and_can_be_compared_or_copied_is_found() {
    let code = "#[derive(Debug, Clone)] pub struct A { pub name: u8, pub(crate) held: Vec<Item> } \
                #[derive(PartialEq)] /// Words.\n #[serde(x)] pub struct B<'a>(&'a Content); \
                #[derive(Clone)] pub struct C { pub item: Item, pub version: u8, note: u8 } \
                #[cfg_attr(test, derive(Clone))] pub struct D(Item); pub struct E(Item); \
                #[derive(Clone)] pub(super) struct F(Item); #[derive(Clone, Hash)] pub enum G { Of(Item) }";
    let mut found = Vec::new();
    compared_or_copied(code.parse().unwrap(), "m", &is_plaintext, &mut |name| found.push(name));
    assert_eq!(found, ["m: Clone for A", "m: PartialEq for B"]);
}

#[test]
fn written_and_derived_implementations_are_found() {
    let code = "#[derive(Debug, Clone, Serialize)] #[serde(deny_unknown_fields)] pub struct Item(u8); \
                #[derive(Serialize)] struct Other; impl fmt::Display for Item {} impl<'a> From<&'a Content> for Text {} \
                impl Drop for Item {} impl Item {} impl<T: Into<Item>> Deref for Box<T> {} impl Display for Other {}";
    let mut found = Vec::new();
    implementations(code.parse().unwrap(), "m", &PLAINTEXT, &mut |name| found.push(name));
    assert_eq!(found, ["m: Serialize for Item", "m: Display for Item", "m: From for Text", "m: Deref for Box"]);
}

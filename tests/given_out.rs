//! Which public functions of the library return one of the types that hold a value, a passphrase or a key, and which public
//! fields have one of these types. They are few and listed here, so that nobody adds one without noticing. A value that
//! leaves as a plain string or bytes, or through an implementation of a trait, is not seen here.

use crate::source::{self, is_group};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// The types that hold plaintext. What implements `Held` is an environment's whole content.
const PLAINTEXT: [&str; 24] = [
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
    "Listed",
    "Identity",
    "Key",
    "PrivateKeys",
    "SigningKey",
    "HandedOver",
    "KeptText",
    "Credential",
];

/// Those that return values of a vault. Each writes the access log's entry first.
const LOGGED: &[&str] = &[
    "actions::edit::Subject::begin",
    "actions::exec::plan::Plan::read",
    "actions::exec::plan::Plan::read_and_keep",
    "actions::export::Chosen::write",
    "actions::history::Found::read",
    "actions::hook::read",
    "actions::list::Found::read",
    "actions::references::References::want",
    "actions::render::Template::fill",
    "actions::rotate::Rotation::hand_over",
    "vault::drafts::Session::resume",
    "vault::merge::open::Session::read_conflict",
    "vault::unread::Session::read",
    "vault::unread::Session::read_all",
];

/// Those that return a part of what was read by one of these, or put it into another form.
const OF_WHAT_WAS_READ: &[&str] = &[
    "actions::exec::handed::Handed::files",
    "actions::exec::handed::Handed::items",
    "actions::exec::handed::Handed::stdin",
    "actions::exec::handed::Handing::take",
    "actions::exec::plan::Injected::handed",
    "actions::exec::plan::Injected::reach",
    "actions::exec::plan::Injected::referred",
    "actions::exec::plan::Injected::seen",
    "actions::exec::reached::Reached::seen",
    "actions::export::Written::masks",
    "actions::export::Written::text",
    "actions::get::Given::value",
    "actions::list::Listed::items",
    "actions::references::Referred::item",
    "actions::references::Referred::value",
    "draft::Draft::text",
    "format::export::Written::text",
    "format::export::github::masks",
    "format::export::write",
    "hook::script::Shell::set",
    "item::content::Content::item",
    "item::content::Content::items",
    "item::content::Content::remove",
    "item::injectable::Injectable::value",
    "item::json::Content::to_json",
    "item::stored::Item::current",
    "item::stored::Item::version",
    "item::stored::Item::versions",
    "item::stored::Version::value",
    "template::fill",
    "vault::compare::EnvironmentDifference::values",
];

/// Those that return, or take from a caller, what somebody typed or a file held in the clear, a new random value, or keys;
/// and drafts of roster changes, which have no value.
const NO_VALUE_OF_A_VAULT: &[&str] = &[
    "actions::import::chosen::Chosen::items",
    "actions::passwd::key",
    "actions::passwd::passphrase",
    "actions::piped::without_final_newline",
    "actions::recovery::renew",
    "actions::set::Change::value",
    "actions::user_add::add",
    "actions::user_renew::begin",
    "agent::kept::HandedOver::keep",
    "format::dotenv::parse",
    "format::import::read",
    "generate::Recipe::generate",
    "identity::Identity::keys",
    "identity::key::Key::to_text",
    "merge::items::conflict::Choice::Value::0",
    "merge::roster::Remade::draft",
    "passphrase::strong::Strong::text",
    "random::bytes",
    "roster::change::Statement::draft",
    "vault::asked::OpenAsked::identity",
    "vault::asked::OpenAsked::recovery",
    "vault::asked::Vault::ask_to_join",
    "vault::create::Creation::environments",
    "vault::join::Joining::passphrase",
    "vault::join::Joining::recovery",
    "vault::request::Requested::Added::0",
    "vault::seal::Keyring::keys",
    "vault::seal::Keyring::passphrase",
    "vault::session::Session::hand_over",
    "vault::unlock::Credential::Key::0",
    "vault::unlock::Credential::Passphrase::0",
    "vault::unlock::Vault::identity",
];

#[test]
fn whatever_gives_plaintext_is_in_a_list() {
    let mut found = BTreeSet::new();
    for source in source::of("src", &[]).into_iter().filter(|source| source.module[0] != "cli") {
        let module = source.module.join("::");
        givers(source.code, &module, &mut |name| _ = found.insert(name));
    }
    let listed: BTreeSet<String> =
        [LOGGED, OF_WHAT_WAS_READ, NO_VALUE_OF_A_VAULT].concat().into_iter().map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "these give plaintext and are in none of the lists: {new:#?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are in a list and give no plaintext: {gone:#?}");
}

/// Finds the public functions that return plaintext and the public fields that hold it, each with the module or type that
/// it belongs to.
fn givers(code: TokenStream, owner: &str, found: &mut dyn FnMut(String)) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "impl" => {
                let head = up_to_body(&mut tokens);
                let owner = format!("{}::{}", owner, type_of(&head));
                if let Some(TokenTree::Group(body)) = tokens.next() {
                    givers(body.stream(), &owner, found);
                }
            }
            // Not `pub(crate)`.
            TokenTree::Ident(word) if word == "pub" && !tokens.peek().is_some_and(is_parenthesis) => {
                let head = up_to_body(&mut tokens);
                let is_enum = head[0].to_string() == "enum";
                if is_enum || head[0].to_string() == "struct" {
                    let body = tokens.next_if(|token| is_group(token, Delimiter::Brace));
                    let body = body.or_else(|| head.iter().find(|token| is_parenthesis(token)).cloned());
                    let members = if is_enum { variants } else { fields };
                    members(body, &format!("{owner}::{}", head[1]), found);
                } else if let Some(at) = head.iter().position(|token| token.to_string() == "fn")
                    && returns_plaintext(&head[at + 2..])
                {
                    found(format!("{owner}::{}", head[at + 1]));
                }
            }
            TokenTree::Group(group) => givers(group.stream(), owner, found),
            _ => {}
        }
    }
}

/// Finds the public fields of a struct that hold plaintext.
fn fields(body: Option<TokenTree>, owner: &str, found: &mut dyn FnMut(String)) {
    for (number, member) in members(body).iter().enumerate() {
        if let [visibility, rest @ ..] = &member[..]
            && visibility.to_string() == "pub"
            && !rest.first().is_some_and(is_parenthesis)
        {
            field(number, rest, owner, found);
        }
    }
}

/// Finds the fields of an enum's variants that hold plaintext. All of them are public.
fn variants(body: Option<TokenTree>, owner: &str, found: &mut dyn FnMut(String)) {
    for variant in members(body) {
        let variant_name = format!("{owner}::{}", variant[0]);
        for (number, member) in members(variant.into_iter().nth(1)).iter().enumerate() {
            field(number, member, &variant_name, found);
        }
    }
}

/// Checks one field, after its visibility: `name: Type`, or only `Type`.
fn field(number: usize, field: &[TokenTree], owner: &str, found: &mut dyn FnMut(String)) {
    let mut words = Vec::new();
    add_words(field.iter().cloned(), &mut words);
    let has_name = matches!(field, [_, TokenTree::Punct(colon), ..] if colon.as_char() == ':' && colon.spacing() == Spacing::Alone);
    let name = if has_name { words.remove(0) } else { number.to_string() };
    if words.iter().any(|word| PLAINTEXT.contains(&&**word)) {
        found(format!("{owner}::{name}"));
    }
}

/// Returns the fields or variants in a body, without their attributes.
fn members(body: Option<TokenTree>) -> Vec<Vec<TokenTree>> {
    let Some(TokenTree::Group(body)) = body else { return Vec::new() };
    let mut tokens = Vec::new();
    let mut all = body.stream().into_iter();
    while let Some(token) = all.next() {
        match token.to_string() == "#" {
            true => _ = all.next(),
            false => tokens.push(token),
        }
    }
    let commas = outside_brackets(&tokens).filter(|(_, text)| text == ",").map(|(place, _)| place);
    let mut members = Vec::new();
    let mut begin = 0;
    for end in commas.chain([tokens.len()]) {
        members.extend(Some(tokens[begin.min(end)..end].to_vec()).filter(|member| !member.is_empty()));
        begin = end + 1;
    }
    members
}

type Tokens = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

fn is_parenthesis(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Parenthesis)
}

/// Takes the tokens before a body in braces, or before a semicolon.
fn up_to_body(tokens: &mut Tokens) -> Vec<TokenTree> {
    let mut head = Vec::new();
    while let Some(token) = tokens.next_if(|token| !is_group(token, Delimiter::Brace) && token.to_string() != ";") {
        head.push(token);
    }
    head
}

/// Returns the tokens outside angle brackets, each with its position.
fn outside_brackets(tokens: &[TokenTree]) -> impl Iterator<Item = (usize, String)> {
    let mut depth = 0_usize;
    let mut is_arrow = false;
    tokens.iter().enumerate().filter_map(move |(place, token)| {
        let text = if matches!(token, TokenTree::Group(_)) { "()".to_owned() } else { token.to_string() };
        let is_end = text == ">" && !is_arrow;
        is_arrow = text == "-";
        depth = (depth + usize::from(text == "<")).saturating_sub(usize::from(is_end));
        (depth == 0 && !is_end).then_some((place, text))
    })
}

/// Returns the type that an `impl` is for.
fn type_of(head: &[TokenTree]) -> String {
    let words = outside_brackets(head).map(|(_, text)| text).take_while(|text| text != "where");
    words.filter(|text| text.starts_with(char::is_alphabetic)).last().unwrap_or_default()
}

/// Returns whether a function with this signature, after its name, returns plaintext or passes it to a closure.
fn returns_plaintext(signature: &[TokenTree]) -> bool {
    let arguments = outside_brackets(signature).find(|(_, text)| text == "()").map(|(place, _)| place);
    let mut words = Vec::new();
    for (place, token) in signature.iter().enumerate() {
        if Some(place) == arguments {
            closures(token, &mut words);
        } else {
            add_words([token.clone()], &mut words);
        }
    }
    words.iter().any(|word| PLAINTEXT.contains(&&**word))
}

/// Adds the words in the arguments of closures that are passed as arguments.
fn closures(arguments: &TokenTree, words: &mut Vec<String>) {
    let TokenTree::Group(group) = arguments else { return };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    for pair in tokens.windows(2) {
        if matches!(&*pair[0].to_string(), "Fn" | "FnMut" | "FnOnce") {
            add_words([pair[1].clone()], words);
        }
    }
}

/// Adds the words in the tokens, and in their groups. In `Iterator<Item = ...>`, `Item` is no type of ours.
fn add_words(tokens: impl IntoIterator<Item = TokenTree>, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => add_words(group.stream(), words),
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Punct(mark) if mark.as_char() == '=' => _ = words.pop(),
            _ => {}
        }
    }
}

#[test]
fn a_function_that_returns_plaintext_is_found_however_its_signature_is_written() {
    let code = "impl<'a, T: Into<Item>> A<'a, T> where T: B { pub fn yes(&self) -> Result<Vec<SecretBytes>> { pub_fn() } \
                pub(crate) fn ours(&self) -> SecretBytes {} pub fn takes(&self, value: SecretBytes) -> u8 {} } \
                pub fn calls<F: FnOnce(&u8) -> u8>(f: F, g: impl FnMut(&Content)) {} \
                pub fn names() -> impl Iterator<Item = &'static str> {} pub fn pair() -> (u8, Option<Item>); \
                impl C for d::E { fn private() -> Content {} } pub fn any<T: Held>() -> T {} mod f { pub fn g() -> Item {} }";
    let mut found = Vec::new();
    givers(code.parse().unwrap(), "m", &mut |name| found.push(name));
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
    givers(code.parse().unwrap(), "m", &mut |name| found.push(name));
    assert_eq!(found, ["m::A::yes", "m::A::of", "m::B::1", "m::E::F::1", "m::E::G::value"]);
}

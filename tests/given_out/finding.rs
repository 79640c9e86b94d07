//! Finds public functions, fields and trait implementations in the library's code.

use crate::source::{is_group, is_parenthesis, outside_brackets, type_of, up_to_body};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Whether the words of a type, or of a function's return type, name a type that is searched for.
pub type Sought<'a> = &'a dyn Fn(&[String]) -> bool;

/// Finds the public functions that return such a type and the public fields that hold one, each with its module or
/// type.
pub fn givers(code: TokenStream, owner: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "impl" => {
                let head = up_to_body(&mut tokens);
                let owner = format!("{}::{}", owner, type_of(&head));
                if let Some(TokenTree::Group(body)) = tokens.next() {
                    givers(body.stream(), &owner, sought, found);
                }
            }
            // Not `pub(crate)`.
            TokenTree::Ident(word) if word == "pub" && !tokens.peek().is_some_and(is_parenthesis) => {
                let head = up_to_body(&mut tokens);
                if head[0].to_string() == "trait" {
                    methods(tokens.next(), &format!("{owner}::{}", head[1]), sought, found);
                    continue;
                }
                let is_enum = head[0].to_string() == "enum";
                if is_enum || head[0].to_string() == "struct" {
                    let body = tokens.next_if(|token| is_group(token, Delimiter::Brace));
                    let body = body.or_else(|| head.iter().find(|token| is_parenthesis(token)).cloned());
                    let members = if is_enum { variants } else { fields };
                    members(body, &format!("{owner}::{}", head[1]), sought, found);
                } else if let Some(at) = head.iter().position(|token| token.to_string() == "fn")
                    && sought(&returned(&head[at + 2..], owner))
                {
                    found(format!("{owner}::{}", head[at + 1]));
                }
            }
            TokenTree::Group(group) => givers(group.stream(), owner, sought, found),
            _ => {}
        }
    }
}

/// Finds the methods of a public trait that return such a type. They have no `pub`.
fn methods(body: Option<TokenTree>, owner: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    let Some(TokenTree::Group(body)) = body else { return };
    let mut tokens = body.stream().into_iter().peekable();
    while let Some(token) = tokens.next() {
        if token.to_string() == "fn" {
            let head = up_to_body(&mut tokens);
            if sought(&returned(&head[1..], owner)) {
                found(format!("{owner}::{}", head[0]));
            }
        }
    }
}

/// Finds the public fields of a struct.
fn fields(body: Option<TokenTree>, owner: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    for (number, member) in members(body).iter().enumerate() {
        if let [visibility, rest @ ..] = &member[..]
            && visibility.to_string() == "pub"
            && !rest.first().is_some_and(is_parenthesis)
        {
            field(number, rest, owner, sought, found);
        }
    }
}

/// Finds the fields of an enum's variants. All of them are public.
fn variants(body: Option<TokenTree>, owner: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    for variant in members(body) {
        let variant_name = format!("{owner}::{}", variant[0]);
        for (number, member) in members(variant.into_iter().nth(1)).iter().enumerate() {
            field(number, member, &variant_name, sought, found);
        }
    }
}

/// Checks one field, after its visibility: `name: Type`, or only `Type`.
fn field(number: usize, field: &[TokenTree], owner: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    let mut words = Vec::new();
    add_words(field.iter().cloned(), &mut words);
    let has_name = matches!(field, [_, TokenTree::Punct(colon), ..] if colon.as_char() == ':' && colon.spacing() == Spacing::Alone);
    let name = if has_name { words.remove(0) } else { number.to_string() };
    if sought(&words) {
        found(format!("{owner}::{name}"));
    }
}

/// Returns the fields or variants in a body, without their attributes.
pub fn members(body: Option<TokenTree>) -> Vec<Vec<TokenTree>> {
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

/// Returns the words of what a function with this signature, after its name, returns or passes to a closure. `Self`
/// becomes the type that the function belongs to.
fn returned(signature: &[TokenTree], owner: &str) -> Vec<String> {
    let arguments = outside_brackets(signature).find(|(_, text)| text == "()").map(|(place, _)| place);
    let mut words = Vec::new();
    for (place, token) in signature.iter().enumerate() {
        if Some(place) == arguments {
            closures(token, &mut words);
        } else {
            add_words([token.clone()], &mut words);
        }
    }
    let own = owner.rsplit("::").next().unwrap_or_default();
    words.into_iter().map(|word| if word == "Self" { own.to_owned() } else { word }).collect()
}

/// Adds the words in the arguments of closures that the function takes.
fn closures(arguments: &TokenTree, words: &mut Vec<String>) {
    let TokenTree::Group(group) = arguments else { return };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    for pair in tokens.windows(2) {
        if matches!(&*pair[0].to_string(), "Fn" | "FnMut" | "FnOnce") {
            add_words([pair[1].clone()], words);
        }
    }
}

/// Adds the words in the tokens and in their groups. A bracket counts as a word, so that bytes differ from a number. In
/// `Iterator<Item = ...>`, `Item` is not one of our types.
pub fn add_words(tokens: impl IntoIterator<Item = TokenTree>, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                words.extend(is_group(&TokenTree::Group(group.clone()), Delimiter::Bracket).then(|| "[".to_owned()));
                add_words(group.stream(), words);
            }
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Punct(mark) if mark.as_char() == '=' => _ = words.pop(),
            _ => {}
        }
    }
}

/// Finds the implementations of traits for one of these types, or for a type made from one of them, whether written or
/// derived. Traits that give nothing are left out, and so are derived ones that show no more than the fields do.
pub fn implementations(code: TokenStream, module: &str, types: &[&str], found: &mut dyn FnMut(String)) {
    let mut tokens = code.into_iter().peekable();
    let mut derived = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.next() {
                    derived.extend(derived_by(attribute.stream()));
                }
            }
            TokenTree::Ident(word) if word == "struct" || word == "enum" => {
                let name = tokens.peek().map(ToString::to_string).unwrap_or_default();
                if types.contains(&&*name) {
                    derived.iter().for_each(|one| found(format!("{module}: {one} for {name}")));
                }
                derived.clear();
            }
            TokenTree::Ident(word) if word == "impl" => {
                derived.clear();
                let written = implementation(&up_to_body(&mut tokens), types);
                written.into_iter().for_each(|one| found(format!("{module}: {one}")));
            }
            TokenTree::Group(group) => implementations(group.stream(), module, types, found),
            TokenTree::Ident(word) if word == "fn" || word == "mod" => derived.clear(),
            _ => {}
        }
    }
}

/// Returns the traits that an attribute derives, without those that show no more than the fields do.
fn derived_by(attribute: TokenStream) -> Vec<String> {
    const QUIET: [&str; 9] =
        ["Debug", "Clone", "Copy", "Default", "PartialEq", "Eq", "PartialOrd", "Ord", "Deserialize"];
    let mut words = Vec::new();
    add_words(attribute, &mut words);
    let Some(at) = words.iter().position(|word| word == "derive") else { return Vec::new() };
    let mut traits = words.split_off(at + 1);
    traits.retain(|word| word.starts_with(char::is_uppercase) && !QUIET.contains(&&**word));
    traits
}

/// Returns `Trait for Type`, if the head of an `impl` concerns one of these types.
fn implementation(head: &[TokenTree], types: &[&str]) -> Option<String> {
    const QUIET: [&str; 3] = ["Drop", "Default", "Clone"];
    let (at, _) = outside_brackets(head).find(|(_, text)| text == "for")?;
    let (implemented, owner) = (type_of(&head[..at]), type_of(&head[at + 1..]));
    let mut words = Vec::new();
    add_words(head.iter().cloned(), &mut words);
    let is_about = words.iter().any(|word| *word != implemented && types.contains(&&**word));
    (is_about && !QUIET.contains(&&*implemented)).then(|| format!("{implemented} for {owner}"))
}

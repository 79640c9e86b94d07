//! Finds public types with plaintext in private fields that can be compared or copied.

use super::finding::{Sought, add_words, members};
use crate::source::{is_group, is_parenthesis, up_to_body};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Comparing confirms a guess, and a copy is used once more than the log says.
const TRAITS: [&str; 4] = ["Clone", "PartialEq", "PartialOrd", "Hash"];

/// Finds the public structs that derive one of these traits and have such a type in a field that is not public. What
/// else a struct derives, or what an enum does, shows no more than its fields do.
pub fn compared_or_copied(code: TokenStream, module: &str, sought: Sought<'_>, found: &mut dyn FnMut(String)) {
    let mut tokens = code.into_iter().peekable();
    let mut derived: Vec<&str> = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.next() {
                    derived.extend(derived_by(attribute.stream()));
                }
            }
            TokenTree::Ident(word) if word == "pub" && !tokens.peek().is_some_and(is_parenthesis) => {
                let head = up_to_body(&mut tokens);
                if head[0].to_string() == "struct" {
                    let body = tokens.next_if(|token| is_group(token, Delimiter::Brace));
                    let body = body.or_else(|| head.iter().find(|token| is_parenthesis(token)).cloned());
                    if members(body).iter().any(|field| hides(field, sought)) {
                        derived.iter().for_each(|one| found(format!("{module}: {one} for {}", head[1])));
                    }
                }
                derived.clear();
            }
            TokenTree::Group(group) => {
                compared_or_copied(group.stream(), module, sought, found);
                derived.clear();
            }
            _ => {}
        }
    }
}

/// Whether a field with such a type is not public.
fn hides(field: &[TokenTree], sought: Sought<'_>) -> bool {
    let mut words = Vec::new();
    add_words(field.iter().cloned(), &mut words);
    let is_public = words.first().is_some_and(|word| word == "pub") && !field.get(1).is_some_and(is_parenthesis);
    !is_public && sought(&words)
}

/// Returns the traits of the list that an attribute derives outside of tests.
fn derived_by(attribute: TokenStream) -> Vec<&'static str> {
    let mut words = Vec::new();
    add_words(attribute, &mut words);
    let is_derive = words.first().is_some_and(|word| word == "derive");
    TRAITS.into_iter().filter(|one| is_derive && words.iter().any(|word| word == one)).collect()
}

//! Finds the paths in a Rust file. It reads tokens instead of syntax, because a path can also be in an attribute or in
//! the arguments of a macro.

use crate::source::is_group;
use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::iter::Peekable;

type Tokens = Peekable<IntoIter>;

/// Returns every path in the code of this module that begins with `crate` or `super`, as a path from the root of the crate.
pub fn read(code: TokenStream, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    walk(code, module, &mut found);
    found
}

fn walk(code: TokenStream, module: &[String], found: &mut Vec<Vec<String>>) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "mod" => {
                let name = tokens.next().unwrap().to_string();
                if let Some(body) = tokens.next_if(|next| is_group(next, Delimiter::Brace)) {
                    walk(body.into(), &[module, &[name]].concat(), found);
                }
            }
            TokenTree::Ident(word) if word == "crate" => follow(Vec::new(), &mut tokens, found),
            TokenTree::Ident(word) if word == "super" => follow(parent(module), &mut tokens, found),
            TokenTree::Group(group) => walk(group.stream(), module, found),
            _ => {}
        }
    }
}

fn parent(module: &[String]) -> Vec<String> {
    module[..module.len() - 1].to_vec()
}

/// Follows a path as long as a name or braces come after `::`.
fn follow(mut path: Vec<String>, tokens: &mut Tokens, found: &mut Vec<Vec<String>>) {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':');
    while tokens.next_if(is_colon).is_some() && tokens.next_if(is_colon).is_some() {
        match tokens.next_if(|next| matches!(next, TokenTree::Ident(_)) || is_group(next, Delimiter::Brace)) {
            Some(TokenTree::Group(branches)) => return branch(&path, branches.stream(), found),
            Some(word) if word.to_string() == "super" => path = parent(&path),
            Some(word) => path.push(word.to_string()),
            None => break,
        }
    }
    found.push(path);
}

/// Follows each of the paths in the braces of a `use`.
fn branch(path: &[String], branches: TokenStream, found: &mut Vec<Vec<String>>) {
    let mut tokens = branches.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // The name after `as` is a new one.
            TokenTree::Ident(word) if word == "as" => _ = tokens.next(),
            TokenTree::Ident(word) => follow([path, &[word.to_string()]].concat(), &mut tokens, found),
            _ => {}
        }
    }
}

#[test]
fn every_notation_of_a_path_is_found() {
    let code = "use crate::a::{b, c::{d as e, f}}; use super::super::g; pub(in crate::h) fn i() -> crate::j::K { } \
                #[arg(add = crate::l::m)] struct N; #[cfg(test)] mod tests { use crate::o; } use super::{self, p}; \
                mod q { use super::r; fn s() { t!(crate::u::v(), [super::super::w]) } } mod x; use crate::y as z;";
    let module = ["one", "two"].map(str::to_owned);
    let code = crate::source::without_tests(code.parse().unwrap());
    let found: Vec<String> = read(code, &module).iter().map(|path| path.join(" ")).collect();
    let expected =
        ["a b", "a c d", "a c f", "g", "h", "j K", "l m", "one self", "one p", "one two r", "u v", "one w", "y"];
    assert_eq!(found, expected);
}

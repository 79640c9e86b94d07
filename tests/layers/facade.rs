//! The file that connects a module's rooms, such as `mod.rs`. It re-exports names from the rooms, and may have code.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Facade {
    /// The names that it imports, each with the beginning of its path. Most are from a room, and most are re-exported.
    taken: BTreeMap<String, String>,
    /// The words in its code that aren't part of a longer path, and the first words of its paths.
    words: BTreeSet<String>,
    heads: BTreeSet<String>,
}

impl Facade {
    pub fn read(code: TokenStream) -> Self {
        let mut facade = Self::default();
        facade.walk(&code.into_iter().collect::<Vec<_>>());
        facade
    }

    /// Returns the room that the name after the module's name belongs to: a room itself, or the room of a re-exported
    /// name.
    pub fn room<'a>(&'a self, name: &'a str) -> &'a str {
        self.taken.get(name).map_or(name, String::as_str)
    }

    /// Whether it imports anything from a path that begins with this.
    pub fn takes_from(&self, beginning: &str) -> bool {
        self.taken.values().any(|from| from == beginning)
    }

    /// Whether the code of the facade uses the room. A re-export isn't a use.
    pub fn uses(&self, room: &str) -> bool {
        let mut taken = self.taken.iter().filter(|(_, from)| *from == room);
        self.heads.contains(room) || taken.any(|(name, _)| self.words.contains(name) || self.heads.contains(name))
    }

    fn walk(&mut self, code: &[TokenTree]) {
        let mut at = 0;
        while at < code.len() {
            match &code[at] {
                TokenTree::Ident(word) if word == "use" => {
                    let length = code[at..].iter().take_while(|token| token.to_string() != ";").count();
                    let path = &code[at + 1..at + length];
                    let names = names(path).into_iter().map(|name| (name, path[0].to_string()));
                    self.taken.extend(names);
                    at += length;
                }
                // The name of the definition.
                TokenTree::Ident(word) if word == "mod" => at += 1,
                TokenTree::Ident(_) if is_path(code, at) || at > 0 && is_mark(&code[at - 1], '.') => {}
                TokenTree::Ident(word) if is_path(code, at + 3) => _ = self.heads.insert(word.to_string()),
                TokenTree::Ident(word) => _ = self.words.insert(word.to_string()),
                TokenTree::Group(group) => self.walk(&group.stream().into_iter().collect::<Vec<_>>()),
                _ => {}
            }
            at += 1;
        }
    }
}

/// Whether `::` is before the token with this index.
fn is_path(code: &[TokenTree], at: usize) -> bool {
    at >= 2 && code.get(at - 2..at).is_some_and(|before| before.iter().all(|token| is_mark(token, ':')))
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// The names that a `use` of this path brings into scope.
fn names(path: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    for (at, token) in path.iter().enumerate() {
        match token {
            TokenTree::Group(group) => names.extend(self::names(&group.stream().into_iter().collect::<Vec<_>>())),
            TokenTree::Ident(word) if word == "as" || is_path(path, at + 3) => {}
            // The name after `as`.
            TokenTree::Ident(_) if path.get(at + 1).is_some_and(|next| next.to_string() == "as") => {}
            TokenTree::Ident(word) => names.push(word.to_string()),
            _ => {}
        }
    }
    names
}

#[test]
fn a_reexported_name_belongs_to_its_room_and_only_code_uses_a_room() {
    let code = "mod a; mod b; mod c; mod d; mod e; pub use a::{F, g::{H as I, j}}; pub use b::b; use c::K; pub use d::L; \
                fn m(n: K) { n.b(); n::a::F(); e::run() }";
    let facade = Facade::read(code.parse().unwrap());
    let rooms = ["F", "H", "I", "j", "b", "K", "L", "m"].map(|name| facade.room(name));
    assert_eq!(rooms, ["a", "H", "a", "a", "b", "c", "d", "m"]);
    let used = ["a", "b", "c", "d", "e"].map(|room| facade.uses(room));
    assert_eq!(used, [false, false, true, false, true]);
}

//! The project's own code as tokens, for the tests that check its structure.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// A Rust file, without its tests.
pub struct Source {
    pub path: PathBuf,
    /// The names of its module, from the root of the crate.
    pub module: Vec<String>,
    pub code: TokenStream,
}

/// Returns the files of a folder, which belongs to this module.
pub fn of(folder: &str, module: &[String]) -> Vec<Source> {
    let mut all = Vec::new();
    read(&path(folder), module, &mut all);
    all
}

/// The code of one file of this repository.
pub fn code(file: &str) -> TokenStream {
    without_tests(read_to_string(path(file)).unwrap().parse().unwrap())
}

/// Where a file or folder of this repository is.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the text of all Rust files in these folders, with their tests.
pub fn text(folders: &[&str]) -> String {
    let mut text = String::new();
    folders.iter().for_each(|folder| add_text(&path(folder), &mut text));
    text
}

fn add_text(folder: &Path, text: &mut String) {
    for entry in read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_text(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&read_to_string(&path).unwrap());
        }
    }
}

fn read(folder: &Path, module: &[String], all: &mut Vec<Source>) {
    let tests = test_modules(folder);
    for entry in read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if tests.contains(&name) {
            continue;
        }
        let mut module = module.to_owned();
        module.extend(Some(name).filter(|name| name != "mod"));
        if path.is_dir() {
            read(&path, &module, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = without_tests(read_to_string(&path).unwrap().parse().unwrap());
            all.push(Source { path, module, code });
        }
    }
}

/// Returns the names of the modules in a folder that are declared only for tests. A file's name isn't enough: `test.rs`
/// may be the code that tests a condition.
fn test_modules(folder: &Path) -> BTreeSet<String> {
    let inside = ["mod.rs", "lib.rs", "main.rs"].map(|file| folder.join(file));
    let mut names = BTreeSet::new();
    for declarations in [folder.with_extension("rs")].iter().chain(&inside).filter_map(|file| read_to_string(file).ok())
    {
        for after in declarations.split("#[cfg(test)]").skip(1) {
            let item = after.split([';', '{']).next().unwrap_or_default();
            let words: Vec<&str> = item.split_whitespace().collect();
            if let [.., "mod", name] = words[..] {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Removes the items after `#[cfg(test)]`.
pub fn without_tests(code: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let attribute = tokens.next_if(|next| is_group(next, Delimiter::Bracket));
                match attribute {
                    Some(attribute) if attribute.to_string().replace(' ', "") == "[cfg(test)]" => {
                        tokens.find(|token| is_group(token, Delimiter::Brace) || token.to_string() == ";");
                    }
                    attribute => kept.extend([TokenTree::Punct(mark)].into_iter().chain(attribute)),
                }
            }
            TokenTree::Group(group) => {
                let inner = Group::new(group.delimiter(), without_tests(group.stream()));
                kept.extend([TokenTree::Group(inner)]);
            }
            token => kept.extend([token]),
        }
    }
    kept
}

/// Returns whether this is a group in these brackets.
pub fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// Tokens that are read one by one.
pub type Tokens = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

/// Returns whether this is a group in parentheses.
pub fn is_parenthesis(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Parenthesis)
}

/// Takes the tokens before a body in braces, or before a semicolon.
pub fn up_to_body(tokens: &mut Tokens) -> Vec<TokenTree> {
    let mut head = Vec::new();
    while let Some(token) = tokens.next_if(|token| !is_group(token, Delimiter::Brace) && token.to_string() != ";") {
        head.push(token);
    }
    head
}

/// Returns the tokens outside angle brackets, each with its position.
pub fn outside_brackets(tokens: &[TokenTree]) -> impl Iterator<Item = (usize, String)> {
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
pub fn type_of(head: &[TokenTree]) -> String {
    let words = outside_brackets(head).map(|(_, text)| text).take_while(|text| text != "where");
    words.filter(|text| text.starts_with(char::is_alphabetic)).last().unwrap_or_default()
}

//! `messages.txt` lists every message of the program, so that changed wording shows up in review and all messages can
//! be read together.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const COMMITTED: &str = "tests/messages.txt";

/// The program's files by name, without tests.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let is_of_tests = stem == "tests" || stem.ends_with("_tests");
        if path.is_dir() && !is_of_tests {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_of_tests {
            found.push(path);
        }
    }
}

/// The texts for people in a piece of code, without attributes (and so without comments) and without test code.
fn texts(code: TokenStream, found: &mut Vec<String>) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                // `#![...]` is an attribute, too.
                tokens.next_if(|next| matches!(next, TokenTree::Punct(mark) if mark.as_char() == '!'));
                let attribute = tokens.next_if(|next| is_group(next, Delimiter::Bracket));
                if attribute.is_some_and(|attribute| attribute.to_string().replace(' ', "") == "[cfg(test)]") {
                    let ends = |token: &TokenTree| is_group(token, Delimiter::Brace) || token.to_string() == ";";
                    tokens.by_ref().find(ends);
                }
            }
            TokenTree::Group(group) => texts(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(prose(&literal).filter(|text| !found.contains(text))),
            _ => {}
        }
    }
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// The text of a literal if it has at least two words, on one line and with its escapes as written.
fn prose(literal: &Literal) -> Option<String> {
    let written = literal.to_string();
    let text = written.strip_prefix('"')?.strip_suffix('"')?;
    let lines: Vec<&str> = text.split("\\\n").map(str::trim_start).collect();
    let text = lines.concat();
    let words = text.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    (words.count() > 1).then(|| text.replace('\n', "\\n"))
}

#[test]
fn every_message_is_in_the_list_of_messages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "quick/src", "values/src", "serve/src"] {
        sources(&root.join(folder), &mut files);
    }
    files.sort();
    let mut list = String::new();
    for file in files {
        let code = std::fs::read_to_string(&file).unwrap();
        let mut found = Vec::new();
        texts(code.parse().unwrap(), &mut found);
        if !found.is_empty() {
            let lines = found.join("\n    ");
            writeln!(list, "{}\n    {lines}", file.strip_prefix(root).unwrap().display()).unwrap();
        }
    }
    let committed = root.join(COMMITTED);
    if std::env::var_os("VAULT_BLESS").is_some() {
        std::fs::write(&committed, &list).unwrap();
    }
    let is_same = std::fs::read_to_string(&committed).is_ok_and(|text| text == list);
    assert!(
        is_same,
        "{COMMITTED} is out of date: VAULT_BLESS=1 cargo test --test main messages, then read what changed"
    );
}

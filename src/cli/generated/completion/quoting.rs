//! How shells quote words.

use std::ffi::OsString;

/// Returns a candidate as a word of PowerShell. If necessary, it is put in single quotes; a typographic quote counts as
/// one (about_Quoting_Rules).
pub fn verbatim(candidate: &str) -> String {
    if candidate.chars().all(|c| c.is_alphanumeric() || "_-./:=+\\".contains(c)) {
        return candidate.to_owned();
    }
    let double = |c: char| std::iter::repeat_n(c, if "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { 2 } else { 1 });
    format!("'{}'", candidate.chars().flat_map(double).collect::<String>())
}

/// Returns a candidate that bash can insert in place of the typed word. bash itself closes open quotes.
pub fn quoted(candidate: &str, typed: &str) -> String {
    match typed.chars().next() {
        Some('\'') => candidate.replace('\'', r"'\''"),
        Some('"') => candidate.chars().flat_map(in_double_quotes).collect(),
        start => {
            // A typed tilde means the home directory. Any other tilde is a plain character.
            let (home, rest) = match candidate.split_once('/') {
                Some((home, rest)) if start == Some('~') && home.starts_with('~') => (format!("{home}/"), rest),
                _ => (String::new(), candidate),
            };
            home + &rest.chars().flat_map(with_backslash).collect::<String>()
        }
    }
}

fn in_double_quotes(c: char) -> Vec<char> {
    match c {
        '"' | '$' | '`' | '\\' => vec!['\\', c],
        // bash expands history in double quotes, and would keep a backslash before the `!`.
        '!' => "\"'!'\"".chars().collect(),
        _ => vec![c],
    }
}

fn with_backslash(c: char) -> Vec<char> {
    if c.is_alphanumeric() || "_-./,:@%+=".contains(c) { vec![c] } else { vec!['\\', c] }
}

/// Removes a word's quotes and backslashes, as a shell does. The last quotes may still be open.
pub fn unquoted(word: &OsString) -> OsString {
    let Some(text) = word.to_str().filter(|text| text.contains(['\'', '"', '\\'])) else { return word.clone() };
    let mut plain = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => plain.extend(chars.next()),
            (Some('"'), '\\') if chars.peek().is_some_and(|next| "\"$`\\".contains(*next)) => {
                plain.extend(chars.next());
            }
            _ => plain.push(c),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unquoting_a_quoted_word_gives_the_word_again() {
        for name in ["a b", "$(touch x)", "a;b", "`x`", "it's", "say \"hi\"", "a\\b", "!x", "~", "*?[", "é", "a:b=c"] {
            let word = OsString::from(name);
            assert_eq!(unquoted(&quoted(name, "").into()), word);
            assert_eq!(unquoted(&format!("'{}", quoted(name, "'")).into()), word);
            assert_eq!(unquoted(&format!("\"{}\"", quoted(name, "\"")).into()), word);
        }
    }

    #[test]
    fn powershell_gets_a_word_that_it_uses_literally() {
        assert_eq!(verbatim("./a-b.env"), "./a-b.env");
        assert_eq!(verbatim("$(x);it's\u{2019}"), "'$(x);it''s\u{2019}\u{2019}'");
    }

    #[test]
    fn a_tilde_means_the_home_directory_only_if_it_was_typed() {
        assert_eq!(quoted("~/a b", "~/a"), r"~/a\ b");
        assert_eq!(quoted("~/a", ""), r"\~/a");
    }

    #[test]
    fn an_unfinished_word_is_unquoted() {
        for (typed, word) in [(r"my\ f", "my f"), ("'my f", "my f"), ("\"my \\$f", "my $f"), ("a\\", "a"), ("x", "x")] {
            assert_eq!(unquoted(&typed.into()), OsString::from(word), "{typed}");
        }
    }
}

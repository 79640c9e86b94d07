//! What the files of `actions` say that they give. Each ends its own documentation with a list of the functions and
//! fields through which values or text leave it:
//!
//! ```text
//! - Gives values, after their log entry: `Found::read`
//! ```

use crate::source::is_group;
use proc_macro2::{Delimiter, TokenStream};
use std::collections::BTreeSet;

/// The lines for what gives values, and may give text as well.
const OF_VALUES: [&str; 3] =
    ["Gives values, after their log entry", "Gives parts of what was read", "Gives what comes from no vault"];
/// The line for names, words and other text that is no part of a value.
const WITHOUT_VALUES: &str = "Gives text without values";

/// The names in the list of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stated {
    pub of_values: BTreeSet<String>,
    pub without_values: BTreeSet<String>,
}

impl Stated {
    /// Reads a file's own documentation.
    pub fn read(code: TokenStream) -> Self {
        let documentation = documentation(code);
        let mut stated = Self::default();
        for line in documentation.split("\n - ").skip(1) {
            let (label, names) = line.split_once(':').unwrap_or_default();
            // Names are the words in backticks. The rest of the documentation comes after an empty line.
            let names = names.split("\n\n").next().unwrap_or_default();
            let names = names.split('`').skip(1).step_by(2).map(str::to_owned);
            if OF_VALUES.contains(&label) {
                stated.of_values.extend(names);
            } else if label == WITHOUT_VALUES {
                stated.without_values.extend(names);
            }
        }
        stated
    }

    /// Returns what is wrong with a statement, given what the file really gives.
    pub fn mistakes(&self, plaintext: &BTreeSet<String>, text: &BTreeSet<String>) -> Vec<String> {
        let mut mistakes = Vec::new();
        for name in plaintext.difference(&self.of_values) {
            mistakes.push(format!("{name} gives plaintext, and the list doesn't say so"));
        }
        for name in text.difference(plaintext) {
            if !self.of_values.contains(name) && !self.without_values.contains(name) {
                mistakes.push(format!("{name} gives text, and the list doesn't say so"));
            }
        }
        for name in self.of_values.union(&self.without_values) {
            if !plaintext.contains(name) && !text.contains(name) {
                mistakes.push(format!("{name} is in the list, but gives neither plaintext nor text"));
            }
        }
        mistakes
    }
}

/// Returns the text of the `//!` comments, with their lines.
fn documentation(code: TokenStream) -> String {
    let tokens: Vec<_> = code.into_iter().collect();
    let mut text = String::new();
    for window in tokens.windows(3) {
        let [hash, bang, attribute] = window else { continue };
        if hash.to_string() != "#" || bang.to_string() != "!" || !is_group(attribute, Delimiter::Bracket) {
            continue;
        }
        if let Some(line) = attribute.to_string().split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')) {
            text.push('\n');
            text.push_str(line.0);
        }
    }
    text
}

#[test]
fn a_files_list_is_read_whole_and_compared_with_what_the_file_gives() {
    let code = "//! Reading.\n//!\n//! - Another list: `no`\n//! - Gives values, after their log entry: `A::b`,\n//!   `c`\n\
                //! - Gives text without values: `D::name`\n//!\n//! More of `it`.\n";
    let stated = Stated::read(code.parse().unwrap());
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(stated, Stated { of_values: set(&["A::b", "c"]), without_values: set(&["D::name"]) });
    assert!(stated.mistakes(&set(&["A::b", "c"]), &set(&["A::b", "D::name"])).is_empty());
    // What gives a value is not text without values, whatever the list says.
    assert_eq!(stated.mistakes(&set(&["A::b", "c", "D::name"]), &set(&[])).len(), 1);
    assert_eq!(stated.mistakes(&set(&["A::b"]), &set(&["D::name", "D::new"])).len(), 2);
}

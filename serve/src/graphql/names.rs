//! The names that Parse Server makes from those of the classes.

use crate::api::classes::Class;

/// Returns the type name of a class.
pub fn type_name(class: &dyn Class) -> String {
    class.schema().class.trim_start_matches('_').to_owned()
}

/// Returns the name of the field that reads one object of a class.
pub fn single(class: &dyn Class) -> String {
    let name = type_name(class);
    let mut rest = name.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + rest.as_str())
}

/// Returns a word with its first letter in upper case.
pub fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes;

    #[test]
    fn names_are_those_of_parse_server() {
        let names = classes::ALL.map(single);
        let expected = ["user", "secret", "environmentVariable", "aPIKey", "secureVault", "environment", "accessLog"];
        assert_eq!(names, expected);
    }
}

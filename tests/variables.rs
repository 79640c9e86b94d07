//! What an environment variable means is decided in one place: one file of the library, the command line or the server
//! reads each variable. A table that says which variables to look at, without reading one, doesn't count.

use crate::source;
use std::collections::BTreeMap;

/// The methods of a variable that read the environment.
const READS: &[&str] = &["value", "filled", "text", "is_on"];

#[test]
fn each_variable_is_read_in_one_file() {
    let mut readers = BTreeMap::<String, Vec<String>>::new();
    for folder in ["src", "serve/src"] {
        for source in source::of(folder, &[]) {
            let code: String = source.code.to_string().split_whitespace().collect();
            for variable in read_in(&code) {
                let files = readers.entry(variable).or_default();
                let file = source.path.display().to_string();
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
    }
    assert!(readers["Env"].len() == 1 && readers.len() > 20, "the code is read as expected: {readers:?}");
    readers.retain(|_, files| files.len() > 1);
    assert!(readers.is_empty(), "let a function of `settings` say what it means: {readers:#?}");
}

/// Returns the variables that code without spaces reads.
fn read_in(code: &str) -> Vec<String> {
    let mut read = Vec::new();
    for after in code.split("Variable::").skip(1) {
        if let Some((variable, call)) = after.split_once('.')
            && READS.iter().any(|method| call.starts_with(&format!("{method}(")))
        {
            read.push(variable.to_owned());
        }
    }
    read
}

//! What an environment variable means is decided in one place: one file of the library, the command line or the server
//! reads each variable, and no other code passes one on to be read elsewhere.

use crate::source;
use std::collections::BTreeMap;
use vault::settings::Variable;

/// The methods of a variable that read the environment.
const READS: &[&str] = &["value", "filled", "text", "is_on"];

/// What code does with a variable.
#[derive(Debug, PartialEq, Eq)]
enum Usage {
    Read,
    /// It takes the variable's name.
    Named,
    /// It hands the variable to other code, which may read it.
    PassedOn,
}

#[test]
fn each_variable_is_read_in_one_file() {
    let mut readers = BTreeMap::<String, Vec<String>>::new();
    let mut passed_on = Vec::new();
    for folder in ["src", "serve/src"] {
        for source in source::of(folder, &[]) {
            let code: String = source.code.to_string().split_whitespace().collect();
            let file = source.path.display().to_string();
            for (variable, usage) in variables_in(&code) {
                match usage {
                    Usage::Read => {
                        let files = readers.entry(variable).or_default();
                        if !files.contains(&file) {
                            files.push(file.clone());
                        }
                    }
                    Usage::Named => {}
                    Usage::PassedOn if source.path.starts_with(source::path("src/settings")) => {}
                    Usage::PassedOn => passed_on.push(format!("{variable} in {file}")),
                }
            }
        }
    }
    assert!(readers["Env"].len() == 1 && readers.len() > 20, "the code is read as expected: {readers:?}");
    readers.retain(|_, files| files.len() > 1);
    assert!(readers.is_empty(), "let a function of `settings` say what it means: {readers:#?}");
    assert!(passed_on.is_empty(), "let a function of `settings` read it: {passed_on:#?}");
}

#[test]
fn no_variable_is_looked_up_by_name_in_the_whole_environment() {
    let mut looked_up = Vec::new();
    for source in ["src", "serve/src"].iter().flat_map(|folder| source::of(folder, &[])) {
        if !source.path.starts_with(source::path("src/settings")) {
            let code: String = source.code.to_string().split_whitespace().collect();
            looked_up.extend(names_sought(&code).map(|name| format!("{name} in {}", source.path.display())));
        }
    }
    assert!(looked_up.is_empty(), "let a function of `settings` read it: {looked_up:#?}");
}

#[test]
fn a_name_is_sought_in_the_statement_that_goes_through_the_environment() {
    let code = "for(name,_)insettings::environment(){ifname.starts_with(\"VAULT_\"){remove(\"A\");}}g(\"B\");
        environment().find(|(name,_)|name==\"C\").is_none();it.environment().is(\"D\");
        environment().any(|(name,_)|name==Variable::Pin.name());";
    assert_eq!(names_sought(code).collect::<Vec<_>>(), ["A", "C", "Variable::Pin"]);
}

#[test]
fn a_variable_is_read_named_or_passed_on() {
    let code =
        "if Variable::Env.filled().is_some(){f(Variable::Pin.name(),Variable::Term)}Deliver::Variable,Variable::NAMES";
    let found = variables_in(code);
    let expected = [("Env", Usage::Read), ("Pin", Usage::Named), ("Term", Usage::PassedOn)];
    assert_eq!(found, expected.map(|(variable, usage)| (variable.to_owned(), usage)));
}

/// Returns the variables in code without spaces, with what is done with them.
fn variables_in(code: &str) -> Vec<(String, Usage)> {
    let mut found = Vec::new();
    for after in code.split("Variable::").skip(1) {
        let end = after.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(after.len());
        let (variable, rest) = after.split_at(end);
        if !Variable::ALL.iter().any(|known| format!("{known:?}") == variable) {
            continue;
        }
        let is_called =
            |method: &str| rest.strip_prefix('.').is_some_and(|call| call.starts_with(&format!("{method}(")));
        let usage = if READS.iter().any(|method| is_called(method)) {
            Usage::Read
        } else if is_called("name") {
            Usage::Named
        } else {
            Usage::PassedOn
        };
        found.push((variable.to_owned(), usage));
    }
    found
}

/// Returns the names in statements that go through the whole environment, in code without spaces. A text that ends with
/// `_` is the beginning of many names.
fn names_sought(code: &str) -> impl Iterator<Item = String> {
    let (mut before, mut found) = ("", Vec::new());
    for after in code.split("environment()") {
        // A method of this name is about an environment of the vault.
        if !before.is_empty() && !before.ends_with('.') {
            let statement = after.split(';').next().unwrap_or_default();
            let texts = statement.split('"').skip(1).step_by(2);
            let is_name = |text: &&str| {
                text.chars().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_')
                    && text.ends_with(|sign| sign != '_')
            };
            found.extend(texts.filter(is_name).map(str::to_owned));
            let named = variables_in(statement).into_iter().filter(|(_, usage)| *usage == Usage::Named);
            found.extend(named.map(|(variable, _)| format!("Variable::{variable}")));
        }
        before = after;
    }
    found.into_iter()
}

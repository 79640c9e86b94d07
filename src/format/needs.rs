//! Finds the variables that a file needs: the names in a `.env.example`, what a compose file takes from the
//! environment, and `$NAME` and `${NAME}` in other data files.

mod compose;
mod need;
mod references;
mod yaml;

pub use need::Need;

use crate::error::Result;
use crate::format::dotenv::{self, Dialect};
use crate::format::kind::ending;
use crate::name::is_variable_name;
use crate::ordered::InOrder as _;
use std::collections::HashMap;

/// Returns what a file with this name needs. For `.yaml`, `.yml`, `.json` and `.toml` files (and `compose.yml.example`,
/// for example), these are the references in Docker Compose's syntax, in which `$$` is a dollar sign. Compose files
/// also need the variables that they pass through to a service under the same name. Any other file needs the names of a
/// `.env` file. Each name is returned once, at its first required use if it has one.
///
/// # Errors
/// Input that is not UTF-8, or a `.env` file with too many lines.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Vec<Need>> {
    let all = match ending(file_name).as_deref() {
        Some("yaml" | "yml") => {
            let text = dotenv::text(bytes)?;
            let mut needs = references::read(text);
            needs.extend(compose::passed_through(text));
            needs.order_by_key(|need| need.line);
            needs
        }
        Some("json" | "toml") => references::read(dotenv::text(bytes)?),
        _ => names(bytes)?,
    };
    Ok(each_once(all))
}

fn each_once(all: Vec<Need>) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for need in all {
        match places.get(&need.name) {
            None => {
                places.insert(need.name.clone(), needs.len());
                needs.push(need);
            }
            Some(place) if need.is_required && !needs[*place].is_required => needs[*place] = need,
            Some(_) => {}
        }
    }
    needs
}

/// Returns whether a file of this name is an example that projects keep next to the real file: `.env.example`,
/// `example.env`, `.env-sample`, `.env.dist`, `config.template.yaml`.
#[must_use]
pub(crate) fn is_example(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|part| ["example", "sample", "template", "tmpl", "dist"].contains(&part))
}

/// Returns the names in a `.env` file: those that it sets, and names alone on a line, which docker and Compose take
/// from the environment.
fn names(bytes: &[u8]) -> Result<Vec<Need>> {
    let source = dotenv::text(bytes)?;
    let document = dotenv::document(source, Dialect::Node)?;
    let set = document.effective_entries().map(|entry| (entry.key().to_owned(), entry.entry().key_span().start));
    let alone =
        document.items().filter(|item| item.entry().is_none_or(|entry| entry.value().is_none())).flat_map(|item| {
            let start = item.content_span().start;
            let lines = item.raw().split_inclusive('\n').scan(start, |at, line| {
                let begins = *at;
                *at += line.len();
                Some((line.trim(), begins))
            });
            let names =
                lines.map(|(line, at)| (without_comment(line.strip_prefix("export ").unwrap_or(line).trim()), at));
            names.filter(|(name, _)| is_variable_name(name)).map(|(name, at)| (name.to_owned(), at)).collect::<Vec<_>>()
        });
    let mut found: Vec<(String, usize)> = set.chain(alone).collect();
    found.order_by_key(|(_, at)| *at);
    let lines = super::lines::Lines::new(source);
    Ok(found.into_iter().map(|(name, at)| Need { name, line: lines.number_at(at), is_required: true }).collect())
}

/// Returns the name in `NAME # where to get it`, a form that people use in examples.
fn without_comment(line: &str) -> &str {
    match line.split_once(char::is_whitespace) {
        Some((name, rest)) if rest.trim_start().starts_with('#') => name,
        _ => line,
    }
}

#[cfg(test)]
mod tests;

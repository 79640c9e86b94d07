//! Finds the variables that a compose file passes through from the environment under the same name: names without a
//! value in a service's `environment` or `build.args`, and the variables that secrets and configs are taken from.

use super::Need;
use super::yaml::{Content, Document, Key};
use crate::name::is_variable_name;
use std::collections::HashSet;

/// The most variables that are reported.
const MAX_NEEDS: usize = 200_000;

/// Returns the variables that are passed through. A file that is not valid YAML, such as a template, passes nothing
/// through.
pub(super) fn passed_through(text: &str) -> Vec<Need> {
    let Some(document) = Document::parse(text) else { return Vec::new() };
    let mut search = Search { document: &document, needs: Vec::new(), left: document.budget() };
    search.services();
    search.sources("secrets");
    search.sources("configs");
    search.needs
}

struct Search<'d> {
    document: &'d Document,
    needs: Vec<Need>,
    /// How many more entries may be read. Aliases let a small file repeat a large group without limit.
    left: usize,
}

/// An entry of a mapping: its key, and the number of its value.
type Entry<'d> = (&'d Key, usize);

impl<'d> Search<'d> {
    fn services(&mut self) {
        for service in self.each_of(self.document.root(), "services") {
            let entries = self.entries(service);
            if let Some(environment) = value_of(&entries, "environment") {
                self.names_alone(environment);
            }
            if let Some(build) = value_of(&entries, "build")
                && let Some(args) = self.named(build, "args")
            {
                self.names_alone(args);
            }
        }
    }

    fn sources(&mut self, kind: &str) {
        for source in self.each_of(self.document.root(), kind) {
            if let Some(variable) = self.named(source, "environment") {
                self.add_text(variable);
            }
        }
    }

    /// Returns the values of the entries in the mapping that has this name.
    fn each_of(&mut self, mapping: usize, name: &str) -> Vec<usize> {
        let Some(named) = self.named(mapping, name) else { return Vec::new() };
        self.entries(named).into_iter().map(|(_, value)| value).collect()
    }

    /// Returns the value that a mapping has for this name.
    fn named(&mut self, mapping: usize, name: &str) -> Option<usize> {
        value_of(&self.entries(mapping), name)
    }

    /// Adds the names without a value in a list (`- NAME`) or a mapping (`NAME:`).
    fn names_alone(&mut self, node: usize) {
        if let Content::List(nodes) = &self.document.node(node).content {
            for node in nodes.iter().take(self.left) {
                self.add_text(*node);
            }
            self.left = self.left.saturating_sub(nodes.len());
        }
        for (key, value) in self.entries(node) {
            if matches!(self.document.node(value).content, Content::Nothing) {
                self.add(&key.name, key.line);
            }
        }
    }

    /// Returns the entries of a mapping, and those that `<<` merges into it (<https://yaml.org/type/merge.html>). Where a
    /// name repeats, the first one counts: the mapping's own, then the one of the mapping that is merged first.
    fn entries(&mut self, mapping: usize) -> Vec<Entry<'d>> {
        let (mut entries, mut names) = (Vec::new(), HashSet::new());
        let (mut visited, mut waiting) = (HashSet::new(), vec![mapping]);
        while let Some(mapping) = waiting.pop() {
            let Content::Map(members) = &self.document.node(mapping).content else { continue };
            if !visited.insert(mapping) || members.len() > self.left {
                continue;
            }
            self.left -= members.len();
            for (key, value) in members {
                match &self.document.node(*value).content {
                    Content::Map(_) if key.name == "<<" => waiting.push(*value),
                    Content::List(merged) if key.name == "<<" => {
                        let first = merged.iter().take(self.left);
                        self.left -= first.len();
                        waiting.extend(first.rev());
                    }
                    _ if names.insert(&key.name) => entries.push((key, *value)),
                    _ => {}
                }
            }
        }
        entries
    }

    fn add_text(&mut self, node: usize) {
        let node = self.document.node(node);
        if let Content::Text(name) = &node.content {
            self.add(name, node.line);
        }
    }

    fn add(&mut self, name: &str, line: usize) {
        if is_variable_name(name) && self.needs.len() < MAX_NEEDS {
            self.needs.push(Need { name: name.to_owned(), line, is_required: true });
        }
    }
}

/// Returns the value that the entries have for this name.
fn value_of(entries: &[Entry<'_>], name: &str) -> Option<usize> {
    entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn names(text: &str) -> Vec<String> {
        passed_through(text).into_iter().map(|need| need.name).collect()
    }

    #[test]
    fn variables_merged_into_a_service_count_as_its_own() {
        let common = "x-common: &common\n  environment:\n    TOKEN:\n  build:\n    args: [VERSION]\n";
        assert_eq!(names(&format!("{common}services:\n  web:\n    <<: *common\n")), ["TOKEN", "VERSION"]);
        assert_eq!(
            names(&format!("{common}services:\n  web:\n    <<: [*common]\n    environment: [PORT]\n")),
            ["PORT", "VERSION"]
        );
    }

    /// Otherwise, a large file would exceed the number of entries that may be read.
    #[test]
    fn the_entries_of_a_service_are_read_once() {
        let document =
            Document::parse("services:\n  web:\n    environment: [A]\n    build:\n      args: [B]\n").unwrap();
        // The document, the services, the two of web, A, the arguments, and B.
        let mut search = Search { document: &document, needs: Vec::new(), left: 7 };
        search.services();
        assert_eq!(search.needs.iter().map(|need| &*need.name).collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn a_value_of_its_own_replaces_a_merged_name() {
        let base = "x-env: &env\n  TOKEN:\n  PORT:\n";
        assert_eq!(
            names(&format!("{base}services:\n  web:\n    environment:\n      <<: *env\n      PORT: 80\n")),
            ["TOKEN"]
        );
    }

    /// Whoever writes the file must not be able to stop `vault check` in a pipeline, nor crash it.
    #[test]
    fn long_or_doubling_chains_of_merges_end() {
        let mut chain = "x-0: &a0\n  TOKEN:\n".to_owned();
        let mut doubling = chain.clone();
        for number in 1..30_000 {
            let before = number - 1;
            writeln!(chain, "x-{number}: &a{number}\n  <<: *a{before}").unwrap();
            if number < 64 {
                writeln!(doubling, "x-{number}: &a{number}\n  <<: [*a{before}, *a{before}]").unwrap();
            }
        }
        let service = |last: usize| format!("services:\n  web:\n    environment:\n      <<: *a{last}\n");
        assert_eq!(names(&(chain + &service(29_999))), ["TOKEN"]);
        assert_eq!(names(&(doubling + &service(63))), ["TOKEN"]);
    }

    /// Each service reads the large group through an alias.
    #[test]
    fn a_large_group_shared_by_many_services_is_read_only_up_to_a_limit() {
        let mut text = "x-env: &env\n".to_owned();
        (0..5_000).for_each(|number| _ = writeln!(text, "  NAME_{number}:"));
        text.push_str("services:\n");
        (0..5_000).for_each(|number| _ = writeln!(text, "  web{number}:\n    environment: *env"));
        assert_eq!(names(&text).len(), MAX_NEEDS);
    }
}

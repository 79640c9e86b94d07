//! Checks whether an environment has what a project needs, and reports what is missing, empty, expired or unused, and
//! what expires soon. No value is returned: only whether it is empty matters.

use crate::format::needs::Need;
use crate::item::{Content, Deliver, DueWindow, Item};
use crate::time::Time;
use std::borrow::Cow;
use std::collections::HashSet;

/// What an environment is compared with.
pub struct Rules<'a> {
    /// The files, by name, with the names that each needs. Without files, nothing is missing and nothing is extra.
    pub needs: &'a [(String, Vec<Need>)],
    /// Returns whether an item may have this name. A name that `import` deliberately leaves out is not missing.
    pub allows: &'a dyn Fn(&str) -> bool,
    /// Whether it is a fault if no file names an item.
    pub no_extra: bool,
    /// How far ahead an expiry is announced.
    pub window: DueWindow,
}

/// A problem with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A file needs the item, but the environment lacks it.
    Missing {
        /// The index of the file among those that were compared.
        file: usize,
        /// The number of the line, from 1.
        line: usize,
        /// Whether an item has this name, but commands get it in another variable, as a file or not at all.
        is_given_otherwise: bool,
    },
    /// The value is empty.
    Empty,
    /// The value expired at this time.
    Expired(Time),
    /// The value will expire soon, at this time.
    Expiring(Time),
    /// No file names the item.
    Extra,
}

impl Problem {
    /// Returns the word for the problem.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Empty => "empty",
            Self::Expired(_) => "expired",
            Self::Expiring(_) => "expiring",
            Self::Extra => "extra",
        }
    }
}

/// An item and its problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The item's name; there may be no such item.
    pub name: String,
    /// The problem.
    pub problem: Problem,
    /// Whether it has to be fixed; otherwise it is a note.
    pub is_fault: bool,
}

impl Rules<'_> {
    /// Returns the findings about an environment: first the missing items in the order of the files, then the others by
    /// name.
    #[must_use]
    pub fn check(&self, content: &Content) -> Vec<Finding> {
        let mut findings = self.missing(content);
        let named: HashSet<&str> =
            self.needs.iter().flat_map(|(_, needs)| needs).map(|need| need.name.as_str()).collect();
        for item in content.items().values() {
            let is_named = named.contains(&*item.outline().variable()) || named.contains(item.name.as_str());
            let is_extra = !self.needs.is_empty() && !is_named;
            for problem in self.problems(item, is_extra) {
                let is_fault = match problem {
                    Problem::Missing { .. } | Problem::Empty | Problem::Expired(_) => true,
                    Problem::Expiring(_) => false,
                    Problem::Extra => self.no_extra,
                };
                findings.push(Finding { name: item.name.to_string(), problem, is_fault });
            }
        }
        findings
    }

    fn missing(&self, content: &Content) -> Vec<Finding> {
        let given = content.items().values().map(Item::outline).filter(|item| item.metadata().deliver != Deliver::None);
        let variables: HashSet<Cow<'_, str>> = given.map(|item| item.variable()).collect();
        let mut seen = HashSet::new();
        let mut findings = Vec::new();
        for (file, (_, needs)) in self.needs.iter().enumerate() {
            for need in needs.iter().filter(|need| need.is_required) {
                let name = need.name.as_str();
                if !variables.contains(name) && (self.allows)(name) && seen.insert(name) {
                    let is_given_otherwise = content.items().contains_key(name);
                    let problem = Problem::Missing { file, line: need.line, is_given_otherwise };
                    findings.push(Finding { name: name.to_owned(), problem, is_fault: true });
                }
            }
        }
        findings
    }

    fn problems(&self, item: &Item, is_extra: bool) -> Vec<Problem> {
        // An item that should be removed needs no value; and as long as an item has no value, its other problems don't
        // matter.
        if item.current.value.is_empty() {
            return vec![if is_extra && self.no_extra { Problem::Extra } else { Problem::Empty }];
        }
        let mut problems = Vec::new();
        match item.metadata.expires_at {
            Some(expires) if expires <= self.window.now => problems.push(Problem::Expired(expires)),
            Some(expires) if self.window.is_near(expires) => problems.push(Problem::Expiring(expires)),
            _ => {}
        }
        if is_extra {
            problems.push(Problem::Extra);
        }
        problems
    }
}

#[cfg(test)]
mod tests;

//! Whether an environment has what a project needs: what is missing, empty, expired or unused, and what expires soon.
//! Nothing returns a value: all that counts is whether a value is empty.

use crate::format::needs::Need;
use crate::item::{Content, Deliver, Item, Outlook};
use crate::time::Time;
use std::borrow::Cow;
use std::collections::HashSet;

/// What an environment is compared with.
pub struct Rules<'a> {
    /// The files, by name, and what each needs. Without any, nothing is missing and nothing is too much.
    pub needs: &'a [(String, Vec<Need>)],
    /// Whether an item may have this name. What import leaves out on purpose is not missing.
    pub allows: &'a dyn Fn(&str) -> bool,
    /// Whether an item that no file names is a fault.
    pub no_extra: bool,
    /// Until when an expiry is announced.
    pub outlook: Outlook,
}

/// What is to be said of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A file needs it, and the environment lacks it.
    Missing {
        /// The file's place in [`Rules::needs`].
        file: usize,
        /// The line, from 1.
        line: usize,
    },
    /// Its value has no byte.
    Empty,
    /// Its value has stopped working, at this time.
    Expired(Time),
    /// Its value will soon stop working, at this time.
    Expiring(Time),
    /// No file names it.
    Extra,
}

impl Problem {
    /// The word for it.
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
    /// The item's name, which may be no item's yet.
    pub name: String,
    /// What is to be said.
    pub problem: Problem,
    /// Whether it has to be mended; else it is a note.
    pub is_fault: bool,
}

impl Rules<'_> {
    /// What is to be said of an environment: first what is missing, as the files have it, then the items by name.
    #[must_use]
    pub fn check(&self, content: &Content) -> Vec<Finding> {
        let mut findings = self.missing(content);
        let named: HashSet<&str> =
            self.needs.iter().flat_map(|(_, needs)| needs).map(|need| need.name.as_str()).collect();
        for item in content.items().values() {
            let is_extra = !self.needs.is_empty() && !named.contains(&*item.outline().variable());
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
                    let problem = Problem::Missing { file, line: need.line };
                    findings.push(Finding { name: name.to_owned(), problem, is_fault: true });
                }
            }
        }
        findings
    }

    fn problems(&self, item: &Item, is_extra: bool) -> Vec<Problem> {
        // One that is to go needs no value, and of one that needs a value nothing else matters yet.
        if item.current.value.is_empty() {
            return vec![if is_extra && self.no_extra { Problem::Extra } else { Problem::Empty }];
        }
        let mut problems = Vec::new();
        match item.metadata.expires_at {
            Some(expires) if expires <= self.outlook.now => problems.push(Problem::Expired(expires)),
            Some(expires) if self.outlook.is_near(expires) => problems.push(Problem::Expiring(expires)),
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

//! Bounds the cost of a document before it runs: aliases and fragments can repeat a request many times.

use super::ids::from_global_id;
use super::variables::argument;
use crate::api::classes::access_log;
use crate::api::object::Fields;
use crate::api::{ApiError, Result};
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use serde_json::Value;
use std::collections::HashMap;

/// The deepest nesting of selections, fragments included.
const DEEPEST: usize = 24;
/// The most root fields that call the API, such as `secret(id: ...)`. A REST batch has the same limit.
const CALLS: usize = 50;
/// The most fields in all. A field inside a list counts once per element.
const MOST: usize = 100_000;
/// The most text that variables may put into arguments, in bytes. Each use of a variable is a copy.
const GIVEN: usize = 16 * 1024 * 1024;
/// The mutations that derive a key from a passphrase, which takes a second.
const SIGNING_IN: [&str; 2] = ["logIn", "signUp"];

/// The length of a list if the query gives none, and its maximum.
const USUAL: usize = 100;
const LARGEST: usize = 1_000;

/// The lists in the introspection schema: name, average length over all types, and greatest length.
pub const LISTS: [(&str, usize, usize); 8] = [
    ("types", 120, 120),
    ("directives", 10, 10),
    ("fields", 3, 40),
    ("args", 1, 10),
    ("inputFields", 3, 30),
    ("enumValues", 3, 40),
    ("interfaces", 1, 4),
    ("possibleTypes", 1, 10),
];
/// The lists whose average applies if `__schema` visits each type once. Any other path may reach the longest list.
const OF_ALL: [&str; 4] = ["types", "fields", "args", "inputFields"];

/// Refuses a document that is too deep, has too many calls or costs too much.
pub fn check(document: &ExecutableDocument, variables: &Fields) -> Result<()> {
    let sizes = variables.iter().map(|(name, value)| (name.as_str(), size(value))).collect();
    let mut counter = Counter { document, variables, sizes, cost: 0, calls: 0, sign_ins: 0, given: 0 };
    for (_, operation) in document.operations.iter() {
        counter.add(&operation.node.selection_set.node, Place::Root, 1, DEEPEST)?;
    }
    Ok(())
}

/// The place of a selection.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// Inside the result of a call, with the length of the list.
    Data {
        list: usize,
    },
    /// Inside introspection. `is_all` says whether each type is visited once.
    Schema {
        is_all: bool,
    },
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Fields,
    /// The size of each variable, in bytes.
    sizes: HashMap<&'a str, usize>,
    cost: usize,
    calls: usize,
    sign_ins: usize,
    given: usize,
}

impl Counter<'_> {
    fn add(&mut self, set: &SelectionSet, place: Place, times: usize, left: usize) -> Result<()> {
        let Some(left) = left.checked_sub(1) else {
            return Err(ApiError::query(format!("the query is more than {DEEPEST} levels deep"))
                .hint("fragments count, and a fragment may not include itself"));
        };
        for selection in &set.items {
            self.cost = self.cost.saturating_add(times);
            if self.cost > MOST {
                return Err(ApiError::query(format!("the query asks for more than {MOST} fields"))
                    .hint("ask for fewer objects at a time, with first"));
            }
            match &selection.node {
                Selection::Field(field) => self.add_field(&field.node, place, times, left)?,
                Selection::InlineFragment(fragment) => {
                    self.add(&fragment.node.selection_set.node, place, times, left)?;
                }
                Selection::FragmentSpread(spread) => {
                    // A missing fragment is reported when the library validates the document.
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node, place, times, left)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add_field(&mut self, field: &Field, place: Place, times: usize, left: usize) -> Result<()> {
        let name = field.name.node.as_str();
        self.given =
            field.arguments.iter().fold(self.given, |sum, (_, value)| sum.saturating_add(self.given_by(&value.node)));
        if self.given > GIVEN {
            return Err(ApiError::query(format!(
                "the variables of the query add up to more than {GIVEN} bytes, counted at each use"
            )));
        }
        let (place, times) = match place {
            Place::Root if name.starts_with("__") => (Place::Schema { is_all: name == "__schema" }, times),
            Place::Root => {
                self.add_call(name, self.reads_log(field))?;
                (Place::Data { list: self.list(field) }, times)
            }
            Place::Data { list } => {
                let times = if name == "edges" { times.saturating_mul(list) } else { times };
                (Place::Data { list: 1 }, times)
            }
            Place::Schema { is_all } => {
                let list = LISTS.iter().find(|(known, ..)| *known == name);
                let length = list.map_or(1, |(_, average, longest)| if is_all { *average } else { *longest });
                let is_all = is_all && OF_ALL.contains(&name);
                (Place::Schema { is_all }, times.saturating_mul(length))
            }
        };
        match field.selection_set.node.items.is_empty() {
            true => Ok(()),
            false => self.add(&field.selection_set.node, place, times, left),
        }
    }

    /// Returns the size of the variables in an argument, in bytes.
    fn given_by(&self, value: &async_graphql_value::Value) -> usize {
        use async_graphql_value::Value as Given;
        match value {
            Given::Variable(name) => self.sizes.get(name.as_str()).copied().unwrap_or_default(),
            Given::List(all) => all.iter().map(|one| self.given_by(one)).sum(),
            Given::Object(fields) => fields.values().map(|one| self.given_by(one)).sum(),
            _ => 0,
        }
    }

    /// Returns whether a call reads the access log, by its name or by the class in its global id.
    fn reads_log(&self, field: &Field) -> bool {
        match field.name.node.as_str() {
            "accessLog" | "accessLogs" => true,
            "node" => {
                let id = field.get_argument("id").and_then(|id| argument(&id.node, self.variables)).unwrap_or_default();
                let named = id.as_str().and_then(from_global_id);
                named.is_some_and(|(class, _)| class == access_log::NAME)
            }
            _ => false,
        }
    }

    fn add_call(&mut self, name: &str, reads_log: bool) -> Result<()> {
        self.calls += if reads_log { access_log::COST } else { 1 };
        self.sign_ins += usize::from(SIGNING_IN.contains(&name));
        if self.calls > CALLS {
            return Err(ApiError::query(format!("a query has at most {CALLS} fields at the top")).hint(
                "a list returns many objects at once, without values; a list of the access log counts as 10 fields",
            ));
        }
        match self.sign_ins > 1 {
            true => Err(ApiError::query("a query may have logIn and signUp only once")),
            false => Ok(()),
        }
    }

    /// Returns the greatest length of a list, according to its arguments.
    fn list(&self, field: &Field) -> usize {
        let number = |name: &str| {
            let value = argument(&field.get_argument(name)?.node, self.variables)?;
            Some(value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(LARGEST))
        };
        let requested = ["first", "last"].into_iter().filter_map(number).min();
        // `before` without a limit returns everything before the cursor.
        let default = if field.get_argument("before").is_some() { LARGEST } else { USUAL };
        requested.unwrap_or(default).min(LARGEST)
    }
}

/// Returns the approximate size of a value, in bytes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(|one| size(one) + 32).sum(),
        Value::Object(fields) => fields.iter().map(|(name, one)| name.len() + size(one) + 32).sum(),
        _ => 32,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::global_id;
    use super::*;
    use async_graphql::parser::parse_query;
    use serde_json::json;

    fn checked(query: &str) -> Result<()> {
        check(&parse_query(query).unwrap(), json!({ "n": 1000 }).as_object().unwrap())
    }

    fn refused(query: &str) -> String {
        checked(query).unwrap_err().message
    }

    #[test]
    fn too_many_calls_are_refused_before_they_run() {
        let aliases = |count: usize| {
            let reads: String = (0..count).map(|number| format!("a{number}: secret(id: \"1\") {{ value }} ")).collect();
            format!("{{ {reads} }}")
        };
        assert!(checked(&aliases(CALLS)).is_ok());
        assert!(refused(&aliases(CALLS + 1)).contains("at most 50"));
        let fragment = format!("query {{ ...a ...a }} fragment a on Query {}", aliases(30));
        assert!(refused(&fragment).contains("at most 50"), "fragments count");
        let logs = |count: usize, log: &str| {
            let reads: String = (0..count).map(|number| format!("a{number}: {log} {{ id }} ")).collect();
            format!("query A($id: ID) {{ {reads} }}")
        };
        let node = format!("node(id: \"{}\")", global_id("AccessLog", "1"));
        for log in ["accessLogs", "accessLog(id: \"1\")", &node] {
            assert!(checked(&logs(5, log)).is_ok() && refused(&logs(6, log)).contains("at most 50"), "{log}");
        }
        assert!(checked(&logs(50, "node(id: \"x\")")).is_ok());
        assert!(refused("mutation { a: logIn(input: {}) { a } b: logIn(input: {}) { a } }").contains("once"));
    }

    #[test]
    fn a_list_costs_its_fields_times_its_length() {
        let list = |first: &str, fields: usize| {
            let fields: String = (0..fields).map(|number| format!("n{number}: name ")).collect();
            format!("query A($n: Int) {{ secrets{first} {{ edges {{ node {{ {fields} }} }} }} }}")
        };
        assert!(checked(&list("(first: 1000)", 90)).is_ok() && checked(&list("", 900)).is_ok());
        for first in ["(first: 1000)", "(first: $n)", "(last: 100000)", "(first: -1)", "(before: \"x\")"] {
            assert!(refused(&list(first, 120)).contains("100000 fields"), "{first}");
        }
        assert!(refused(&list("", 1100)).contains("100000 fields"));
    }

    #[test]
    fn a_variable_costs_its_size_at_each_use() {
        let often = |count: usize| {
            let uses: String = (0..count)
                .map(|number| format!("a{number}: secrets(where: {{ name: {{ in: [$x] }} }}) {{ count }} "))
                .collect();
            let large = json!({ "x": "x".repeat(1024 * 1024), "y": [[{ "z": 1 }]] });
            check(&parse_query(format!("query A($x: String) {{ {uses} }}")).unwrap(), large.as_object().unwrap())
        };
        assert!(often(16).is_ok());
        assert!(often(17).unwrap_err().message.contains("counted at each use"));
    }

    #[test]
    fn doubling_and_circular_fragments_are_refused_at_once() {
        let doubling: String =
            (0..20).map(|number| format!("fragment f{number} on Secret {{ ...f{0} ...f{0} }} ", number + 1)).collect();
        let laughs = format!("{{ secret(id: \"1\") {{ ...f0 }} }} {doubling} fragment f20 on Secret {{ id }}");
        assert!(refused(&laughs).contains("fields"));
        for circle in [
            "{ ...a } fragment a on Query { ...a ...a }",
            "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a }",
            "{ secret(id: 1) { ...a } } fragment a on Secret { owner { ...b } } fragment b on User { ... on User { ...b } }",
        ] {
            assert!(refused(circle).contains("levels deep"), "{circle}");
        }
    }

    #[test]
    fn the_schema_can_be_queried_once_but_not_repeatedly() {
        let reference = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
            kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }";
        let whole = format!(
            "{{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} types {{ ...t }}
            directives {{ name description locations args {{ ...i }} }} }} }}
            fragment t on __Type {{ kind name description fields(includeDeprecated: true) {{ name description args {{ ...i }}
            type {{ ...r }} isDeprecated deprecationReason }} inputFields {{ ...i }} interfaces {{ ...r }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...r }} }}
            fragment i on __InputValue {{ name description type {{ ...r }} defaultValue isDeprecated deprecationReason }}
            fragment r on __Type {{ {reference} }}"
        );
        assert!(checked(&whole).is_ok());
        let deeper = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert!(refused(deeper).contains("fields"));
        let often: String = (0..20)
            .map(|number| {
                format!("a{number}: __schema {{ types {{ name fields {{ name type {{ fields {{ name }} }} }} }} }} ")
            })
            .collect();
        assert!(refused(&format!("{{ {often} }}")).contains("fields"));
        let named = "{ __type(name: \"Secret\") { fields { type { fields { type { fields { name } } } } } } }";
        assert!(checked(named).is_ok());
        assert!(refused(&named.replace("fields { name }", "fields { type { fields { name } } }")).contains("fields"));
    }
}

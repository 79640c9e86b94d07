//! Compares two states of a class and finds the events for a live query.

use crate::api::object::{Object, Rows};
use crate::api::query::Query;

/// The events of Parse's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A new object matches.
    Create,
    /// A matching object changed and still matches.
    Update,
    /// An existing object matches now.
    Enter,
    /// An existing object no longer matches, or the caller may no longer read it.
    Leave,
    /// A matching object was deleted.
    Delete,
}

impl What {
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Delete => "delete",
        }
    }
}

/// One event: the object's current or last state, and the state before.
#[derive(Debug)]
pub struct Change<'a> {
    pub what: What,
    pub object: &'a Object,
    pub original: Option<&'a Object>,
}

/// Compares two states of a class. If `fields` are given, only a change of one of them is an update. `is_hidden` says
/// whether a missing object may still exist in an environment that the caller can't read.
pub fn changes<'a>(
    (before, after): (&'a Rows, &'a Rows),
    query: &Query,
    fields: Option<&[String]>,
    is_hidden: &dyn Fn(&Object) -> bool,
) -> Vec<Change<'a>> {
    let mut found = Vec::new();
    for object in &after.all {
        let original = before.get(object.id());
        let (was, is) = (original.is_some_and(|original| query.matches(original)), query.matches(object));
        let what = match original {
            None if is => What::Create,
            Some(original) => match (was, is) {
                (true, true) if differ(original, object, fields) => What::Update,
                (false, true) => What::Enter,
                (true, false) => What::Leave,
                _ => continue,
            },
            None => continue,
        };
        found.push(Change { what, object, original });
    }
    for object in before.all.iter().filter(|object| after.get(object.id()).is_none() && query.matches(object)) {
        let what = if is_hidden(object) { What::Leave } else { What::Delete };
        found.push(Change { what, object, original: None });
    }
    found
}

fn differ(one: &Object, other: &Object, fields: Option<&[String]>) -> bool {
    match fields {
        None => one.fields != other.fields,
        Some(names) => names.iter().any(|name| one.fields.get(name) != other.fields.get(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes;
    use serde_json::{Value, json};

    fn rows(all: &[(&str, &str, u32)]) -> Rows {
        let object = |(id, environment, version): &(&str, &str, u32)| {
            Object::from_view("Secret", &json!({ "objectId": id, "environment": environment, "version": version }))
                .unwrap()
        };
        Rows::new(all.iter().map(object).collect())
    }

    fn events(before: &[(&str, &str, u32)], after: &[(&str, &str, u32)], fields: Option<&[String]>) -> Vec<String> {
        let parameters: Value = json!({ "where": { "environment": "dev" } });
        let schema = classes::named("Secret").unwrap().schema();
        let query = Query::read(parameters.as_object().unwrap(), schema).unwrap();
        let (before, after) = (rows(before), rows(after));
        let all = changes((&before, &after), &query, fields, &|object| object.id() == "hidden");
        all.iter().map(|change| format!("{} {}", change.what.word(), change.object.id())).collect()
    }

    #[test]
    fn every_kind_of_change_has_its_event() {
        assert_eq!(events(&[], &[("a", "dev", 1)], None), ["create a"]);
        assert_eq!(events(&[("a", "dev", 1)], &[("a", "dev", 2)], None), ["update a"]);
        assert_eq!(events(&[("a", "prod", 1)], &[("a", "dev", 1)], None), ["enter a"]);
        assert_eq!(events(&[("a", "dev", 1)], &[("a", "prod", 1)], None), ["leave a"]);
        assert_eq!(events(&[("a", "dev", 1)], &[], None), ["delete a"]);
        assert_eq!(events(&[("hidden", "dev", 1)], &[], None), ["leave hidden"]);
    }

    #[test]
    fn changes_outside_the_query_cause_no_event() {
        assert!(events(&[("a", "dev", 1)], &[("a", "dev", 1)], None).is_empty());
        assert!(events(&[("a", "prod", 1)], &[("a", "prod", 2), ("b", "prod", 1)], None).is_empty());
        assert!(events(&[("a", "prod", 1)], &[], None).is_empty());
        let fields = ["note".to_owned()];
        assert!(events(&[("a", "dev", 1)], &[("a", "dev", 2)], Some(&fields)).is_empty());
        let fields = ["version".to_owned()];
        assert_eq!(events(&[("a", "dev", 1)], &[("a", "dev", 2)], Some(&fields)), ["update a"]);
    }
}

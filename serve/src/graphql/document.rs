//! A parsed document. It is refused if it costs too much, and it answers questions about arguments and selections.

use super::request::Request;
use super::variables::{argument, check_types, put_default};
use super::{cost, text};
use crate::api::object::Fields;
use crate::api::{ApiError, Result};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use serde_json::Value;
use std::collections::BTreeSet;

/// The most fragments in a document.
const FRAGMENTS: usize = 64;

/// A document whose cost was checked.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    /// The variables, with their default values.
    variables: Fields,
    operation: Option<String>,
}

impl Document {
    /// Parses and checks a document. `inputs` are the types that variables may have.
    pub fn read(request: Request, inputs: &BTreeSet<String>) -> Result<Self> {
        let Request { query, mut variables, operation } = request;
        text::check(&query)?;
        let parsed = parse_query(&query).map_err(|error| match error.positions().next() {
            Some(at) => ApiError::query(format!("the query can't be read at line {}, column {}", at.line, at.column)),
            None => ApiError::query("the query has no operation that can be read"),
        })?;
        if parsed.fragments.len() > FRAGMENTS {
            return Err(ApiError::query(format!("the query has more than {FRAGMENTS} fragments")));
        }
        check_types(&parsed, inputs)?;
        for definition in chosen(&parsed, operation.as_deref()).into_iter().flat_map(|one| &one.variable_definitions) {
            put_default(&definition.node, &mut variables)?;
        }
        cost::check(&parsed, &variables)?;
        Ok(Self { parsed, variables, operation })
    }

    /// Returns the document as a request for the GraphQL library.
    pub fn request(&self) -> async_graphql::Request {
        let variables = Variables::from_json(Value::Object(self.variables.clone()));
        let mut request = async_graphql::Request::new("").variables(variables);
        request.operation_name.clone_from(&self.operation);
        request.set_parsed_query(self.parsed.clone());
        request
    }

    /// Returns the arguments of a field. An argument whose variable wasn't sent is absent, which differs from null.
    pub fn arguments(&self, field: &Field) -> Fields {
        let argument = |(name, value): &(Positioned<Name>, Positioned<async_graphql_value::Value>)| {
            Some((name.node.to_string(), argument(&value.node, &self.variables)?))
        };
        field.arguments.iter().filter_map(argument).collect()
    }

    /// Returns the fields that these selections have for an object of this type.
    pub fn selected<'a>(&'a self, sets: &[&'a SelectionSet], type_name: &str) -> Vec<&'a Field> {
        let mut found = Vec::new();
        for set in sets {
            self.collect(set, type_name, &mut found);
        }
        found
    }

    /// Returns the selections below the field with this name.
    pub fn below<'a>(&'a self, sets: &[&'a SelectionSet], type_name: &str, name: &str) -> Vec<&'a SelectionSet> {
        let named = self.selected(sets, type_name).into_iter().filter(|field| field.name.node == name);
        named.map(|field| &field.selection_set.node).collect()
    }

    fn collect<'a>(&'a self, set: &'a SelectionSet, type_name: &str, found: &mut Vec<&'a Field>) {
        let is_meant = |condition: &str| [type_name, "Node", "ParseObject"].contains(&condition);
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => found.push(&field.node),
                Selection::InlineFragment(fragment) => {
                    let condition =
                        fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    if condition.is_none_or(is_meant) {
                        self.collect(&fragment.node.selection_set.node, type_name, found);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let named = self.parsed.fragments.get(&spread.node.fragment_name.node);
                    let Some(fragment) = named.filter(|one| is_meant(&one.node.type_condition.node.on.node)) else {
                        continue;
                    };
                    self.collect(&fragment.node.selection_set.node, type_name, found);
                }
            }
        }
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let condition = directive.node.get_argument("if").and_then(|value| argument(&value.node, &self.variables));
            let is_so = condition == Some(Value::Bool(true));
            match directive.node.name.node.as_str() {
                "skip" => is_so,
                "include" => !is_so,
                _ => false,
            }
        })
    }
}

fn chosen<'a>(parsed: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut all = parsed.operations.iter();
    let (_, found) = match name {
        None => all.next()?,
        Some(name) => all.find(|(known, _)| known.is_some_and(|known| known == name))?,
    };
    Some(&found.node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(query: &str, variables: &Value) -> Result<Document> {
        let variables = variables.as_object().unwrap().clone();
        let inputs = ["String", "Boolean", "Float"].map(str::to_owned).into();
        Document::read(Request { query: query.to_owned(), variables, operation: None }, &inputs)
    }

    fn root(document: &Document) -> Vec<&Field> {
        let (_, operation) = document.parsed.operations.iter().next().unwrap();
        document.selected(&[&operation.node.selection_set.node], "Query")
    }

    fn refused(query: &str) -> String {
        read(query, &json!({})).unwrap_err().message
    }

    #[test]
    fn a_variable_that_was_not_sent_is_not_null() {
        let query = "mutation A($a: String, $b: String = \"x\", $c: Float) {
            updateSecret(input: { id: \"1\", fields: { note: $a, kind: $b, tags: [$a, $c] } }) { clientMutationId } }";
        let arguments = |variables: &Value| {
            let document = read(query, variables).unwrap();
            let field = root(&document)[0];
            document.arguments(field)["input"]["fields"].clone()
        };
        assert_eq!(arguments(&json!({ "c": 1 })), json!({ "kind": "x", "tags": [null, 1] }));
        assert_eq!(
            arguments(&json!({ "a": null, "b": "y" })),
            json!({ "note": null, "kind": "y", "tags": [null, null] })
        );
    }

    #[test]
    fn selections_include_matching_fragments_and_exclude_skipped_fields() {
        let query = "query A($no: Boolean = false) { node(id: \"1\") { id ...a ... on APIKey { key } ... on ParseObject { objectId }
            ... { createdAt } value @include(if: $no) version @skip(if: true) } }
            fragment a on Secret { name ...b } fragment b on Secret { note }";
        let names = |variables: &Value, of: &str| -> Vec<String> {
            let document = read(query, variables).unwrap();
            let field = root(&document)[0];
            let selected = document.selected(&[&field.selection_set.node], of);
            selected.iter().map(|field| field.name.node.to_string()).collect()
        };
        assert_eq!(names(&json!({}), "Secret"), ["id", "name", "note", "objectId", "createdAt"]);
        assert_eq!(names(&json!({ "no": true }), "APIKey"), ["id", "key", "objectId", "createdAt", "value"]);
    }

    #[test]
    fn invalid_queries_and_too_many_fragments_are_refused() {
        for wrong in ["", "{", "\"", "\"\"\"", "{ a(b: \"", "query", "{ a } { b }", "fragment a on Secret { id }", "ä"]
        {
            assert!(refused(wrong).contains("read"), "{wrong}");
        }
        let names: String = (0..65).map(|number| format!("fragment f{number} on Secret {{ id }} ")).collect();
        assert!(refused(&format!("{{ health }} {names}")).contains("fragments"));
    }

    #[test]
    fn a_variable_must_have_a_known_type() {
        for kind in ["Nope", "[Nope]", "[[Nope!]!]!", "Secret"] {
            let query = format!("query A($x: {kind} = [[1]]) {{ health }}");
            assert!(refused(&query).ends_with("is not a type for a variable"), "{kind}");
        }
        assert!(read("query A($x: [[String!]!]! = [[\"a\"]]) { health }", &json!({})).is_ok());
        let needed = "query A($x: String!) { health }";
        for missing in [json!({}), json!({ "x": null })] {
            assert_eq!(read(needed, &missing).unwrap_err().message, "the variable \"x\" is required");
        }
        assert!(read(needed, &json!({ "x": "" })).is_ok());
    }

    #[test]
    fn an_error_never_repeats_the_query() {
        let message =
            refused("mutation { createSecret(input: { fields: { name: \"A\", value: \"hunter2\" ] }) { id } }");
        assert!(!message.contains("hunter2") && message.contains("line 1"), "{message}");
    }
}

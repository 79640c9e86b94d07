//! The GraphQL schema, made from the classes and their fields.

mod classes;
mod common;
mod field;
mod filters;
mod users;

use super::find;
use super::names::type_name;
use crate::api::classes as api_classes;
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, InputValue, Object, Schema, SchemaError, TypeRef};
use field::resolved;
use std::collections::BTreeSet;

/// Makes the schema, which is the same for every vault.
pub fn make() -> Result<Schema, SchemaError> {
    let mut schema = Schema::build("Query", Some("Mutation"), None);
    let health =
        Field::new("health", TypeRef::named_nn(TypeRef::BOOLEAN), |_| FieldFuture::from_value(Some(true.into())))
            .description("Whether the server is up.");
    let node = resolved("node", TypeRef::named("Node"), |asked, field| {
        let node = find::by_global_id(asked, field)?;
        let name = type_name(node.class);
        Ok(Some(FieldValue::owned_any(node).with_type(name)))
    });
    let node = node
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)).description("The global id."))
        .description("Read one object of any class. Its value is logged before it is returned.");
    let mut query = Object::new("Query").field(health).field(node);
    let mut mutation = Object::new("Mutation");
    for class in api_classes::ALL {
        query = query.field(classes::object_query(class)).field(classes::list_query(class));
        for field in classes::mutations(class) {
            mutation = mutation.field(field);
        }
        schema = classes::register(schema, class);
    }
    query = query.field(users::viewer());
    for field in users::mutations() {
        mutation = mutation.field(field);
    }
    schema = users::register(filters::register(common::register(schema)));
    schema.register(query).register(mutation).finish()
}

/// Returns the types that arguments and variables may have.
pub fn inputs(schema: &Schema) -> BTreeSet<String> {
    let built_in = ["Int", "Float", "String", "Boolean", "ID"].into_iter().map(str::to_owned);
    let text = schema.sdl();
    let made = text.lines().filter_map(|line| {
        let (kind, rest) = line.split_once(' ')?;
        let name = rest.split([' ', '{']).next()?;
        ["input", "enum", "scalar"].contains(&kind).then(|| name.to_owned())
    });
    built_in.chain(made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::cost::LISTS;
    use crate::graphql::where_filter::OPERATORS;
    use serde_json::Value;

    fn answer(schema: &Schema, query: &str) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(schema.execute(query));
        assert_eq!(response.errors, []);
        serde_json::to_value(&response.data).unwrap()
    }

    /// The committed schema is for clients and for reviews.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]
    fn the_committed_schema_is_the_one_that_is_served() {
        let made = make().unwrap().sdl();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
        if std::env::var_os("VAULT_BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let is_same = committed == made;
        assert!(is_same, "serve/schema.graphql is out of date: VAULT_BLESS=1 cargo test -p vault-serve schema");
    }

    #[test]
    fn every_class_has_its_types_and_secret_fields_have_no_conditions_or_orders() {
        let schema = make().unwrap();
        let inputs = inputs(&schema);
        for class in api_classes::ALL {
            let name = type_name(class);
            assert!(
                inputs.contains(&format!("{name}WhereInput")) && inputs.contains(&format!("{name}Order")),
                "{name}"
            );
        }
        assert!(inputs.contains("Date") && inputs.contains("ID") && !inputs.contains("Secret"));
        let query = "{ where: __type(name: \"SecretWhereInput\") { inputFields { name } }
            order: __type(name: \"SecretOrder\") { enumValues { name } }
            text: __type(name: \"StringWhereInput\") { inputFields { name } } }";
        let introspected = answer(&schema, query);
        assert!(
            introspected["where"].to_string().contains("\"note\"")
                && !introspected["where"].to_string().contains("\"value\""),
            "{introspected}"
        );
        assert!(
            introspected["order"].to_string().contains("name_DESC")
                && !introspected["order"].to_string().contains("value_"),
            "{introspected}"
        );
        for field in introspected["text"]["inputFields"].as_array().unwrap() {
            assert!(OPERATORS.iter().any(|(name, _)| field["name"] == *name), "{field}");
        }
    }

    /// The cost of introspection is computed from the lengths of its lists.
    #[test]
    fn the_schemas_lists_are_no_longer_than_the_cost_assumes() {
        let query =
            "{ __schema { types { fields { args { name } } inputFields { name } enumValues { name } interfaces { name }
            possibleTypes { name } } } }";
        let introspected = answer(&make().unwrap(), query);
        let types = introspected["__schema"]["types"].as_array().unwrap();
        for (name, average, longest) in LISTS {
            let of_types = |one: &Value| one[name].as_array().map_or(0, Vec::len);
            let lengths: Vec<usize> = match name {
                "types" | "directives" => vec![of_types(&introspected["__schema"])],
                "args" => {
                    types.iter().flat_map(|one| one["fields"].as_array().into_iter().flatten()).map(of_types).collect()
                }
                _ => types.iter().map(of_types).collect(),
            };
            let (sum, most) = (lengths.iter().sum::<usize>(), lengths.iter().max().copied().unwrap_or_default());
            assert!(sum <= average * lengths.len() && most <= longest, "{name}: {sum} of {}, {most}", lengths.len());
        }
    }

    /// The introspection query of clients, and errors that only the library checks.
    #[test]
    fn no_query_that_can_be_parsed_crashes_the_server() {
        let schema = make().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for query in [
            "{ nope { a(b: 1) { c } } }",
            "{ secret(id: 1, id: 2, no: $x) { name(a: 1) { b } } }",
            "query A($x: SecretWhereInput = 1) { secrets(where: $x) { count(a: {}) } }",
            "query A($x: [SecretOrder!] = [[1]], $x: ID) { secrets(order: $x, where: [{}], first: {}) { edges } }",
            "{ ...a ... on Nope { b } ... on SecretOrder { c } } fragment a on Nope { d }",
            "{ __type { name } __schema(a: 1) { nope } __typename { a } node(id: {}) { ... on ArrayResult { ... on Secret { id } } } }",
            "mutation { createSecret(input: [{}]) { secret } logIn(input: null) { viewer } }",
            "query A { a: health @skip b: health @skip(if: 1) @skip(if: $no) @nope(x: {}) c: health @include(if: null) }",
        ] {
            let response = runtime.block_on(schema.execute(query));
            assert!(!response.errors.is_empty(), "{query}");
        }
    }
}

//! The variables of a document.

use crate::api::object::Fields;
use crate::api::{ApiError, Result};
use async_graphql::parser::types::{BaseType, ExecutableDocument, VariableDefinition};
use serde_json::Value;
use std::collections::BTreeSet;

/// Replaces the variables in a value. Returns `None` for a variable that wasn't sent.
pub fn argument(value: &async_graphql_value::Value, variables: &Fields) -> Option<Value> {
    use async_graphql_value::Value as Given;
    Some(match value {
        Given::Variable(name) => return variables.get(name.as_str()).cloned(),
        Given::List(all) => {
            all.iter().map(|one| argument(one, variables).unwrap_or_default()).collect::<Vec<_>>().into()
        }
        Given::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, one)| Some((name.to_string(), argument(one, variables)?)));
            Value::Object(fields.collect())
        }
        Given::Enum(name) => name.as_str().into(),
        Given::Null => Value::Null,
        Given::Number(number) => number.clone().into(),
        Given::String(text) => text.as_str().into(),
        Given::Boolean(is_so) => (*is_so).into(),
        // The parser never makes binary values.
        Given::Binary(_) => return None,
    })
}

/// Sets the default of a missing variable, and refuses a missing required one, before anything runs.
pub fn put_default(definition: &VariableDefinition, variables: &mut Fields) -> Result<()> {
    let name = definition.name.node.as_str();
    let default = definition.default_value.as_ref().map(|value| value.node.clone());
    if let Some(default) = default.and_then(|value| value.into_json().ok()) {
        variables.entry(name.to_owned()).or_insert(default);
    }
    let is_said = variables.get(name).is_some_and(|value| !value.is_null());
    match is_said || definition.var_type.node.nullable {
        true => Ok(()),
        false => Err(ApiError::query(format!("the variable {} is required", vault::name::quoted(name)))),
    }
}

/// Refuses a variable of an unknown type. The GraphQL library panics if the type is a list of an unknown type.
pub fn check_types(parsed: &ExecutableDocument, inputs: &BTreeSet<String>) -> Result<()> {
    let all = parsed.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    for definition in all {
        let mut base = &definition.node.var_type.node.base;
        while let BaseType::List(inner) = base {
            base = &inner.base;
        }
        let BaseType::Named(name) = base else { continue };
        if !inputs.contains(name.as_str()) {
            return Err(ApiError::query(format!("{} is not a type for a variable", vault::name::quoted(name))));
        }
    }
    Ok(())
}

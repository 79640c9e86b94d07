//! The conditions in `where`, by the type of the field. Unsupported conditions are not in the schema.

use super::super::names::type_name;
use crate::api::classes::{ALL, Class};
use crate::api::schema::Type;
use async_graphql::dynamic::{InputObject, InputValue, SchemaBuilder, TypeRef};

/// Registers the conditions on fields of each type, and on objects of each class.
pub fn register(mut schema: SchemaBuilder) -> SchemaBuilder {
    for (name, kind, is_ordered) in [
        ("IdWhereInput", TypeRef::ID, true),
        ("StringWhereInput", TypeRef::STRING, true),
        ("NumberWhereInput", TypeRef::FLOAT, true),
        ("DateWhereInput", "Date", true),
        ("BooleanWhereInput", TypeRef::BOOLEAN, false),
        ("ArrayWhereInput", "Any", false),
    ] {
        schema = schema.register(of_field(name, kind, is_ordered));
    }
    for class in ALL {
        schema = schema.register(of_class(class));
        if is_pointed_to(class) {
            schema = schema.register(of_pointer(class));
        }
    }
    schema
}

fn is_pointed_to(class: &dyn Class) -> bool {
    let mut fields = ALL.iter().flat_map(|other| other.schema().all());
    fields.any(|field| field.kind == Type::Pointer(class.schema().class))
}

fn of_field(name: &str, kind: &str, is_ordered: bool) -> InputObject {
    let mut input = InputObject::new(name);
    for operator in ["equalTo", "notEqualTo"] {
        input = input.field(InputValue::new(operator, TypeRef::named(kind)));
    }
    let ordered = ["lessThan", "lessThanOrEqualTo", "greaterThan", "greaterThanOrEqualTo"];
    for operator in ordered.into_iter().filter(|_| is_ordered) {
        input = input.field(InputValue::new(operator, TypeRef::named(kind)));
    }
    for operator in ["in", "notIn"] {
        input = input.field(InputValue::new(operator, TypeRef::named_list(kind)));
    }
    input = input.field(InputValue::new("exists", TypeRef::named(TypeRef::BOOLEAN)));
    if name == "StringWhereInput" {
        let text = || TypeRef::named(TypeRef::STRING);
        let regex =
            InputValue::new("matchesRegex", text()).description("Look-around and back-references are not supported.");
        input = input
            .field(regex)
            .field(InputValue::new("options", text()).description("Options of matchesRegex: i, m, s, x."));
    }
    if name == "ArrayWhereInput" {
        input = input.field(InputValue::new("contains", TypeRef::named_list(kind)).description("Has all of these."));
    }
    input
}

/// Makes the conditions on objects of a class. Secret fields can't be searched.
fn of_class(class: &dyn Class) -> InputObject {
    let name = format!("{}WhereInput", type_name(class));
    let several = || TypeRef::named_nn_list(&name);
    let mut input = InputObject::new(&name).field(InputValue::new("id", TypeRef::named("IdWhereInput")));
    for field in class.schema().all().filter(|field| !field.is_secret) {
        let kind = match field.kind {
            _ if field.name == "objectId" => "IdWhereInput".to_owned(),
            Type::String => "StringWhereInput".to_owned(),
            Type::Number => "NumberWhereInput".to_owned(),
            Type::Boolean => "BooleanWhereInput".to_owned(),
            Type::Date => "DateWhereInput".to_owned(),
            Type::Array => "ArrayWhereInput".to_owned(),
            Type::Pointer(target) => format!("{}RelationWhereInput", target.trim_start_matches('_')),
            Type::Acl => continue,
        };
        input = input.field(InputValue::new(field.name, TypeRef::named(kind)));
    }
    input.field(InputValue::new("OR", several())).field(InputValue::new("AND", several()))
}

/// Makes the conditions on the object behind a pointer.
fn of_pointer(class: &dyn Class) -> InputObject {
    let name = type_name(class);
    let condition = || TypeRef::named(format!("{name}WhereInput"));
    InputObject::new(format!("{name}RelationWhereInput"))
        .field(InputValue::new("have", condition()))
        .field(InputValue::new("haveNot", condition()))
        .field(InputValue::new("exists", TypeRef::named(TypeRef::BOOLEAN)))
}

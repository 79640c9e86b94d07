//! The types that all classes share, with the names of Parse Server.

use super::super::find::Connection;
use super::super::ids::global_id;
use super::super::names::type_name;
use super::super::page::cursor;
use super::field::{part, value};
use crate::api::classes;
use async_graphql::Value;
use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Interface, InterfaceField, Object, Scalar,
    SchemaBuilder, TypeRef, Union,
};

/// A user's rights in an ACL.
struct Rule {
    user: String,
    rights: serde_json::Value,
}

/// An element of a list.
pub struct Element(pub serde_json::Value);

/// Registers the types.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let preferences = ["PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST"];
    let preference = Enum::new("ReadPreference").items(preferences);
    let preference =
        preference.description("Parse's choice of a replica. There is only one copy, so it changes nothing.");
    let mut options = InputObject::new("ReadOptionsInput").description("Parse's client options.");
    for name in ["readPreference", "includeReadPreference", "subqueryReadPreference"] {
        options = options.field(InputValue::new(name, TypeRef::named("ReadPreference")));
    }
    let element = Object::new("Element").description("A part of a list.");
    let element = element.field(part("value", TypeRef::named_nn("Any"), |element: &Element| value(&element.0)));
    let mut listed = Union::new("ArrayResult").description("What a list can hold.").possible_type("Element");
    for class in classes::ALL {
        listed = listed.possible_type(type_name(class));
    }
    let schema =
        interfaces(scalars(schema)).register(acl()).register(user_acl()).register(public_acl()).register(page_info());
    schema.register(preference).register(options).register(element).register(listed)
}

fn scalars(schema: SchemaBuilder) -> SchemaBuilder {
    let is_date = |value: &Value| match value {
        Value::String(_) => true,
        Value::Object(fields) => fields.get("__type") == Some(&Value::from("Date")) && fields.contains_key("iso"),
        _ => false,
    };
    let date = Scalar::new("Date").validator(is_date).description("A moment: `2026-11-29T10:00:00.000Z`.");
    let object =
        Scalar::new("Object").validator(|value| matches!(value, Value::Object(_))).description("A JSON object.");
    schema.register(date).register(object).register(Scalar::new("Any").description("Any JSON."))
}

fn interfaces(schema: SchemaBuilder) -> SchemaBuilder {
    let id = InterfaceField::new("id", TypeRef::named_nn(TypeRef::ID));
    let node = Interface::new("Node").field(id).description("An object with an id among all objects of all classes.");
    let mut object = Interface::new("ParseObject").description("What every object has.");
    for (name, kind) in [
        ("objectId", TypeRef::named_nn(TypeRef::ID)),
        ("createdAt", TypeRef::named_nn("Date")),
        ("updatedAt", TypeRef::named_nn("Date")),
        ("ACL", TypeRef::named_nn("ACL")),
    ] {
        object = object.field(InterfaceField::new(name, kind));
    }
    schema.register(node).register(object)
}

/// Makes the type of an ACL. There are no roles, and `public` means every user who is signed in.
fn acl() -> Object {
    let users = part("users", TypeRef::named_nn_list("UserACL"), |acl: &serde_json::Value| {
        let rules = acl.as_object()?.iter().filter(|(user, _)| *user != "*");
        let rules: Vec<_> = rules.map(|(user, rights)| Rule { user: user.clone(), rights: rights.clone() }).collect();
        (!rules.is_empty()).then(|| FieldValue::list(rules.into_iter().map(FieldValue::owned_any)))
    });
    let public = part("public", TypeRef::named("PublicACL"), |acl: &serde_json::Value| {
        Some(FieldValue::owned_any(Rule { user: "*".to_owned(), rights: acl.get("*")?.clone() }))
    });
    Object::new("ACL")
        .description("The rights on an object. They come from `vault grant` and can't be set.")
        .field(users)
        .field(public)
}

fn right(name: &'static str, kind: TypeRef) -> Field {
    part(name, kind, move |rule: &Rule| Some(FieldValue::value(rule.rights[name] == true)))
}

fn user_acl() -> Object {
    let boolean = || TypeRef::named_nn(TypeRef::BOOLEAN);
    let user = part("userId", TypeRef::named_nn(TypeRef::ID), |rule: &Rule| {
        Some(FieldValue::value(global_id("_User", &rule.user)))
    });
    Object::new("UserACL").field(user).field(right("read", boolean())).field(right("write", boolean()))
}

fn public_acl() -> Object {
    let boolean = || TypeRef::named(TypeRef::BOOLEAN);
    Object::new("PublicACL").field(right("read", boolean())).field(right("write", boolean()))
}

fn page_info() -> Object {
    let boolean = || TypeRef::named_nn(TypeRef::BOOLEAN);
    let end = |list: &Connection| list.begins + list.edges.len();
    Object::new("PageInfo")
        .description("The position of a page within the whole list.")
        .field(part("hasNextPage", boolean(), move |list: &Connection| Some(FieldValue::value(end(list) < list.count))))
        .field(part("hasPreviousPage", boolean(), |list: &Connection| {
            Some(FieldValue::value(list.begins > 0 && list.count > 0))
        }))
        .field(part("startCursor", TypeRef::named(TypeRef::STRING), |list: &Connection| {
            Some(FieldValue::value(cursor(list.begins)))
        }))
        .field(part("endCursor", TypeRef::named(TypeRef::STRING), |list: &Connection| {
            Some(FieldValue::value(cursor(list.begins + list.edges.len().max(1) - 1)))
        }))
}

/// Makes the field that returns the client's id for a mutation.
pub fn client_mutation_id<P: Send + Sync + 'static>(
    name: impl Fn(&P) -> &serde_json::Value + Send + Sync + 'static,
) -> Field {
    part("clientMutationId", TypeRef::named(TypeRef::STRING), move |payload: &P| value(name(payload)))
}

/// Makes the input of a mutation.
pub fn input(name: &str, fields: impl IntoIterator<Item = InputValue>) -> InputObject {
    let named = InputValue::new("clientMutationId", TypeRef::named(TypeRef::STRING));
    let input = fields.into_iter().fold(InputObject::new(name), InputObject::field);
    input.field(named.description("Returned unchanged."))
}

/// Makes a field that is always true.
pub fn always(name: &str) -> Field {
    Field::new(name, TypeRef::named_nn(TypeRef::BOOLEAN), |_| FieldFuture::from_value(Some(true.into())))
}

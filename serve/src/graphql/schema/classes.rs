//! The types of a class, and its queries and mutations.

use super::super::change::{self, Change, Payload};
use super::super::error;
use super::super::find::{self, Connection, Edge};
use super::super::names::{capital, single, type_name};
use super::super::node::Node;
use super::super::page::cursor;
use super::common::{Element, client_mutation_id, input};
use super::field::{borrowed, parent, part, resolved, value};
use crate::api::ApiError;
use crate::api::classes::Class;
use crate::api::schema::{Field as Known, Set, Type};
use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use serde_json::Value;

/// The fields that every object has.
const ALWAYS: [&str; 4] = ["objectId", "createdAt", "updatedAt", "ACL"];

type Of = &'static dyn Class;

/// Makes the query for one object, such as `secret(id: ...)`.
pub fn object_query(class: Of) -> Field {
    let field = resolved(&single(class), TypeRef::named_nn(type_name(class)), move |asked, field| {
        Ok(Some(FieldValue::owned_any(find::by_id(asked, field, class)?)))
    });
    field
        .argument(id())
        .argument(InputValue::new("options", TypeRef::named("ReadOptionsInput")))
        .description(reads(class))
}

fn reads(class: Of) -> String {
    let name = class.schema().class;
    match class.schema().all().any(|field| field.is_secret) {
        true => format!("Read one object of {name}. Its value is logged before it is returned."),
        false => format!("Read one object of {name}."),
    }
}

/// Makes the query for a list, such as `secrets(where: ...)`.
pub fn list_query(class: Of) -> Field {
    let name = type_name(class);
    let kind = TypeRef::named_nn(format!("{name}Connection"));
    let mut field = resolved(&format!("{}s", single(class)), kind, move |asked, field| {
        Ok(Some(FieldValue::owned_any(find::several(asked, field, class)?)))
    });
    for (argument, kind) in [
        ("where", TypeRef::named(format!("{name}WhereInput"))),
        ("order", TypeRef::named_nn_list(format!("{name}Order"))),
        ("skip", TypeRef::named(TypeRef::INT)),
        ("after", TypeRef::named(TypeRef::STRING)),
        ("first", TypeRef::named(TypeRef::INT)),
        ("before", TypeRef::named(TypeRef::STRING)),
        ("last", TypeRef::named(TypeRef::INT)),
        ("options", TypeRef::named("ReadOptionsInput")),
    ] {
        field = field.argument(InputValue::new(argument, kind));
    }
    field.description(format!(
        "Find objects of {}: 100, or as many as `first` says, at most 1000. Values are never returned.",
        class.schema().class
    ))
}

/// Makes the mutations of a class. The caller's rights are checked when they run.
pub fn mutations(class: Of) -> Vec<Field> {
    changes(class).into_iter().map(|change| mutation(class, change)).collect()
}

fn changes(class: Of) -> Vec<Change> {
    let schema = class.schema();
    // Users are created by signing up.
    let is_made = schema.create && schema.fields.iter().any(|field| field.set != Set::Never);
    let all = [(Change::Create, is_made), (Change::Update, schema.update), (Change::Delete, schema.delete)];
    all.into_iter().filter(|(_, can_be)| *can_be).map(|(change, _)| change).collect()
}

fn mutation(class: Of, change: Change) -> Field {
    let name = format!("{}{}", change.word(), type_name(class));
    let capitalized = capital(&name);
    resolved(&name, TypeRef::named(format!("{capitalized}Payload")), move |asked, field| {
        Ok(Some(FieldValue::owned_any(change::change(asked, field, class, change)?)))
    })
    .argument(InputValue::new("input", TypeRef::named_nn(format!("{capitalized}Input"))))
}

/// Registers the types of a class.
pub fn register(mut schema: SchemaBuilder, class: Of) -> SchemaBuilder {
    let name = type_name(class);
    for change in changes(class) {
        schema = schema.register(input_of(class, change)).register(payload(class, change));
        if !matches!(change, Change::Delete) {
            schema = schema.register(fields_of(class, change));
        }
    }
    let edge = Object::new(format!("{name}Edge"))
        .field(part("node", TypeRef::named(&name), |edge: &Edge| Some(borrowed(&edge.node))))
        .field(part("cursor", TypeRef::named_nn(TypeRef::STRING), |edge: &Edge| {
            Some(FieldValue::value(cursor(edge.place)))
        }));
    let connection = Object::new(format!("{name}Connection"))
        .field(part("edges", TypeRef::named_list(format!("{name}Edge")), |list: &Connection| {
            Some(FieldValue::list(list.edges.iter().map(|edge| FieldValue::borrowed_any(edge))))
        }))
        .field(part("pageInfo", TypeRef::named_nn("PageInfo"), |list: &Connection| {
            Some(FieldValue::borrowed_any(list))
        }))
        .field(part("count", TypeRef::named_nn(TypeRef::INT), |list: &Connection| Some(FieldValue::value(list.count))))
        .description("One page of the matching objects.");
    schema.register(object(class)).register(order(class)).register(edge).register(connection)
}

fn object(class: Of) -> Object {
    let id = part("id", TypeRef::named_nn(TypeRef::ID), |node: &Node| Some(FieldValue::value(node.global_id())));
    let mut object = Object::new(type_name(class)).implement("ParseObject").implement("Node").field(id);
    for field in class.schema().all() {
        object = object.field(field_of(field));
    }
    object
}

/// Makes a field of an object from the field of its class.
fn field_of(known: &'static Known) -> Field {
    let name = known.name;
    if let Type::Pointer(target) = known.kind {
        let kind = TypeRef::named(target.trim_start_matches('_'));
        return part(name, kind, move |node: &Node| node.pointed(name).map(borrowed));
    }
    let is_always = ALWAYS.contains(&name);
    let field = Field::new(name, kind_of(known), move |context| {
        let held_value = held(&context, known);
        match held_value {
            Ok(None) if is_always => failed(&context, ApiError::object_not_found()),
            Ok(value) => FieldFuture::Value(value),
            Err(error) => failed(&context, error),
        }
    });
    match known.is_secret {
        true => field.description("Returned when you read one object, after the log entry; never in a list."),
        false => field,
    }
}

fn failed<'a>(context: &ResolverContext<'a>, refusal: ApiError) -> FieldFuture<'a> {
    let error = error::of_field(refusal, context.ctx.path_node.as_ref());
    FieldFuture::new(std::future::ready(Err::<Option<FieldValue<'a>>, _>(error)))
}

fn held<'a>(context: &ResolverContext<'a>, known: &Known) -> Result<Option<FieldValue<'a>>, ApiError> {
    let Some(node) = parent::<Node>(context) else { return Ok(None) };
    let Some(held) = node.value(known)? else {
        // An empty ACL is not a missing one.
        let is_nobodys = known.kind == Type::Acl && node.fields.contains_key(known.name);
        return Ok(is_nobodys.then(|| FieldValue::owned_any(serde_json::json!({}))));
    };
    Ok(match known.kind {
        Type::Acl => Some(FieldValue::borrowed_any(held)),
        Type::Date => value(held.get("iso").unwrap_or(held)),
        Type::Array => {
            let all = held.as_array().map(Vec::as_slice).unwrap_or_default();
            let element = |one: &Value| FieldValue::owned_any(Element(one.clone())).with_type("Element");
            Some(FieldValue::list(all.iter().map(element)))
        }
        _ => value(held),
    })
}

fn kind_of(known: &Known) -> TypeRef {
    let kind = match known.kind {
        _ if known.name == "objectId" => TypeRef::ID,
        Type::Array => return TypeRef::named_list("ArrayResult"),
        Type::Acl => "ACL",
        kind => scalar(kind),
    };
    if ALWAYS.contains(&known.name) { TypeRef::named_nn(kind) } else { TypeRef::named(kind) }
}

fn scalar(kind: Type) -> &'static str {
    match kind {
        Type::Number => TypeRef::FLOAT,
        Type::Boolean => TypeRef::BOOLEAN,
        Type::Date => "Date",
        Type::Array | Type::Pointer(_) | Type::Acl | Type::String => TypeRef::STRING,
    }
}

/// Makes the sort orders. Secret fields have none.
fn order(class: Of) -> Enum {
    let mut order = Enum::new(format!("{}Order", type_name(class)));
    let sorted = class.schema().all().filter(|field| !field.is_secret && field.kind != Type::Acl);
    for name in std::iter::once("id").chain(sorted.map(|field| field.name)) {
        order = order.item(format!("{name}_ASC")).item(format!("{name}_DESC"));
    }
    order
}

/// The argument that names an object.
fn id() -> InputValue {
    InputValue::new("id", TypeRef::named_nn(TypeRef::ID)).description("The object's id, or its global one.")
}

/// The argument with the version that the object must have.
pub fn version() -> InputValue {
    InputValue::new("version", TypeRef::named(TypeRef::INT))
        .description("The version that you have read. If the object has changed since, nothing is changed.")
}

fn input_of(class: Of, change: Change) -> InputObject {
    let name = format!("{}{}", capital(change.word()), type_name(class));
    let fields = || InputValue::new("fields", TypeRef::named(format!("{name}FieldsInput")));
    let taken = match change {
        Change::Create => vec![fields()],
        Change::Update => vec![id(), fields(), version()],
        Change::Delete => vec![id(), version()],
    };
    input(&format!("{name}Input"), taken)
}

/// Makes the input with the fields to set. An update also accepts fields that can't change, if their value is the same.
fn fields_of(class: Of, change: Change) -> InputObject {
    let mut fields = InputObject::new(format!("{}{}FieldsInput", capital(change.word()), type_name(class)));
    let is_new = matches!(change, Change::Create);
    for field in class.schema().fields.iter().filter(|field| field.set != Set::Never) {
        let kind = match field.kind {
            Type::Array => TypeRef::named_list("Any"),
            kind if is_new && field.is_required => TypeRef::named_nn(scalar(kind)),
            kind => TypeRef::named(scalar(kind)),
        };
        let mut taken = InputValue::new(field.name, kind);
        if !is_new && field.set == Set::Once {
            taken = taken.description("Set when the object is created. Only the same value is accepted later.");
        }
        fields = fields.field(taken);
    }
    fields
}

fn payload(class: Of, change: Change) -> Object {
    Object::new(format!("{}{}Payload", capital(change.word()), type_name(class)))
        .field(part(&single(class), TypeRef::named_nn(type_name(class)), |payload: &Payload| {
            payload.node.as_ref().map(borrowed)
        }))
        .field(client_mutation_id(|payload: &Payload| &payload.name))
}

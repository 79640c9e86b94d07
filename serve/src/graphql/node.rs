//! An object, with the objects that it points to if the query selects them.

use super::document::Document;
use super::ids::global_id;
use super::names::{single, type_name};
use crate::api::call::Call;
use crate::api::classes::{self, Class};
use crate::api::object::{Fields, Object};
use crate::api::query::Shape;
use crate::api::schema::{Field, Type};
use crate::api::{ApiError, Code, Result, objects};
use async_graphql::parser::types::SelectionSet;
use serde_json::{Value, json};

/// The fields that a pointer alone can answer.
const POINTED: [&str; 3] = ["id", "objectId", "__typename"];

/// An object.
pub struct Node {
    pub class: &'static dyn Class,
    pub fields: Fields,
    /// The objects behind its pointers, by field name.
    pointed: Vec<(&'static str, Self)>,
    /// The secret fields that were read, after their log entry.
    given: Vec<&'static str>,
}

/// The selections on an object. Several fragments may select the same field.
pub struct Wanted<'a> {
    pub document: &'a Document,
    pub sets: Vec<&'a SelectionSet>,
}

impl Wanted<'_> {
    /// Returns whether the selections have a field, for an object of this class.
    fn names(&self, class: &dyn Class, name: &str) -> bool {
        let selected = self.document.selected(&self.sets, &type_name(class));
        selected.iter().any(|field| field.name.node == name)
    }

    /// Returns the secret fields that are selected.
    pub fn secrets(&self, class: &'static dyn Class) -> Vec<&'static str> {
        let secret = class.schema().all().filter(|field| field.is_secret).map(|field| field.name);
        secret.filter(|name| self.names(class, name)).collect()
    }
}

impl Node {
    /// Reads one object. Selected secret fields are included, after their log entry.
    pub fn read(call: &mut Call<'_>, class: &'static dyn Class, id: &str, wanted: &Wanted<'_>) -> Result<Self> {
        let given = wanted.secrets(class);
        let object = objects::get(call, class, id, &shape(class, &given)?)?;
        Self::with_pointed(call, class, object, wanted, given)
    }

    /// Makes the node of an object that was found without its secret fields.
    pub fn found(call: &mut Call<'_>, class: &'static dyn Class, object: Object, wanted: &Wanted<'_>) -> Result<Self> {
        Self::with_pointed(call, class, object, wanted, Vec::new())
    }

    /// Makes the node of an object whose class has no pointers.
    pub fn alone(class: &'static dyn Class, object: Object) -> Self {
        Self { class, fields: object.fields, pointed: Vec::new(), given: Vec::new() }
    }

    fn with_pointed(
        call: &mut Call<'_>,
        class: &'static dyn Class,
        object: Object,
        wanted: &Wanted<'_>,
        given: Vec<&'static str>,
    ) -> Result<Self> {
        let mut node = Self { class, fields: object.fields, pointed: Vec::new(), given };
        for field in class.schema().all() {
            let Type::Pointer(target) = field.kind else { continue };
            let sets = wanted.document.below(&wanted.sets, &type_name(class), field.name);
            let Some(id) = node.fields.get(field.name).and_then(|pointer| pointer["objectId"].as_str()) else {
                continue;
            };
            if !sets.is_empty() {
                let wanted = Wanted { document: wanted.document, sets };
                node.pointed.push((field.name, Self::pointed_to(call, classes::named(target)?, id, &wanted)?));
            }
        }
        Ok(node)
    }

    /// Reads the object behind a pointer, without secret fields. For a removed object, only the id is known.
    fn pointed_to(call: &mut Call<'_>, class: &'static dyn Class, id: &str, wanted: &Wanted<'_>) -> Result<Self> {
        let selected = wanted.document.selected(&wanted.sets, &type_name(class));
        let is_known = selected.iter().all(|field| POINTED.contains(&field.name.node.as_str()));
        if !is_known {
            match objects::outline(call, class, id) {
                Ok(object) => return Self::found(call, class, object, wanted),
                Err(error) if error.code == Code::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let mut fields = Fields::new();
        fields.insert("objectId".to_owned(), id.into());
        Ok(Self { class, fields, pointed: Vec::new(), given: Vec::new() })
    }

    /// Returns the id that is unique over all classes.
    pub fn global_id(&self) -> String {
        let id = self.fields.get("objectId").and_then(Value::as_str).unwrap_or_default();
        global_id(self.class.schema().class, id)
    }

    /// Returns the object that a field points to.
    pub fn pointed(&self, field: &str) -> Option<&Self> {
        self.pointed.iter().find(|(name, _)| *name == field).map(|(_, node)| node)
    }

    /// Returns the value of a field. A secret field is an error unless the node was read with it.
    pub fn value(&self, field: &Field) -> Result<Option<&Value>> {
        if field.is_secret && !self.given.contains(&field.name) {
            return Err(not_given(self.class, field.name));
        }
        Ok(self.fields.get(field.name).filter(|value| !value.is_null()))
    }
}

/// The error for a secret field that is selected in a list or behind a pointer.
pub fn not_given(class: &dyn Class, field: &str) -> ApiError {
    let single = single(class);
    ApiError::query(format!("{field} is not returned in a list"))
        .hint(format!("read one object: {single}(id: \"...\") {{ {field} }}"))
}

/// Returns the shape with all fields that aren't secret, and these secret ones.
fn shape(class: &dyn Class, given: &[&str]) -> Result<Shape> {
    let schema = class.schema();
    let names = schema.all().filter(|field| !field.is_secret || given.contains(&field.name)).map(|field| field.name);
    let keys = names.collect::<Vec<_>>().join(",");
    let Value::Object(parameters) = json!({ "keys": keys }) else { return Ok(Shape::default()) };
    Shape::read(&parameters, schema)
}

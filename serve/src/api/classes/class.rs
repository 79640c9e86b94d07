//! What every class can do.

use crate::api::call::Call;
use crate::api::error::{ApiError, Result};
use crate::api::object::{Fields, Object, date, time_of};
use crate::api::query::Query;
use crate::api::schema::{Schema, Type};
use serde::Serialize;
use serde_json::Value;

/// A class of objects.
pub trait Class: Sync {
    /// Returns the schema of the class.
    fn schema(&self) -> &'static Schema;

    /// Returns all objects that the caller may see, without secret fields. The query may be used to return fewer.
    fn all(&self, call: &mut Call<'_>, query: &Query) -> Result<Vec<Object>>;

    /// Adds the secret fields to these objects, after the log entry. `is_wanted` says which fields to add.
    fn reveal(&self, _: &mut Call<'_>, _: &mut [Object], _: &dyn Fn(&str) -> bool) -> Result<()> {
        Ok(())
    }

    /// Creates an object from checked fields. Returns it without secret fields.
    fn create(&self, _: &mut Call<'_>, _: Fields) -> Result<Object> {
        Err(self.forbidden("created"))
    }

    /// Changes an object with checked fields. `version` is the version that the object must have. Returns the changed
    /// object.
    fn update(&self, _: &mut Call<'_>, _: &Object, _: Fields, _: Option<u32>) -> Result<Object> {
        Err(self.forbidden("changed"))
    }

    /// Deletes an object. `version` is the version that the object must have.
    fn delete(&self, _: &mut Call<'_>, _: &Object, _: Option<u32>) -> Result<()> {
        Err(self.forbidden("removed"))
    }

    /// The error for an operation that the class doesn't support.
    fn forbidden(&self, done: &str) -> ApiError {
        let what = format!("objects of {} can't be {done}", self.schema().class);
        ApiError { message: what, hint: None, ..ApiError::method("GET") }
    }
}

/// Returns an object with those fields of the data dictionary that its class has, and its dates as Parse writes them.
pub fn shown(schema: &Schema, shown: &impl Serialize) -> Result<Object> {
    let mut object = Object::from_view(schema.class, shown)?;
    object.fields.retain(|name, _| schema.field(name).is_some());
    for field in schema.fields.iter().filter(|field| field.kind == Type::Date) {
        if let Some(value) = object.fields.get_mut(field.name) {
            *value = value.as_str().and_then(time_of).map_or(Value::Null, date);
        }
    }
    Ok(object)
}

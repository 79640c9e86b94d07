//! The classes, one file each.

pub mod access_log;
pub mod api_key;
pub mod environment;
pub mod environment_variable;
pub mod items;
pub mod secret;
pub mod secure_vault;
pub mod user;

use super::call::Call;
use super::error::{ApiError, Code, Result};
use super::object::{Fields, Object};
use super::query::Query;
use super::schema::Schema;

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

/// Every class.
pub const ALL: [&dyn Class; 7] = [
    &user::User,
    &secret::SECRET,
    &environment_variable::ENVIRONMENT_VARIABLE,
    &api_key::API_KEY,
    &secure_vault::SECURE_VAULT,
    &environment::Environment,
    &access_log::AccessLog,
];

/// Returns the class of this name.
pub fn named(name: &str) -> Result<&'static dyn Class> {
    ALL.into_iter().find(|class| class.schema().class == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|class| class.schema().class).collect();
        ApiError::new(Code::InvalidClass, format!("there is no class {}", vault::name::quoted(name)))
            .hint(format!("the classes are: {}", names.join(", ")))
    })
}

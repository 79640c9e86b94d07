//! The classes, a file each.

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
    /// Its fields.
    fn schema(&self) -> &'static Schema;

    /// All objects that the caller may see, without anything secret. What the query asks for may make it less work.
    fn all(&self, call: &mut Call<'_>, query: &Query) -> Result<Vec<Object>>;

    /// Puts into these objects what is secret, once the log says so; `is_wanted` tells of a field whether it is asked for.
    fn reveal(&self, _: &mut Call<'_>, _: &mut [Object], _: &dyn Fn(&str) -> bool) -> Result<()> {
        Ok(())
    }

    /// Makes an object of fields that were checked, and gives it without anything secret.
    fn create(&self, _: &mut Call<'_>, _: Fields) -> Result<Object> {
        Err(self.forbidden("made"))
    }

    /// Changes fields, which were checked, of an object that was found; `version` is the one it must have. Gives it as it
    /// is then.
    fn update(&self, _: &mut Call<'_>, _: &Object, _: Fields, _: Option<u32>) -> Result<Object> {
        Err(self.forbidden("changed"))
    }

    /// Removes an object that was found; `version` is the one it must have.
    fn delete(&self, _: &mut Call<'_>, _: &Object, _: Option<u32>) -> Result<()> {
        Err(self.forbidden("removed"))
    }

    /// Says that this can't be done here.
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

/// The class of this name.
pub fn named(name: &str) -> Result<&'static dyn Class> {
    ALL.into_iter().find(|class| class.schema().class == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|class| class.schema().class).collect();
        ApiError::new(Code::InvalidClass, format!("there is no class {}", vault::name::quoted(name)))
            .hint(format!("the environments are: {}", names.join(", ")))
    })
}

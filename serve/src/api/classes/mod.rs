//! The classes, one file each.

pub mod access_log;
pub mod api_key;
mod class;
pub mod environment;
pub mod environment_variable;
pub mod items;
pub mod secret;
pub mod secure_vault;
pub mod user;

pub use class::Class;

use super::error::{ApiError, Code, Result};

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

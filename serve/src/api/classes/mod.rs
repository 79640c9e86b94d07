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
use class::shown;

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_field_of_the_data_dictionary_is_a_field_of_the_class() {
        let schema: Value = serde_json::from_str(include_str!("../../../../schema/vault.schema.json")).unwrap();
        for (class, object) in
            [("Secret", "Secret"), ("AccessLog", "AccessLog"), ("Environment", "Environment"), ("_User", "User")]
        {
            let known = schema["$defs"][object]["properties"].as_object().unwrap();
            let class = named(class).unwrap().schema();
            let missing: Vec<_> = known.keys().filter(|name| class.field(name).is_none()).collect();
            assert!(missing.is_empty(), "{} has no {missing:?}", class.class);
        }
    }
}

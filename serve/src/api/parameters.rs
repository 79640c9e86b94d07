//! The parameters of functions.

use super::error::{ApiError, Result};
use super::object::Fields;
use serde_json::Value;
use vault::name::EnvironmentName;

/// Returns a required parameter that must be a string.
pub fn text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str> {
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(ApiError::validation(format!("{name} must be a string"))),
        None => Err(ApiError::validation(format!("{name} is required"))),
    }
}

/// Returns a parameter that must be a whole number, if it is given.
pub fn number(fields: &Fields, name: &str) -> Result<Option<u32>> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| ApiError::validation(format!("{name} must be a whole number")))
}

/// Returns a parameter that must be true or false. Without the parameter, it is false.
pub fn flag(fields: &Fields, name: &str) -> Result<bool> {
    let wrong = || ApiError::validation(format!("{name} must be true or false"));
    fields.get(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(wrong))
}

/// Returns a parameter that must give a text for each of some environments. Without the parameter, there are none.
pub fn by_environment(fields: &Fields, name: &str) -> Result<Vec<(EnvironmentName, String)>> {
    let wrong = || ApiError::validation(format!("{name} must give a text for each environment"));
    let Some(value) = fields.get(name) else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    for (environment, text) in value.as_object().ok_or_else(wrong)? {
        texts.push((EnvironmentName::new(environment.as_str())?, text.as_str().ok_or_else(wrong)?.to_owned()));
    }
    Ok(texts)
}

/// Returns the environments of a parameter that must be a list of their names. Without the parameter, there are none.
pub fn environments(fields: &Fields, name: &str) -> Result<Vec<EnvironmentName>> {
    let wrong = || ApiError::validation(format!("{name} must be a list of environments"));
    let Some(value) = fields.get(name) else { return Ok(Vec::new()) };
    let mut environments = Vec::new();
    for one in value.as_array().ok_or_else(wrong)? {
        environments.push(EnvironmentName::new(one.as_str().ok_or_else(wrong)?)?);
    }
    Ok(environments)
}

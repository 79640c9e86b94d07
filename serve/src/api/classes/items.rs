//! The code that the classes of items share. An item is the same object in each class that shows it.

use super::{Class, shown, user};
use crate::api::call::Call;
use crate::api::error::{ApiError, Result};
use crate::api::object::{Fields, Object, pointer, time_of};
use crate::api::query::Query;
use crate::api::schema::Schema;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use vault::actions::Expected;
use vault::actions::rm::Removal;
use vault::actions::set::{Change, Set};
use vault::dangerous::AllowedOnce;
use vault::error::Reason;
use vault::item::{Deliver, Description, Kind, MAX_VALUE, Outline};
use vault::name::{EnvironmentName, ItemName, VariableName};
use vault::secret::SecretBytes;
use vault::vault::{Agreed, Chosen, Meant};
use vault::view::{self, text_of};

/// The longest text of a value, in bytes. Binary values are longer in base64.
pub const MAX_TEXT: usize = MAX_VALUE / 3 * 4 + 8;

/// The fields that several classes have.
pub mod field {
    use super::MAX_TEXT;
    use crate::api::schema::{Field, Type};

    /// The value, as text or in base64.
    pub const VALUE: Field = Field::write("value", Type::String).required().secret().at_most(MAX_TEXT);
    /// The environment of the item.
    pub const ENVIRONMENT: Field = Field::once("environment", Type::String);
    /// The user who created the item.
    pub const OWNER: Field = Field::read("owner", Type::Pointer("_User"));
    /// The number of the current version of the value.
    pub const VERSION: Field = Field::read("version", Type::Number);
    /// The user who changed the item last.
    pub const UPDATED_BY: Field = Field::read("updatedBy", Type::String);
    /// The issuer of the value.
    pub const PROVIDER: Field = Field::write("provider", Type::String);
    /// The time at which the value stops working.
    pub const EXPIRES_AT: Field = Field::write("expiresAt", Type::Date);
    /// The time at which the value must be or had to be replaced.
    pub const ROTATE_DUE: Field = Field::read("rotateDue", Type::Date);
    /// A note for people.
    pub const NOTE: Field = Field::write("note", Type::String);
    /// Tags to find the item by.
    pub const TAGS: Field = Field::write("tags", Type::Array);
}

/// A class of items: of all kinds, or of one kind.
pub struct ItemClass {
    pub schema: &'static Schema,
    /// The field with the item's name.
    pub name: &'static str,
    pub kind: Option<Kind>,
}

impl Class for ItemClass {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn all(&self, call: &mut Call<'_>, _: &Query) -> Result<Vec<Object>> {
        let people = user::People::new(call.session()?.vault());
        let access = people.access(call.session()?.vault());
        let mut objects = Vec::new();
        for unread in call.contents()? {
            let environment = unread.environment();
            let acl = access.get(environment).cloned().unwrap_or_default();
            let items = unread.items().filter(|item| self.kind.is_none_or(|kind| item.metadata().kind == kind));
            for item in items {
                objects.push(self.object(environment, item, &people)?.with("ACL", acl.clone()));
            }
        }
        Ok(objects)
    }

    fn reveal(&self, call: &mut Call<'_>, objects: &mut [Object], is_wanted: &dyn Fn(&str) -> bool) -> Result<()> {
        let wanted: Vec<_> = objects.iter().filter_map(|object| object.item.clone()).collect();
        let mut values = BTreeMap::new();
        for (environment, content) in call.values(&wanted)? {
            for item in content.items().values() {
                values.insert((environment.clone(), item.name.clone()), item.current.value.clone());
            }
        }
        for object in objects {
            let Some(value) = object.item.as_ref().and_then(|item| values.get(item)) else { continue };
            let (text, encoding) = text_of(value);
            let is_told = is_wanted("value") || is_wanted("encoding");
            if let Some(encoding) = encoding.filter(|_| is_told && self.schema.field("encoding").is_some()) {
                object.fields.insert("encoding".to_owned(), encoding.into());
            }
            if is_wanted("value") {
                object.fields.insert("value".to_owned(), text.into());
            }
            if is_wanted("encryptedValue") && self.schema.field("encryptedValue").is_some() {
                object.fields.insert("encryptedValue".to_owned(), encrypted(call, value)?.into());
            }
        }
        Ok(())
    }

    fn create(&self, call: &mut Call<'_>, fields: Fields) -> Result<Object> {
        let environment = self.environment(call, &fields)?;
        let name = ItemName::new(text(&fields, self.name).unwrap_or_default())?;
        let value = value(&fields)?.ok_or_else(|| ApiError::validation("value is required"))?;
        let mut description = described(&fields)?;
        description.kind = self.kind.or(description.kind);
        let change = Change { place: (environment, name), value: Some(value) };
        self.store(call, &change, &description, Expected::NoItem)
    }

    fn update(&self, call: &mut Call<'_>, object: &Object, fields: Fields, version: Option<u32>) -> Result<Object> {
        let place = object.item.clone().ok_or_else(ApiError::object_not_found)?;
        let change = Change { place, value: value(&fields)? };
        self.store(call, &change, &described(&fields)?, Expected::Item { id: Some(object.id()), version })
    }

    fn delete(&self, call: &mut Call<'_>, object: &Object, version: Option<u32>) -> Result<()> {
        let place = object.item.clone().ok_or_else(ApiError::object_not_found)?;
        let expected = Expected::Item { id: Some(object.id()), version };
        // Whoever sends the request agrees to it.
        call.act(|session| Agreed::to(Removal::of(session, &[place], expected)?).save(session))
    }
}

impl ItemClass {
    fn object(&self, environment: &EnvironmentName, item: Outline<'_>, people: &user::People) -> Result<Object> {
        let view = view::Secret::new(environment, item);
        let mut object = shown(self.schema, &view)?
            .with(self.name, view.name)
            .with("owner", pointer("_User", &people.id(item.owner())))
            // Parse's clients get a list also where the command line leaves out an empty one.
            .with("tags", view.tags);
        if self.schema.field("encrypted").is_some() {
            object = object.with("encrypted", true);
        }
        object.item = Some((environment.clone(), item.name().clone()));
        Ok(object)
    }

    /// Sets an item if it is as expected. Returns the object after the change.
    fn store(
        &self,
        call: &mut Call<'_>,
        change: &Change,
        description: &Description,
        expected: Expected<'_>,
    ) -> Result<Object> {
        let environment = &change.place.0;
        let people = user::People::new(call.session()?.vault());
        let access = people.access(call.session()?.vault());
        // An empty value is what the client means. Dangerous names are allowed only at the terminal.
        let allowed = AllowedOnce::default();
        let set = Set { changes: Vec::new(), description, allowed: &allowed, may_be_empty: true };
        let show = |item: Outline<'_>| self.object(environment, item, &people);
        let object = call.act(|session| set.save_if(session, change, expected, show))??;
        Ok(object.with("ACL", access.get(environment).cloned().unwrap_or_default()))
    }

    /// Returns the environment of a new object.
    fn environment(&self, call: &mut Call<'_>, fields: &Fields) -> Result<EnvironmentName> {
        let chosen = match text(fields, "environment") {
            Some(named) => Chosen::from_iter([EnvironmentName::new(named)?]),
            None => call.served.chosen.clone(),
        };
        let refusal = match chosen.environment(call.session()?) {
            Ok(Meant::Is(environment)) => return Ok(environment),
            Ok(Meant::Changed(changed)) => changed.refusal(),
            Err(error) => error,
        };
        Err(match refusal.reason() {
            Reason::UnclearEnvironment | Reason::DefaultChanged | Reason::SeveralEnvironments => {
                let required = ApiError::validation(format!("environment is required: {refusal}"));
                required.because(refusal.reason()).hint("name it, or start the server with -e NAME")
            }
            _ => refusal.into(),
        })
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

/// Returns the value in the request, if there is one.
fn value(fields: &Fields) -> Result<Option<SecretBytes>> {
    let Some(sent) = text(fields, "value") else { return Ok(None) };
    match text(fields, "encoding") {
        None => Ok(Some(SecretBytes::from(sent))),
        Some("base64") => {
            let bytes = STANDARD.decode(sent).map_err(|_| ApiError::validation("value is not base64"))?;
            Ok(Some(SecretBytes::new(bytes)))
        }
        Some(_) => Err(ApiError::validation("encoding can only be base64")),
    }
}

/// Returns the metadata in the request.
fn described(fields: &Fields) -> vault::Result<Description> {
    let mut description = Description::default();
    for (name, value) in fields {
        let text = || Some(value.as_str().unwrap_or_default().to_owned());
        match &**name {
            "kind" => {
                description.kind = Some(one_of(value, &[Kind::Secret, Kind::Variable, Kind::ApiKey], Kind::as_str)?);
            }
            "deliver" => {
                let ways = [Deliver::Variable, Deliver::File, Deliver::None];
                description.deliver = Some(one_of(value, &ways, Deliver::as_str)?);
            }
            "as" => {
                let variable = text().filter(|text| !text.is_empty());
                description.variable = variable.map(VariableName::new).transpose()?.into();
            }
            "note" => description.note = text(),
            "provider" => description.provider = text(),
            "expiresAt" => {
                description.expires = value.as_str().or(value["iso"].as_str()).and_then(time_of).into();
            }
            "tags" => {
                let words: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                if words.contains(&"") {
                    return Err(vault::Error::usage("\"\" is not a tag"));
                }
                description.tags = Some(words.into_iter().map(str::to_owned).collect());
            }
            "encrypted" if *value != Value::Bool(true) => {
                return Err(vault::Error::usage("encrypted is always true: everything in a vault is"));
            }
            _ => {}
        }
    }
    Ok(description)
}

/// Returns the element with this word, or the first one if the value is no text.
fn one_of<T: Copy>(value: &Value, all: &[T], word: fn(T) -> &'static str) -> vault::Result<T> {
    let meant = value.as_str().unwrap_or_else(|| word(all[0]));
    all.iter().copied().find(|one| word(*one) == meant).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|one| word(*one)).collect();
        vault::Error::usage(format!("{} is not one of {}", vault::name::quoted(meant), words.join(", ")))
    })
}

/// Encrypts the value as an age file that only the caller can open.
fn encrypted(call: &mut Call<'_>, value: &[u8]) -> Result<String> {
    let session = call.session()?;
    let caller = session.vault().roster().state().user(session.user())?;
    Ok(vault::identity::encrypt_to(std::iter::once(&caller.keys.recipient), value)?)
}

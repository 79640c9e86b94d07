//! The fields for signing in, up and out, for the viewer, and for the functions.

use super::super::change::{Payload, call_function};
use super::super::user::{SignedIn, Viewer, log_in, log_out, recovery_key, sign_up, viewer as who};
use super::classes::version;
use super::common::{always, client_mutation_id, input};
use super::field::{borrowed, part, resolved, value};
use crate::api::functions;
use async_graphql::dynamic::{Enum, Field, FieldValue, InputObject, InputValue, Object, SchemaBuilder, TypeRef};

/// Makes the `viewer` query.
pub fn viewer() -> Field {
    let field =
        resolved("viewer", TypeRef::named_nn("Viewer"), |asked, _| Ok(Some(FieldValue::owned_any(who(asked)?))));
    field.description("Who is signed in.")
}

/// Makes the mutations for sessions and functions.
pub fn mutations() -> [Field; 4] {
    let input = |name: &str| InputValue::new("input", TypeRef::named_nn(format!("{name}Input")));
    let signing_in = resolved("logIn", TypeRef::named("LogInPayload"), |asked, field| {
        Ok(Some(FieldValue::owned_any(log_in(asked, field)?)))
    });
    let signing_up = resolved("signUp", TypeRef::named("SignUpPayload"), |asked, field| {
        Ok(Some(FieldValue::owned_any(sign_up(asked, field)?)))
    });
    let signing_out = resolved("logOut", TypeRef::named("LogOutPayload"), |asked, field| {
        Ok(Some(FieldValue::owned_any(log_out(asked, field)?)))
    });
    let calling = resolved("callCloudCode", TypeRef::named("CallCloudCodePayload"), |asked, field| {
        Ok(Some(FieldValue::owned_any(call_function(asked, field)?)))
    });
    [
        signing_in.argument(input("LogIn")).description("Sign in. The token goes into X-Parse-Session-Token."),
        signing_up
            .argument(input("SignUp"))
            .description("Sign up with an invitation and a passphrase, or ask to be added."),
        signing_out.argument(input("LogOut")).description("End the session."),
        calling
            .argument(input("CallCloudCode"))
            .description("Call a function: history, rollback, rotate, grant and others."),
    ]
}

/// Registers the types.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let text = || TypeRef::named(TypeRef::STRING);
    let needed = || TypeRef::named_nn(TypeRef::STRING);
    let names = functions::ALL.map(|(name, _)| name);
    let signing_in = [
        InputValue::new("username", text()),
        InputValue::new("password", text()).description("The passphrase."),
        InputValue::new("code", text()).description("A one-time code, instead of both."),
    ];
    let new = InputObject::new("CreateUserFieldsInput")
        .field(InputValue::new("username", needed()))
        .field(InputValue::new("password", needed()).description("Becomes the passphrase."))
        .field(
            InputValue::new("invitation", text())
                .description("The key that `vault user add` printed. Without it, an admin decides."),
        );
    let calling = [
        InputValue::new("functionName", TypeRef::named_nn("CloudCodeFunction")),
        InputValue::new("params", TypeRef::named("Object")),
        version(),
    ];
    schema
        .register(Enum::new("CloudCodeFunction").items(names))
        .register(new)
        .register(input("LogInInput", signing_in))
        .register(input("SignUpInput", [InputValue::new("fields", TypeRef::named("CreateUserFieldsInput"))]))
        .register(input("LogOutInput", []))
        .register(input("CallCloudCodeInput", calling))
        .register(viewer_type())
        .register(signed_in("LogInPayload"))
        .register(signed_up())
        .register(
            Object::new("LogOutPayload").field(always("ok")).field(client_mutation_id(|name: &serde_json::Value| name)),
        )
        .register(
            Object::new("CallCloudCodePayload")
                .field(part("result", TypeRef::named("Any"), |payload: &Payload| value(&payload.result)))
                .field(client_mutation_id(|payload: &Payload| &payload.name)),
        )
}

fn viewer_type() -> Object {
    Object::new("Viewer")
        .field(part("sessionToken", TypeRef::named_nn(TypeRef::STRING), |viewer: &Viewer| {
            Some(FieldValue::value(viewer.token.expose()))
        }))
        .field(part("user", TypeRef::named_nn("User"), |viewer: &Viewer| Some(borrowed(&viewer.user))))
}

fn signed_in(name: &str) -> Object {
    Object::new(name)
        .field(part("viewer", TypeRef::named("Viewer"), |done: &SignedIn| {
            done.viewer.as_ref().map(|viewer| FieldValue::borrowed_any(viewer))
        }))
        .field(client_mutation_id(|done: &SignedIn| &done.name))
}

/// Makes the result of signing up. Without an invitation it is a join request, and there is no viewer.
fn signed_up() -> Object {
    let text = || TypeRef::named(TypeRef::STRING);
    signed_in("SignUpPayload")
        .field(part("recoveryKey", text(), |done: &SignedIn| recovery_key(done).map(FieldValue::value)))
        .field(part("requested", TypeRef::named_nn(TypeRef::BOOLEAN), |done: &SignedIn| {
            Some(FieldValue::value(done.asked.is_some()))
        }))
        .field(part("keys", text(), |done: &SignedIn| {
            done.asked.as_ref().map(|(keys, _)| FieldValue::value(keys.clone()))
        }))
        .field(part("fingerprint", text(), |done: &SignedIn| {
            done.asked.as_ref().map(|(_, fingerprint)| FieldValue::value(fingerprint.clone()))
        }))
        .description(
            "Without an invitation there is no viewer until an admin has compared the fingerprint and added the user.",
        )
}

//! The routes under `/parse`, except for batches.

use super::Asked;
use super::answer::Answer;
use crate::api::error::{ApiError, Code, Result};
use crate::api::login::Proof;
use crate::api::object::{Fields, Object, date, moment, pointer, time_of};
use crate::api::query::{Query, Shape};
use crate::api::sign_up::SignUp;
use crate::api::{Api, classes, functions, objects};
use serde::Serialize;
use serde_json::{Value, json};
use vault::secret::{ExposeSecret as _, SecretString};
use vault::time::Time;
use vault::view::ServerSession;
use zeroize::Zeroizing;

/// Answers a request that is no batch.
pub fn answer(api: &Api, asked: Asked) -> Result<Answer> {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    if has_method(&path, &asked.method) {
        asked.check_version_is_meant()?;
    }
    match (&*asked.method, &path[..]) {
        ("GET", ["health"]) => nothing_else(&asked.fields).and_then(|()| Answer::ok(&json!({ "status": "ok" }))),
        ("GET" | "POST", ["login"]) => login(api, asked),
        ("POST", ["logout"]) => logout(api, &asked),
        ("GET", ["users", "me"]) => me(api, &asked),
        ("GET", ["sessions", "me"]) => session(api, &asked),
        ("GET", ["schemas"]) => schemas(api, &asked),
        ("GET", ["schemas", class]) => schema(api, &asked, class),
        // The SDKs for Flutter and .NET sign up by creating an object.
        ("POST", ["users"] | ["classes", "_User"]) => sign_up(api, asked),
        ("POST", ["functions", name]) => function(api, &asked, name),
        ("GET", ["users"]) => find(api, &asked, "_User"),
        ("GET", ["users", id]) => get(api, &asked, "_User", id),
        ("GET", ["classes", class]) => find(api, &asked, class),
        ("POST", ["classes", class]) => create(api, &asked, class),
        ("GET", ["classes", class, id]) => get(api, &asked, class, id),
        ("PUT", ["classes", class, id]) => update(api, &asked, class, id),
        ("DELETE", ["classes", class, id]) => delete(api, &asked, class, id),
        (_, path) => Err(absent(path)),
    }
}

/// Returns the error for a path that doesn't exist, or for a method that it doesn't support.
pub fn absent(path: &[&str]) -> ApiError {
    match path {
        ["health" | "schemas"] | ["users" | "schemas", _] | ["sessions", "me"] => ApiError::method("GET"),
        ["login" | "logout" | "batch"] | ["functions", _] => ApiError::method("POST"),
        ["users"] | ["classes", _] => ApiError::method("GET, POST"),
        ["classes", _, _] => ApiError::method("GET, PUT, DELETE"),
        _ => ApiError::new(Code::Forbidden, "there is no such path").hint("/openapi.json lists the paths").status(404),
    }
}

fn has_method(path: &[&str], method: &str) -> bool {
    absent(path).allow.is_some_and(|methods| methods.split(", ").any(|known| known == method))
}

/// Removes a text field from the body and returns it.
fn take(fields: &mut Fields, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Refuses any other field in the body.
fn nothing_else(fields: &Fields) -> Result<()> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => Err(ApiError::validation(format!("{} is not expected here", vault::name::quoted(name)))),
    }
}

fn sign_up(api: &Api, asked: Asked) -> Result<Answer> {
    let Asked { mut fields, client, .. } = asked;
    let missing = |code, what: &str| ApiError::new(code, format!("{what} is required."));
    let username = take(&mut fields, "username").ok_or_else(|| missing(Code::UsernameMissing, "username"))?;
    let password = take(&mut fields, "password").ok_or_else(|| missing(Code::PasswordMissing, "password"))?;
    let invitation = match fields.remove("invitation") {
        None => None,
        Some(Value::String(key)) => Some(key),
        Some(_) => return Err(ApiError::validation("invitation must be a string: the key that an admin was shown")),
    };
    nothing_else(&fields)?;
    let passphrase = SecretString::from(password);
    let Some(invitation) = invitation.map(SecretString::from) else { return request(api, &username, &passphrase) };
    let name = Value::from(username.as_str());
    let signed_up = api.sign_up(&SignUp { username, passphrase, invitation }, &client)?;
    let mut body = match signed_up.session {
        Some((token, mut user)) => {
            user.fields.insert("sessionToken".to_owned(), token.expose().into());
            user.fields
        }
        None => Fields::from_iter([("username".to_owned(), name)]),
    };
    body.insert("recoveryKey".to_owned(), signed_up.recovery_key.expose_secret().into());
    let location = body.get("objectId").and_then(Value::as_str).map(|id| format!("/parse/users/{id}"));
    Ok(Answer { status: 201, location, ..Answer::ok(&body)? })
}

/// Signing up without an invitation is a join request. It signs nobody in.
fn request(api: &Api, username: &str, passphrase: &SecretString) -> Result<Answer> {
    let requested = api.request(username, passphrase)?;
    let request = &requested.asking.request;
    let body = json!({
        "username": request.user.as_str(),
        "requested": true,
        "createdAt": moment(requested.asking.since),
        "keys": request.to_string(),
        "fingerprint": request.fingerprint(),
        "recoveryKey": requested.recovery_key.expose_secret(),
    });
    Ok(Answer { status: 202, ..Answer::ok(&body)? })
}

fn login(api: &Api, asked: Asked) -> Result<Answer> {
    let Asked { mut fields, client, .. } = asked;
    let [code, username, password] = ["code", "username", "password"].map(|name| take(&mut fields, name));
    nothing_else(&fields)?;
    let proof = match (code, username, password) {
        (Some(code), None, None) => Proof::Code(Zeroizing::new(code)),
        (None, Some(username), Some(password)) => {
            Proof::Passphrase { username, passphrase: SecretString::from(password) }
        }
        (None, None, _) => return Err(ApiError::new(Code::UsernameMissing, "username/email is required.")),
        (None, Some(_), None) => return Err(ApiError::new(Code::PasswordMissing, "password is required.")),
        (Some(_), ..) => return Err(ApiError::validation("send a code without username and password")),
    };
    let (token, user) = api.login(&proof, &client)?;
    let mut body = user.fields;
    body.insert("sessionToken".to_owned(), token.expose().into());
    Answer::ok(&body)
}

fn logout(api: &Api, asked: &Asked) -> Result<Answer> {
    nothing_else(&asked.fields)?;
    let token = asked.token.as_ref().ok_or_else(ApiError::invalid_session)?;
    api.logout(token)?;
    Answer::ok(&json!({}))
}

fn me(api: &Api, asked: &Asked) -> Result<Answer> {
    nothing_else(&asked.fields)?;
    let token = asked.token.as_ref().ok_or_else(ApiError::invalid_session)?;
    let user = api.with(Some(token), &asked.client, classes::user::me)?;
    let mut body = user.fields;
    body.insert("sessionToken".to_owned(), token.expose().into());
    Answer::ok(&body)
}

/// Answers with the caller's own session, as the SDKs for Android and .NET expect it. `vault serve sessions` lists the
/// others.
fn session(api: &Api, asked: &Asked) -> Result<Answer> {
    nothing_else(&asked.fields)?;
    let token = asked.token.as_ref().ok_or_else(ApiError::invalid_session)?;
    let user = api.with(Some(token), &asked.client, classes::user::me)?;
    let session = ServerSession::new(api.sessions.describe(token)?, Time::now());
    let began = time_of(&session.created_at).map(moment);
    Answer::ok(&json!({
        "objectId": session.object_id,
        "user": pointer("_User", user.id()),
        "sessionToken": token.expose(),
        "createdWith": { "action": "login", "authProvider": "password" },
        "restricted": false,
        "createdAt": began,
        "updatedAt": began,
        "expiresAt": time_of(&session.held_until).map(date),
    }))
}

fn schemas(api: &Api, asked: &Asked) -> Result<Answer> {
    nothing_else(&asked.fields)?;
    let all = || classes::ALL.iter().map(|class| class.schema().json()).collect::<Vec<_>>();
    api.with(asked.token.as_ref(), &asked.client, |_| Answer::ok(&json!({ "results": all() })))
}

fn schema(api: &Api, asked: &Asked, class: &str) -> Result<Answer> {
    nothing_else(&asked.fields)?;
    let class = classes::named(class)?;
    api.with(asked.token.as_ref(), &asked.client, |_| Answer::ok(&class.schema().json()))
}

/// The response to a query.
#[derive(Serialize)]
struct Results<'a> {
    results: Vec<&'a Fields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

fn find(api: &Api, asked: &Asked, class: &str) -> Result<Answer> {
    let class = classes::named(class)?;
    // The query is parsed only for clients with a session, because compiling a pattern takes time.
    let found = api.with(asked.token.as_ref(), &asked.client, |call| {
        objects::find(call, class, &Query::read(&asked.fields, class.schema())?)
    })?;
    Answer::ok(&Results { results: found.objects.iter().map(|object| &object.fields).collect(), count: found.count })
}

fn get(api: &Api, asked: &Asked, class: &str, id: &str) -> Result<Answer> {
    let class = classes::named(class)?;
    let object = api.with(asked.token.as_ref(), &asked.client, |call| {
        objects::get(call, class, id, &Shape::read(&asked.fields, class.schema())?)
    })?;
    let version = object.fields.get("version").and_then(Value::as_u64);
    Ok(Answer { version, ..Answer::ok(&object.fields)? })
}

fn create(api: &Api, asked: &Asked, class: &str) -> Result<Answer> {
    let class = classes::named(class)?;
    let fields = asked.fields.clone();
    let object = api.with(asked.token.as_ref(), &asked.client, |call| objects::create(call, class, fields))?;
    let location = format!("/parse/classes/{}/{}", object.class, object.id());
    let body = answered(&object, &["objectId", "createdAt", "version"]);
    Ok(Answer { status: 201, location: Some(location), ..Answer::ok(&body)? })
}

fn update(api: &Api, asked: &Asked, class: &str, id: &str) -> Result<Answer> {
    let class = classes::named(class)?;
    let fields = asked.fields.clone();
    let version = asked.version;
    let object =
        api.with(asked.token.as_ref(), &asked.client, |call| objects::update(call, class, id, fields, version))?;
    let version = object.fields.get("version").and_then(Value::as_u64);
    Ok(Answer { version, ..Answer::ok(&answered(&object, &["updatedAt", "version"]))? })
}

fn delete(api: &Api, asked: &Asked, class: &str, id: &str) -> Result<Answer> {
    let class = classes::named(class)?;
    if class.schema().delete {
        nothing_else(&asked.fields)?;
    }
    let version = asked.version;
    api.with(asked.token.as_ref(), &asked.client, |call| objects::delete(call, class, id, version))?;
    Answer::ok(&json!({}))
}

fn function(api: &Api, asked: &Asked, name: &str) -> Result<Answer> {
    let (fields, version) = (&asked.fields, asked.version);
    let result = api.with(asked.token.as_ref(), &asked.client, |call| functions::run(call, name, fields, version))?;
    Answer::ok(&json!({ "result": result }))
}

/// Returns the fields that the server set, for the response to a change.
fn answered(object: &Object, names: &[&str]) -> Fields {
    let field = |name: &&str| object.fields.get(*name).map(|value| ((*name).to_owned(), value.clone()));
    names.iter().filter_map(field).collect()
}

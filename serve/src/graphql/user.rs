//! Mutations for signing in, up and out, and the `viewer` query.

use super::change::{client_mutation_id, fields, input};
use super::node::Node;
use super::shared::Shared;
use crate::api::classes::user::{self, User};
use crate::api::login::Proof;
use crate::api::object::{Fields, Object};
use crate::api::sign_up::SignUp;
use crate::api::{ApiError, Code, Result, Token};
use async_graphql::parser::types::Field;
use serde_json::Value;
use vault::secret::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The user who is signed in.
pub struct Viewer {
    pub token: Token,
    pub user: Node,
}

/// The result of signing in or up.
pub struct SignedIn {
    /// The client's id for this mutation (`clientMutationId`).
    pub name: Value,
    /// The user; `None` if an admin has to add the user first.
    pub viewer: Option<Viewer>,
    /// The recovery key, which opens the vault if the passphrase is lost. Only signing up returns one.
    pub recovery_key: Option<SecretString>,
    /// The public keys of a join request, and the fingerprint that an admin compares.
    pub asked: Option<(String, String)>,
}

impl SignedIn {
    fn new(name: Value, session: Option<(Token, Object)>, recovery_key: Option<SecretString>) -> Self {
        let viewer = session.map(|(token, user)| Viewer { token, user: Node::alone(&User, user) });
        Self { name, viewer, recovery_key, asked: None }
    }
}

/// Returns the user who is signed in.
pub fn viewer(shared: &Shared) -> Result<Viewer> {
    let token = shared.token.as_ref().ok_or_else(ApiError::invalid_session)?;
    let me = shared.api.with(Some(token), &shared.client, user::me)?;
    Ok(Viewer { token: token.copy(), user: Node::alone(&User, me) })
}

/// Signs in, with a passphrase or a one-time code.
pub fn log_in(shared: &Shared, field: &Field) -> Result<SignedIn> {
    let mut input = input(shared, field)?;
    let name = client_mutation_id(&input);
    let [code, username, password] = ["code", "username", "password"].map(|name| take(&mut input, name));
    let proof = match (code, username, password) {
        (Some(code), None, None) => Proof::Code(Zeroizing::new(code)),
        (None, Some(username), Some(password)) => {
            Proof::Passphrase { username, passphrase: SecretString::from(password) }
        }
        (Some(_), ..) => return Err(ApiError::validation("send a code without username and password")),
        (None, None, _) => return Err(ApiError::new(Code::UsernameMissing, "username is required.")),
        (None, Some(_), None) => return Err(ApiError::new(Code::PasswordMissing, "password is required.")),
    };
    let session = shared.api.login(&proof, &shared.client)?;
    Ok(SignedIn::new(name, Some(session), None))
}

/// Signs up with an invitation. Without one, it records a join request and signs nobody in.
pub fn sign_up(shared: &Shared, field: &Field) -> Result<SignedIn> {
    let mut input = input(shared, field)?;
    let name = client_mutation_id(&input);
    let mut fields = fields(&mut input)?;
    let [username, password] = ["username", "password"].map(|name| take(&mut fields, name).unwrap_or_default());
    let passphrase = SecretString::from(password);
    let Some(invitation) = take(&mut fields, "invitation").map(SecretString::from) else {
        let requested = shared.api.request(&username, &passphrase)?;
        let request = &requested.asking.request;
        let keys = (request.to_string(), request.fingerprint());
        return Ok(SignedIn { name, viewer: None, recovery_key: Some(requested.recovery_key), asked: Some(keys) });
    };
    let done = shared.api.sign_up(&SignUp { username, passphrase, invitation }, &shared.client)?;
    Ok(SignedIn::new(name, done.session, Some(done.recovery_key)))
}

/// Ends the session.
pub fn log_out(shared: &Shared, field: &Field) -> Result<Value> {
    let name = client_mutation_id(&input(shared, field)?);
    let token = shared.token.as_ref().ok_or_else(ApiError::invalid_session)?;
    shared.api.logout(token)?;
    Ok(name)
}

/// Returns the recovery key, for the one response that has it.
pub fn recovery_key(done: &SignedIn) -> Option<&str> {
    done.recovery_key.as_ref().map(ExposeSecret::expose_secret)
}

fn take(fields: &mut Fields, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

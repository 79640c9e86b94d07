//! Functions on users: join requests, adding, removing, roles and rights. They are for admins and follow the rules of
//! `vault user` and `vault grant`.

use super::call::Call;
use super::classes::user;
use super::error::{ApiError, Result};
use super::object::{Fields, Object, moment};
use super::parameters::{by_environment, environments, flag, text};
use serde::Serialize;
use serde_json::{Value, json};
use vault::actions::grant::{self, Accepted, Revoked};
use vault::actions::user_add::{self, Rights};
use vault::actions::user_rm::{Done, Removal};
use vault::actions::user_role;
use vault::log::Action;
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Right, Role};
use vault::secret::ExposeSecret as _;
use vault::vault::{Agreed, Fallbacks, KeyRequest, NewUser, Session};
use vault::view;

/// The result of a function that may take a right, with what is left to do, as the JSON of the command line has it.
#[derive(Serialize)]
struct WithRest<T> {
    #[serde(flatten)]
    result: Value,
    #[serde(flatten)]
    rest: T,
}

/// Lists the join requests at this server, with the keys and the fingerprint that an admin compares.
pub fn requests(call: &mut Call<'_>) -> Result<Value> {
    let one = |asking: &vault::vault::Asking| {
        json!({
            "username": asking.request.user.as_str(),
            "keys": asking.request.to_string(),
            "fingerprint": asking.request.fingerprint(),
            "createdAt": moment(asking.since),
        })
    };
    Ok(call.session()?.asked()?.iter().map(one).collect::<Vec<_>>().into())
}

/// Adds a user: with the keys from a join request, or with a new key that is returned once.
pub fn add(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let new = new_user(fields)?;
    let request = match fields.get("keys") {
        None => None,
        Some(_) => Some(text(fields, "keys")?.parse::<KeyRequest>()?),
    };
    let name = new.name().clone();
    let fingerprint = request.as_ref().map(KeyRequest::fingerprint);
    let mut key = None;
    call.act_with_keys(|session| match request {
        Some(request) => user_add::add_requested(session, new, request),
        None => user_add::add(session, vec![new], |keys, _| {
            key = keys.first().map(|(_, key)| key.to_text().expose_secret().to_owned());
            Ok(())
        }),
    })?;
    Ok(json!({ "user": user_object(call, &name)?.fields, "key": key, "fingerprint": fingerprint }))
}

/// Drops a join request.
pub fn refuse(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let name = UserName::new(text(fields, "username")?)?;
    call.session()?.refuse_asked(&name)?;
    Ok(json!({}))
}

/// Removes a user, and the users whose keys the removed user may still have, unless they are kept. Returns what must be
/// replaced, and what is left behind. Whoever sends the request agrees to it.
pub fn remove(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let name = UserName::new(text(fields, "username")?)?;
    let (keeps_issued, obstacles) = (flag(fields, "keepIssued")?, Obstacles::of(fields)?);
    let Done { removed, left } = call.act_with_keys(|session| {
        let accepted = obstacles.accepted(session, Action::UserRemove)?;
        Agreed::to(Removal::of(session, &name, keeps_issued, accepted)?).save(session)
    })?;
    let users: Vec<UserName> = std::iter::once(&name).chain(&removed.too).cloned().collect();
    let added: Vec<&str> = removed.added.iter().map(UserName::as_str).collect();
    let rest = view::Lost::new(&users, &removed.lost, (&left).into());
    Ok(json!(WithRest { result: json!({ "added": added }), rest }))
}

/// Makes a user an admin or a member. Returns what is left behind. If nobody could give rights on an environment
/// afterwards, the caller has to name it in `unmanaged`.
pub fn set_role(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let name = UserName::new(text(fields, "username")?)?;
    let role: Role = text(fields, "role")?.parse()?;
    let unmanaged = environments(fields, "unmanaged")?;
    let set = call.act_with_keys(|session| user_role::set(session, &name, role, &unmanaged))?;
    let result = json!({ "user": user_object(call, &name)?.fields });
    Ok(json!(WithRest { result, rest: view::LeftBehind::from(&set.left) }))
}

/// Grants or revokes a user's right on an environment. Returns what must be replaced because a former reader knows it,
/// and what is left behind.
pub fn grant(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let user = UserName::new(text(fields, "username")?)?;
    let environment = EnvironmentName::new(text(fields, "environment")?)?;
    let right = text(fields, "right")?;
    let wanted: Option<Right> = if right == "none" { None } else { Some(right.parse()?) };
    let obstacles = Obstacles::of(fields)?;
    let Revoked { lost, left } = call.act_with_keys(|session| match wanted {
        Some(right) => {
            let accepted = obstacles.accepted(session, Action::Grant)?;
            let wanted = [(environment, right)].into();
            let granted = grant::grant(session, &user, &wanted, accepted)?;
            Ok(Revoked { lost: Vec::new(), left: granted.left })
        }
        None => {
            let accepted = obstacles.accepted(session, Action::Revoke)?;
            grant::revoke(session, &user, &[environment], accepted)
        }
    })?;
    let rest = view::Lost::new(std::slice::from_ref(&user), &lost, (&left).into());
    Ok(json!(WithRest { result: json!({ "user": user_object(call, &user)?.fields }), rest }))
}

/// What the caller accepts, so that a change is made in spite of it.
struct Obstacles {
    /// Environments that nobody could read or change afterwards.
    orphans: Vec<EnvironmentName>,
    /// Environments that can't be read, and continue without items.
    empty: Vec<EnvironmentName>,
    /// Environments that can't be read, and continue with their items at a git revision.
    restore: Vec<(EnvironmentName, String)>,
}

impl Obstacles {
    fn of(fields: &Fields) -> Result<Self> {
        let (orphans, empty) = (environments(fields, "orphans")?, environments(fields, "empty")?);
        Ok(Self { orphans, empty, restore: by_environment(fields, "restore")? })
    }

    fn accepted(self, session: &Session, action: Action) -> vault::Result<Accepted> {
        let contents = Fallbacks::new(session, action, &self.empty, &self.restore)?;
        Ok(Accepted { orphans: self.orphans, contents })
    }
}

fn new_user(fields: &Fields) -> Result<NewUser> {
    let name = UserName::new(text(fields, "username")?)?;
    let email = match fields.get("email") {
        None => None,
        Some(_) => Some(text(fields, "email")?.to_owned()),
    };
    let is_admin = match fields.get("role") {
        None => false,
        Some(_) => text(fields, "role")?.parse::<Role>()? == Role::Admin,
    };
    let (mut read, mut write) = (Vec::new(), Vec::new());
    let grants = match fields.get("grants") {
        None => &Vec::new(),
        Some(Value::Array(all)) => all,
        Some(_) => return Err(no_grants()),
    };
    for grant in grants {
        match granted(grant)? {
            (environment, Right::Read) => read.push(environment),
            (environment, Right::Write) => write.push(environment),
        }
    }
    Ok(user_add::new_user(name, email, &Rights { read: &read, write: &write, is_admin }))
}

fn granted(value: &Value) -> Result<(EnvironmentName, Right)> {
    let grant = value.as_object().filter(|grant| grant.len() == 2).ok_or_else(no_grants)?;
    let part = |name: &str| grant.get(name).and_then(Value::as_str).ok_or_else(no_grants);
    Ok((EnvironmentName::new(part("environment")?)?, part("right")?.parse()?))
}

fn no_grants() -> ApiError {
    ApiError::validation("grants must be a list of {\"environment\": ..., \"right\": \"read\" or \"write\"}")
}

fn user_object(call: &mut Call<'_>, name: &UserName) -> Result<Object> {
    user::object(call.session()?.vault(), name)
}

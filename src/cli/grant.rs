//! `vault grant` and `vault revoke`: rights on environments.

use super::context::Context;
use super::object::User;
use super::user::show_lost;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::str::FromStr;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, UserName};
use vault::roster::Right;
use vault::vault::{Edit, Session};
use vault::{Error, Result};

/// Sets rights. The environment is encrypted anew with that, so you must be an admin and write it yourself.
#[derive(Debug, clap::Args)]
pub struct GrantArgs {
    /// The user
    name: UserName,
    /// The environment, and :read (what is meant without it) or :write
    #[arg(required = true, value_name = "ENV[:RIGHT]", add = clap_complete::ArgValueCandidates::new(crate::cli::candidates::rights))]
    grants: Vec<GrantArg>,
}

/// Takes all rights on environments. They are encrypted anew without the user, and the values the user could read are
/// marked as to be replaced and printed.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The user
    name: UserName,
    /// The environment
    #[arg(required = true, value_name = "ENV")]
    environments: Vec<EnvironmentName>,
}

/// `ENV`, `ENV:read` or `ENV:write`.
#[derive(Debug, Clone)]
struct GrantArg(EnvironmentName, Right);

impl FromStr for GrantArg {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, right) = text.split_once(':').unwrap_or((text, "read"));
        Ok(Self(EnvironmentName::new(name)?, right.parse()?))
    }
}

pub fn grant(args: &GrantArgs, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let wanted: BTreeMap<_, _> = args.grants.iter().map(|GrantArg(name, right)| (name.clone(), *right)).collect();
    if wanted.len() < args.grants.len() {
        return Err(Error::usage("an environment is named twice"));
    }
    let mut session = context.identity_session()?;
    let changed = session.edit(|edit| {
        let state = edit.roster().state();
        state.check_admin(edit.user())?;
        state.user(name)?;
        let has =
            |environment: &EnvironmentName| Ok::<_, Error>(state.environment(environment)?.grants.get(name).copied());
        let mut grants = Vec::new();
        for (environment, right) in &wanted {
            if has(environment)? != Some(*right) {
                grants.push((environment.clone(), *right));
            }
        }
        if grants.is_empty() {
            return Ok(false);
        }
        for (environment, right) in &grants {
            edit.log(Entry::new(Action::Grant).environment(environment).note(format!("{name}: {right}")));
        }
        edit.grant(name, grants)?;
        Ok(true)
    })?;
    let verb = if changed { "now" } else { "already" };
    tell(name, verb, &session, context)?;
    if context.ui.json {
        context.ui.json(&User::new(session.vault(), name)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn revoke(args: &RevokeArgs, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let mut environments = args.environments.clone();
    environments.sort_unstable();
    environments.dedup();
    let mut session = context.identity_session()?;
    let lost = session.edit(|edit| {
        let lost = edit.revoke(name, &environments)?;
        log_revoked(edit, name, &environments);
        Ok(lost)
    })?;
    tell(name, "now", &session, context)?;
    show_lost(std::slice::from_ref(name), &lost, context)?;
    Ok(ExitCode::SUCCESS)
}

fn log_revoked(edit: &mut Edit<'_>, name: &UserName, environments: &[EnvironmentName]) {
    for environment in environments {
        edit.log(Entry::new(Action::Revoke).environment(environment).note(name.to_string()));
    }
}

fn tell(name: &UserName, when: &str, session: &Session, context: &Context) -> Result<()> {
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name} {when} {}.", User::new(session.vault(), name)?.rights()));
    Ok(())
}

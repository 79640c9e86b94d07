//! `vault grant` and `vault revoke`: change rights on environments.

use crate::cli::generated::examples;
use crate::cli::options::taking::{OrphanArgs, UnreadableArgs};
use crate::cli::showing::left_behind::{show_lost, warn_of_left};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use std::str::FromStr;
use vault::actions::grant::{Accepted, Granted, Revoked, once_each};
use vault::log::Action;
use vault::name::{EnvironmentName, UserName};
use vault::ordered::InOrder as _;
use vault::roster::Right;
use vault::vault::Session;
use vault::view::{RightsSet, User};
use vault::{Error, Result, actions};

/// Sets rights and re-encrypts the environment, so you must be an admin and be allowed to write it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault grant ana prod" => "Let ana read prod",
    "vault grant ana dev:write preview:write" => "Let ana change dev and preview",
})]
pub struct GrantArgs {
    /// The user
    name: UserName,
    /// The environment, with :read (the default) or :write
    #[arg(required = true, value_name = "ENV[:RIGHT]", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::rights))]
    grants: Vec<GrantArg>,
    #[command(flatten)]
    orphan: OrphanArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

/// Revokes all of a user's rights on these environments. They are re-encrypted without the user, and the items that the
/// user could read are marked for replacement and listed by name.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault revoke ana prod" => "Revoke all rights on prod",
    "vault revoke ana dev staging" => "Revoke all rights on two environments",
})]
pub struct RevokeArgs {
    /// The user
    name: UserName,
    /// The environment
    #[arg(required = true, value_name = "ENV")]
    environments: Vec<EnvironmentName>,
    #[command(flatten)]
    orphan: OrphanArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
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
    let wanted = once_each(args.grants.iter().map(|GrantArg(name, right)| (name.clone(), *right)))?;
    let mut session = context.key_session()?;
    let accepted = accepted(Action::Grant, &args.orphan, &args.unreadable, &session)?;
    let Granted { changed, left } = actions::grant::grant(&mut session, name, &wanted, accepted)?;
    let verb = if changed { "now" } else { "already" };
    tell(name, verb, &session, context)?;
    if context.ui.json {
        let user = User::new(session.vault(), name)?;
        context.ui.json(&RightsSet { user, left: (&left).into() })?;
    }
    warn_of_left(&left, name, context.ui);
    Ok(ExitCode::SUCCESS)
}

fn accepted(action: Action, orphan: &OrphanArgs, unreadable: &UnreadableArgs, session: &Session) -> Result<Accepted> {
    Ok(Accepted { orphans: orphan.orphan.clone(), contents: unreadable.contents(action, session)? })
}

pub fn revoke(args: &RevokeArgs, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let mut environments = args.environments.clone();
    environments.order();
    environments.dedup();
    let mut session = context.key_session()?;
    let accepted = accepted(Action::Revoke, &args.orphan, &args.unreadable, &session)?;
    let Revoked { lost, left } = actions::grant::revoke(&mut session, name, &environments, accepted)?;
    tell(name, "now", &session, context)?;
    show_lost(std::slice::from_ref(name), &lost, &left, context.ui)?;
    warn_of_left(&left, name, context.ui);
    Ok(ExitCode::SUCCESS)
}

fn tell(name: &UserName, when: &str, session: &Session, context: &Context) -> Result<()> {
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name} {when} {}.", User::new(session.vault(), name)?.rights()));
    Ok(())
}

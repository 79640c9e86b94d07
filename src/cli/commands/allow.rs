//! `vault allow` and `vault deny`: which vaults a shell with the hook uses on its own, and which dangerous names
//! commands get from a vault. Both apply to this device only.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::dangerous::DangerousName;
use vault::error::Remedy;
use vault::hook;
use vault::name::{EnvironmentName, VariableName};
use vault::vault::Vault;
use vault::view::{Allowed, AllowedNames};

/// Lets shells with the hook (vault hook) set the values of this vault as variables in its directory and below, as long
/// as it is unlocked. This applies on this device, to this vault at this path. Every program of such a shell sees the
/// values: vault exec gives them to one program only. With --name it instead allows a name that can make programs load
/// code, such as NODE_OPTIONS, in this vault and environment: exec, export, import, set and the hook then accept it
/// without --allow-name. This device remembers the name; it is never stored in the vault, where others could change it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault allow" => "Let shells with the hook use the vault of this directory",
    "vault allow --name NODE_OPTIONS -e dev" => "Give programs a variable that can make them load code",
})]
pub struct AllowArgs {
    /// Allow a name that can make programs load code or change what vault does, for one environment on this device
    #[arg(long = "name", value_name = "NAME", value_delimiter = ',')]
    names: Vec<VariableName>,
    /// Print what is allowed on this device instead
    #[arg(long, conflicts_with = "names")]
    list: bool,
}

/// Undoes vault allow: shells that have the values lose them at the next prompt. With --name the name needs
/// --allow-name again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault deny" => "Stop shells from using the vault",
    "vault deny --name NODE_OPTIONS" => "Require --allow-name for this name again, in every environment",
})]
pub struct DenyArgs {
    /// Undo allow --name, in every environment or in those given with -e
    #[arg(long = "name", value_name = "NAME", value_delimiter = ',')]
    names: Vec<VariableName>,
}

pub fn allow(args: &AllowArgs, context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    if args.list {
        list(&vault, context)?;
    } else if args.names.is_empty() {
        allow_shells(&vault, context)?;
    } else {
        allow_names(&args.names, &vault, context)?;
    }
    context.show_warnings(&vault);
    Ok(ExitCode::SUCCESS)
}

fn allow_shells(vault: &Vault, context: &Context) -> Result<()> {
    vault.allow()?;
    let path = vault.path().display();
    context.ui.done(&format!("Allowed {path}: shells with the hook set its variables there. `vault deny` undoes it."));
    if !hook::is_in_use() {
        context.ui.hint("this shell has no hook yet: vault hook --help shows how to install it");
    }
    Ok(())
}

fn allow_names(names: &[VariableName], vault: &Vault, context: &Context) -> Result<()> {
    let dangerous: Vec<DangerousName> = names.iter().cloned().map(DangerousName::new).collect::<Result<_>>()?;
    let typed: Vec<&str> = names.iter().map(VariableName::as_str).collect();
    let naming = |name: &EnvironmentName| Remedy::Allow { name: typed.join(","), environment: name.to_string() };
    for environment in &context.environments_without_keys(vault, naming)? {
        for name in &dangerous {
            let is_new = vault.allow_name(environment, name)?;
            let name = name.as_str();
            context.ui.done(&match is_new {
                true => format!(
                    "Allowed {environment}/{name} on this device. `vault deny --name {name} -e {environment}` undoes it."
                ),
                false => format!("{environment}/{name} was allowed already."),
            });
        }
    }
    Ok(())
}

fn list(vault: &Vault, context: &Context) -> Result<()> {
    let allowed = Allowed::new(vault)?;
    if context.ui.json {
        return context.ui.json(&allowed);
    }
    for AllowedNames { environment, names } in &allowed.names {
        names.iter().try_for_each(|name| context.ui.line(&format!("{environment}/{name}")))?;
    }
    let path = &allowed.path;
    context.ui.done(&match allowed.shells {
        true => format!("Shells with the hook set the variables of {path}."),
        false => format!("Shells with the hook don't set the variables of {path}; to allow it: vault allow"),
    });
    Ok(())
}

pub fn deny(args: &DenyArgs, context: &Context) -> Result<ExitCode> {
    if !args.names.is_empty() {
        return deny_names(&args.names, context);
    }
    let path = context.path()?;
    let was_allowed = vault::vault::deny(&context.settings()?.state, &path)?;
    let path = path.display();
    context.ui.done(&match was_allowed {
        true => format!("Denied {path}: shells no longer set its variables."),
        false => format!("{path} was not allowed."),
    });
    Ok(ExitCode::SUCCESS)
}

fn deny_names(names: &[VariableName], context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    let named = context.chosen().named(&vault)?;
    let environments = if named.is_empty() { vault.environments().cloned().collect() } else { named };
    for name in names {
        let mut was_allowed = false;
        for environment in &environments {
            if vault.deny_name(environment, name)? {
                was_allowed = true;
                let done = format!("Denied {environment}/{name}: commands get it only with --allow-name {name}.");
                context.ui.done(&done);
            }
        }
        if !was_allowed {
            let named: Vec<&str> = environments.iter().map(EnvironmentName::as_str).collect();
            context.ui.done(&format!("{name} was not allowed in {}.", named.join(", ")));
        }
    }
    context.show_warnings(&vault);
    Ok(ExitCode::SUCCESS)
}

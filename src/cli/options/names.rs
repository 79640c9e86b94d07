//! Dangerous names are refused unless they are allowed one by one: once with `--allow-name`, or on this device for an
//! environment with `vault allow --name`.

use vault::dangerous::{Danger, danger, is_dangerous};
use vault::name::EnvironmentName;
use vault::settings::Variable;
use vault::vault::Vault;
use vault::{Error, Result};

/// The names allowed although they are dangerous.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AllowNames {
    /// Allow these names although they make programs load code or steer vault; or VAULT_ALLOW_NAMES
    #[arg(long = "allow-name", value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
}

impl AllowNames {
    /// Whether the name may be used.
    pub fn allows(&self, name: &str) -> bool {
        !is_dangerous(name) || self.is_named(name)
    }

    /// The option as it was given, if it was.
    pub fn typed(&self) -> Option<String> {
        (!self.names.is_empty()).then(|| format!("--allow-name {}", self.names.join(",")))
    }

    /// Whether the name was allowed by its name, dangerous or not.
    pub fn is_named(&self, name: &str) -> bool {
        let variable = Variable::AllowNames.text().unwrap_or_default();
        self.names.iter().map(String::as_str).chain(variable.split(',').map(str::trim)).any(|allowed| allowed == name)
    }

    /// Refuses the first name that may not be used.
    pub fn check<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Result<()> {
        self.refused(&mut names).map_or(Ok(()), |(name, danger)| Err(refusal(name, danger, None)))
    }

    fn refused<'a>(&self, names: &mut impl Iterator<Item = &'a str>) -> Option<(&'a str, Danger)> {
        names.find_map(|name| Some((name, danger(name).filter(|_| !self.is_named(name))?)))
    }
}

/// Says that a name is not allowed; in an environment it can be allowed once for all.
pub fn refusal(name: &str, danger: Danger, environment: Option<&EnvironmentName>) -> Error {
    let kept = environment.map_or(String::new(), |environment| {
        format!("; from now on, on this device: vault allow --name {name} -e {environment}")
    });
    Error::usage(format!("{name} {}", danger.does())).hint(format!("if you mean it: --allow-name {name}{kept}"))
}

/// The names allowed for this run, and on this device for each environment of a vault.
#[derive(Clone, Copy)]
pub struct Allowed<'a> {
    once: &'a AllowNames,
    vault: &'a Vault,
}

impl AllowNames {
    /// With what was allowed on this device.
    pub fn and_kept<'a>(&'a self, vault: &'a Vault) -> Allowed<'a> {
        Allowed { once: self, vault }
    }
}

impl Allowed<'_> {
    /// Whether a variable of this name may come from this environment.
    pub fn allows(self, environment: &EnvironmentName, name: &str) -> bool {
        self.once.allows(name) || self.vault.allows_name(environment, name)
    }

    /// Whether it may from now on, and not only for this run.
    pub fn is_kept(self, environment: &EnvironmentName, name: &str) -> bool {
        self.vault.allows_name(environment, name)
    }

    /// Refuses the first name that may not be used.
    pub fn check<'a>(self, environment: &EnvironmentName, names: impl Iterator<Item = &'a str>) -> Result<()> {
        let refused = self.once.refused(&mut names.filter(|name| !self.allows(environment, name)));
        refused.map_or(Ok(()), |(name, danger)| Err(refusal(name, danger, Some(environment))))
    }
}

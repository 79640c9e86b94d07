//! Dangerous names that are nevertheless allowed: once with `--allow-name`, or for an environment on this device with
//! `vault allow --name`.

use vault::dangerous::AllowedOnce;

/// The option that allows dangerous names.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AllowNames {
    /// Allow these names, even though they can make programs load code or change what vault does; or VAULT_ALLOW_NAMES
    #[arg(long = "allow-name", value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
}

impl AllowNames {
    /// Returns these names and the ones in VAULT_ALLOW_NAMES.
    pub fn once(&self) -> AllowedOnce {
        AllowedOnce::by(&self.names)
    }

    /// Returns the option as it was given, if it was.
    pub fn typed(&self) -> Option<String> {
        (!self.names.is_empty()).then(|| format!("--allow-name {}", self.names.join(",")))
    }
}

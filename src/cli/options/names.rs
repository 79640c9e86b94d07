//! `--allow-name`: dangerous names are refused unless they are allowed one by one.

use vault::dangerous::{danger, is_dangerous};
use vault::settings::Variable;
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
        let refused = names.find_map(|name| Some((name, danger(name).filter(|_| !self.is_named(name))?)));
        match refused {
            None => Ok(()),
            Some((name, danger)) => {
                Err(Error::usage(format!("{name} {}", danger.does()))
                    .hint(format!("if you mean it: --allow-name {name}")))
            }
        }
    }
}

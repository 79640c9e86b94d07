//! Writing values in the formats other programs read.
//!
//! An item that a format cannot carry so that its reader gets exactly the same value back is refused by name; nothing
//! is ever written nearly right.

mod compose;
mod csv;
mod docker;
mod dotenv;
mod encoding;
mod example;
mod fish;
pub mod github;
mod gitlab;
mod json;
mod k8s;
mod powershell;
mod quoted;
mod shell;
mod systemd;
mod tfvars;
mod toml;
mod yaml;

use crate::error::{Error, Result};
use crate::format::buffer::Buffer;
use crate::secret::SecretBytes;
use encoding::Encoding;
use std::fmt;
use std::str::FromStr;

/// What is exported of an item.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a [u8],
    /// Whether it is ordinary configuration (kind `variable`) and needs no masking.
    pub is_variable: bool,
    /// Its note, if it has one.
    pub note: Option<&'a str>,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident $name:literal $encoding:expr,)*) => {
        /// A format values can be written in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Format {
            $($(#[$doc])* $variant,)*
        }

        impl Format {
            /// Every format.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name it goes by on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            fn encoding(self) -> &'static dyn Encoding {
                match self {
                    $(Self::$variant => &$encoding,)*
                }
            }
        }
    };
}

formats! {
    /// A `.env` file that the node and the Python package `dotenv` and node itself read alike.
    Dotenv "dotenv" dotenv::Dotenv,
    /// `export` lines for `eval` in sh, dash, bash and zsh.
    Shell "shell" shell::Shell,
    /// `set -gx` lines for `source` in fish.
    Fish "fish" fish::Fish,
    /// `$env:` lines for `Invoke-Expression` in PowerShell.
    Powershell "powershell" powershell::Powershell,
    /// One JSON object of strings.
    Json "json" json::Json,
    /// A YAML mapping of strings.
    Yaml "yaml" yaml::Yaml,
    /// A TOML document of strings.
    Toml "toml" toml::Toml,
    /// A file for `docker run --env-file`.
    Docker "docker" docker::Docker,
    /// An `env_file` of Docker Compose.
    Compose "compose" compose::Compose,
    /// An `EnvironmentFile=` of systemd.
    Systemd "systemd" systemd::Systemd,
    /// Lines for `$GITHUB_ENV`, unmasked: [`github::workflow`] gives them with their masks.
    Github "github" github::Github,
    /// GitLab's `artifacts:reports:dotenv`.
    Gitlab "gitlab" gitlab::Gitlab,
    /// A Kubernetes Secret, for `kubectl apply`.
    K8s "k8s" k8s::K8s,
    /// `terraform.tfvars`.
    Tfvars "tfvars" tfvars::Tfvars,
    /// A CSV file with the columns `name` and `value`.
    Csv "csv" csv::Csv,
    /// A `.env.example`: names and notes without any value, safe to commit.
    Example "example" example::Example,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        crate::name::one_of(text, "export format", Self::ALL, Self::name)
    }
}

/// Writes the items in this format, in their order.
///
/// # Errors
/// Names every item the format cannot carry, and why; never a value.
pub fn write(format: Format, items: &[Item<'_>]) -> Result<SecretBytes> {
    let encoding = format.encoding();
    let mut out = Buffer::default();
    let mut refused = Vec::new();
    encoding.begin(&mut out);
    for (index, item) in items.iter().enumerate() {
        let written = encoding.names().check(item.name).and_then(|()| encoding.item(item, index == 0, &mut out));
        if let Err(reason) = written {
            refused.push((item, reason));
        }
    }
    encoding.end(items.is_empty(), &mut out);
    if refused.is_empty() { Ok(out.into_secret()) } else { Err(cannot_carry(format, &refused)) }
}

/// What carries a value that is no text.
const BYTES: &str = "leave it out (--except NAME); its exact bytes: vault get NAME -o FILE, or vault exec --file NAME";

fn cannot_carry(format: Format, refused: &[(&Item<'_>, encoding::Refusal)]) -> Error {
    const SHOWN: usize = 5;
    let shown = refused.iter().take(SHOWN).map(|(item, reason)| format!("{} ({reason})", item.name));
    let mut list = shown.collect::<Vec<_>>().join(", ");
    if refused.len() > SHOWN {
        list = format!("{list} and {} more", refused.len() - SHOWN);
    }
    let is_text = refused.iter().all(|(item, _)| encoding::unicode(item).is_ok());
    let hint = match is_text && format != Format::Json {
        true => "leave it out (--except NAME), or use another format: json carries any text",
        false => BYTES,
    };
    Error::failed(format!("{format} cannot carry {list}")).hint(hint)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod service_tests;

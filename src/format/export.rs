//! Writes values in the formats that other programs read.
//!
//! An item is left out and named if its reader would not get exactly the same value back. Nothing is ever written
//! approximately.

mod compose;
mod csv;
mod docker;
mod dotenv;
mod encoding;
mod example;
mod fish;
pub mod github;
mod gitlab;
mod item;
mod json;
mod k8s;
mod powershell;
mod quoted;
mod reader;
mod shell;
mod systemd;
mod tfvars;
mod toml;
mod yaml;

use crate::error::{Error, Hint, Remedy, Result};
use crate::format::buffer::Buffer;
use crate::secret::SecretBytes;
use encoding::Encoding;
use std::fmt;
use std::str::FromStr;

pub use compose::ServiceName;
pub use item::Item;
pub use k8s::ObjectName;
pub use reader::Reader;

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident $name:literal $encoding:expr,)*) => {
        /// A format to write values in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Format {
            $($(#[$doc])* $variant,)*
        }

        impl Format {
            /// Every format.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the format's name on the command line.
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
    /// A `.env` file that the npm package `dotenv`, `python-dotenv` and node itself read alike.
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
    /// Lines for `$GITHUB_ENV`. They are not masked: print the commands of [`github::masks`] first.
    Github "github" github::Github,
    /// GitLab's `artifacts:reports:dotenv`.
    Gitlab "gitlab" gitlab::Gitlab,
    /// A Kubernetes Secret, for `kubectl apply`.
    K8s "k8s" k8s::K8s { name: "vault" },
    /// `terraform.tfvars`.
    Tfvars "tfvars" tfvars::Tfvars,
    /// A CSV file with the columns `name` and `value`.
    Csv "csv" csv::Csv,
    /// A `.env.example`: names and notes without any value, safe to commit.
    Example "example" example::Example,
}

impl Format {
    /// Returns whether the output runs as code, or otherwise sets variables for all programs that follow.
    #[must_use]
    pub fn is_run(self) -> bool {
        matches!(self, Self::Shell | Self::Fish | Self::Powershell | Self::Github)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Other common names of the formats.
        let name = match text {
            "env" => "dotenv",
            "bash" | "zsh" | "sh" => "shell",
            "yml" => "yaml",
            "kubernetes" => "k8s",
            "docker-compose" => "compose",
            "pwsh" => "powershell",
            _ => text,
        };
        crate::name::one_of(name, "export format", Self::ALL, Self::name)
    }
}

/// A format with its options.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The format.
    pub format: Format,
    /// For dotenv: the only reader of the file. If none is given, the file must read alike in node and python.
    pub reader: Option<Reader>,
    /// For k8s: the name of the Secret. For compose: the name of a service.
    pub name: Option<&'a Named>,
}

/// A name that the output contains.
#[derive(Debug, Clone)]
pub enum Named {
    /// A Kubernetes Secret.
    Object(ObjectName),
    /// A service of Compose.
    Service(ServiceName),
}

impl Named {
    /// Parses a name for the output of a format; `None` if the format has no such name.
    ///
    /// # Errors
    /// A usage error if the name is not valid.
    pub fn read(format: Format, text: &str) -> Result<Option<Self>> {
        match format {
            Format::K8s => text.parse().map(Self::Object).map(Some),
            Format::Compose => text.parse().map(Self::Service).map(Some),
            _ => Ok(None),
        }
    }
}

impl From<Format> for Target<'_> {
    fn from(format: Format) -> Self {
        Self { format, reader: None, name: None }
    }
}

/// The result of writing items.
#[derive(Debug)]
pub struct Written {
    /// The items that the format can represent.
    pub text: SecretBytes,
    /// The names of the other items.
    pub refused: Vec<String>,
    /// The error that names them and says why, if there are any. It never has a value.
    pub refusal: Option<Error>,
}

/// Writes all items in this format, in their order.
///
/// # Errors
/// Names every item that the format can't represent, and why. It never has a value.
pub fn write<'a>(target: impl Into<Target<'a>>, items: &[Item<'_>]) -> Result<SecretBytes> {
    let written = write_carried(target, items);
    written.refusal.map_or(Ok(written.text), Err)
}

/// Writes the items that the format can represent, in their order.
#[must_use]
pub(crate) fn write_carried<'a>(target: impl Into<Target<'a>>, items: &[Item<'_>]) -> Written {
    let target = target.into();
    let (reader, secret, service);
    let encoding: &dyn Encoding = match target {
        Target { format: Format::Dotenv, reader: Some(chosen), .. } => {
            reader = chosen;
            &reader
        }
        Target { name: Some(Named::Object(name)), .. } => {
            secret = k8s::K8s { name: name.as_str() };
            &secret
        }
        Target { name: Some(Named::Service(name)), .. } => {
            service = compose::Service { name };
            &service
        }
        Target { format, .. } => format.encoding(),
    };
    let mut out = Buffer::default();
    let mut refused = Vec::new();
    encoding.begin(&mut out);
    for (index, item) in items.iter().enumerate() {
        let before = out.as_bytes().len();
        let is_first = index == refused.len();
        let written = encoding.names().check(item.name).and_then(|()| encoding.item(item, is_first, &mut out));
        if let Err(reason) = written {
            out.truncate(before);
            refused.push((item, reason));
        }
    }
    encoding.end(items.len() == refused.len(), &mut out);
    let refusal = if refused.is_empty() { None } else { Some(cannot_hold(target.format, &refused)) };
    let refused = refused.into_iter().map(|(item, _)| item.name.to_owned()).collect();
    Written { text: out.into_secret(), refused, refusal }
}

/// Returns the hint for values that are not text.
fn bytes(leave_out: Remedy) -> Hint {
    Hint::from(("leave it out (", leave_out, "); its exact bytes: ", Remedy::GetExact))
        .then(", or ")
        .then(Remedy::GiveAsFile(None))
}

fn cannot_hold(format: Format, refused: &[(&Item<'_>, encoding::Refusal)]) -> Error {
    const SHOWN: usize = 5;
    let shown = refused.iter().take(SHOWN).map(|(item, reason)| format!("{} ({reason})", item.name));
    let mut list = shown.collect::<Vec<_>>().join(", ");
    if refused.len() > SHOWN {
        list = format!("{list} and {} more", refused.len() - SHOWN);
    }
    let is_text = refused.iter().all(|(item, _)| encoding::unicode(item).is_ok());
    let leave_out = Remedy::LeaveOut(refused[0].0.name.to_owned());
    let hint = match format {
        _ if !is_text => bytes(leave_out),
        Format::Json => bytes(leave_out),
        Format::Dotenv => {
            Hint::from(("leave it out (", leave_out, "), write it for one program only (", Remedy::Dialect("python")))
                .then("), or use json: json can hold any text")
        }
        _ => ("leave it out (", leave_out, "), or use another format: json can hold any text").into(),
    };
    Error::failed(format!("{format} can't hold {list}")).hint(hint)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod service_tests;

#[cfg(test)]
mod reader_tests;

//! Writing values in the formats other programs read.
//!
//! An item that a format cannot carry so that its reader gets exactly the same value back is left out and named; nothing
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
pub use k8s::ObjectName;
pub use reader::Reader;

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
    /// Lines for `$GITHUB_ENV`, unmasked: [`github::masks`] gives what is to be printed first.
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
    /// Whether what is written sets variables where it is run, for all programs that follow there.
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
        // What people call these formats, too.
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

/// What is written: a format, with what is said about it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The format.
    pub format: Format,
    /// For dotenv: the one reader the file is for. Without one, node and python are to read it alike.
    pub reader: Option<Reader>,
    /// For k8s the name of the Secret, for compose that of a service.
    pub name: Option<&'a Named>,
}

/// What is named in what is written.
#[derive(Debug, Clone)]
pub enum Named {
    /// A Kubernetes Secret.
    Object(ObjectName),
    /// A service of Compose.
    Service(ServiceName),
}

impl Named {
    /// Reads the name of what a format writes; `None` if there is nothing to be named in it.
    ///
    /// # Errors
    /// A usage error if it can't be called so.
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

/// What came of writing items.
#[derive(Debug)]
pub struct Written {
    /// The items that can be carried.
    pub text: SecretBytes,
    /// The names of the others.
    pub refused: Vec<String>,
    /// Which they are and why, if there are any; never a value.
    pub refusal: Option<Error>,
}

/// Writes the items in this format, in their order, all of them.
///
/// # Errors
/// Names every item the format cannot carry, and why; never a value.
pub fn write<'a>(target: impl Into<Target<'a>>, items: &[Item<'_>]) -> Result<SecretBytes> {
    let written = write_carried(target, items);
    written.refusal.map_or(Ok(written.text), Err)
}

/// Writes those items that the format can carry, in their order.
#[must_use]
pub fn write_carried<'a>(target: impl Into<Target<'a>>, items: &[Item<'_>]) -> Written {
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
    let refusal = if refused.is_empty() { None } else { Some(cannot_carry(target.format, &refused)) };
    let refused = refused.into_iter().map(|(item, _)| item.name.to_owned()).collect();
    Written { text: out.into_secret(), refused, refusal }
}

fn leave_out() -> Remedy {
    Remedy::LeaveOut("NAME".to_owned())
}

/// What carries a value that is no text.
fn bytes() -> Hint {
    Hint::from(("leave it out (", leave_out(), "); its exact bytes: ", Remedy::GetExact))
        .then(", or ")
        .then(Remedy::GiveAsFile)
}

fn cannot_carry(format: Format, refused: &[(&Item<'_>, encoding::Refusal)]) -> Error {
    const SHOWN: usize = 5;
    let shown = refused.iter().take(SHOWN).map(|(item, reason)| format!("{} ({reason})", item.name));
    let mut list = shown.collect::<Vec<_>>().join(", ");
    if refused.len() > SHOWN {
        list = format!("{list} and {} more", refused.len() - SHOWN);
    }
    let is_text = refused.iter().all(|(item, _)| encoding::unicode(item).is_ok());
    let hint = match format {
        _ if !is_text => bytes(),
        Format::Json => bytes(),
        Format::Dotenv => {
            Hint::from(("leave it out (", leave_out(), "), name the one reader (", Remedy::Dialect("python")))
                .then("), or use json: json carries any text")
        }
        _ => ("leave it out (", leave_out(), "), or use another format: json carries any text").into(),
    };
    Error::failed(format!("{format} cannot carry {list}")).hint(hint)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod service_tests;

#[cfg(test)]
mod reader_tests;

//! The syntaxes that vault can import.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The syntax of a file to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A `.env` file.
    Dotenv,
    /// JSON: an object, a list of `NAME=value`, `docker inspect`, items of 1Password or Bitwarden, Kubernetes objects.
    Json,
    /// YAML: one document, or Kubernetes objects.
    Yaml,
    /// TOML.
    Toml,
    /// CSV with a header: `name,value`, or a password manager's columns.
    Csv,
    /// Terraform's `terraform.tfvars`.
    Tfvars,
    /// Java's `.properties`.
    Properties,
}

impl Source {
    /// Every syntax.
    pub const ALL: [Self; 7] =
        [Self::Dotenv, Self::Json, Self::Yaml, Self::Toml, Self::Csv, Self::Tfvars, Self::Properties];

    /// Returns the format's name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
            Self::Csv => "csv",
            Self::Tfvars => "tfvars",
            Self::Properties => "properties",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        crate::name::one_of(text, "format to import", &Self::ALL, Self::name)
    }
}

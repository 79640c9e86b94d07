//! The reader that a `.env` file is read for, and what becomes of the references in its values.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The reader that a `.env` file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The npm package `dotenv`.
    #[default]
    Node,
    /// The Python package `python-dotenv`.
    Python,
    /// Docker Compose's `env_file`.
    Compose,
    /// `docker run --env-file`: one line per value, without quotes or escapes.
    Docker,
}

impl Dialect {
    /// Every dialect, the default first.
    pub const ALL: [Self; 4] = [Self::Node, Self::Python, Self::Compose, Self::Docker];

    /// Returns the dialect's name on the command line and in notes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Compose => "compose",
            Self::Docker => "docker",
        }
    }

    /// Returns the source as this reader sees it. Python opens files in text mode, so it reads CRLF and CR as LF.
    pub(super) fn reads(self, source: &str) -> Zeroizing<String> {
        match self {
            Self::Python if source.contains('\r') => {
                let without_crlf = Zeroizing::new(source.replace("\r\n", "\n"));
                Zeroizing::new(without_crlf.replace('\r', "\n"))
            }
            _ => Zeroizing::new(source.to_owned()),
        }
    }

    pub(in crate::format) fn grammar(self) -> adotenv::Dialect {
        match self {
            Self::Node => adotenv::Dialect::NODE_DOTENV,
            Self::Python => adotenv::Dialect::PYTHON_DOTENV,
            Self::Compose => adotenv::Dialect::COMPOSE,
            Self::Docker => adotenv::Dialect::DOCKER_RAW,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Dialect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        crate::name::one_of(text, "dotenv dialect", &Self::ALL, Self::name)
    }
}

/// How to treat `$NAME`, `${NAME}` and `${NAME:-default}` in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum References {
    /// Keep them as written: a password may contain a `$`.
    #[default]
    Keep,
    /// Replace them as the dialect's reader does, but only with values from lines above in the same file. A reference
    /// to any other name is kept and noted. No command is ever run.
    Expand,
}

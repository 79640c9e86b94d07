//! How a search ended: whether a value was found, and what was not searched.
//!
//! - Gives text without values: `Lack::Text::path`, `Lack::Text::why`, `Undecrypted::vault`

use crate::name::EnvironmentName;
use std::path::PathBuf;

/// How a search ended. Only [`Outcome::Clean`] says that no value was found in anything that had to be searched.
#[must_use = "a search that could not read everything is not clean"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read, and none of the values was found.
    Clean,
    /// Values were found. Where something is lacking, there may be more.
    Found {
        /// How many findings there were.
        findings: usize,
        /// What was not searched, or not searched for.
        lacks: Option<Lacks>,
    },
    /// None of the values was found in what was read, but something is lacking.
    Incomplete(Lacks),
    /// Nothing could be read, so nothing is known.
    NothingRead(Lacks),
}

/// What should have been searched, or searched for, and was not. There is at least one lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacks {
    /// The one to report if only one is.
    pub first: Lack,
    /// The others.
    pub further: Vec<Lack>,
}

/// Something that should have been searched, or searched for, and was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A single text could not be read, or not to its end.
    Text {
        /// The path of the text.
        path: String,
        /// The reason, in words.
        why: String,
    },
    /// This many texts could not be read, each with its own event.
    Texts(usize),
    /// A partial clone lacks versions of files.
    Partial {
        /// The clone; empty for the one around the current directory.
        at: PathBuf,
        /// How many versions it lacks.
        versions: usize,
    },
    /// The clone at this path lacks its older history. The path is empty for the one around the current directory.
    Shallow(PathBuf),
    /// The values of these environments could not be decrypted. There is at least one.
    Undecrypted(Vec<Undecrypted>),
}

/// An environment whose values could not be decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecrypted {
    /// The name of the vault, if the values of several are searched for.
    pub vault: Option<String>,
    /// The environment.
    pub environment: EnvironmentName,
}

impl Lacks {
    /// Returns `None` if nothing is lacking.
    pub(super) fn new(lacks: Vec<Lack>) -> Option<Self> {
        let mut lacks = lacks.into_iter();
        Some(Self { first: lacks.next()?, further: lacks.collect() })
    }
}

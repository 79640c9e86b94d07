//! Options to continue even if revoking a right leaves an environment without any user, or an environment can't be read.

use std::str::FromStr;
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::vault::{Fallbacks, Session};
use vault::{Error, Result};

/// The environments that may be left without any user.
#[derive(Debug, clap::Args)]
pub struct OrphanArgs {
    /// Continue even if nobody can read or change this environment afterwards
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    pub orphan: Vec<EnvironmentName>,
}

/// What unreadable environments should contain. Whoever writes an environment can save something that nobody can read.
#[derive(Debug, clap::Args)]
pub struct UnreadableArgs {
    /// If this environment can't be read, continue with its content at this git revision
    #[arg(long, value_name = "ENV=REF")]
    restore: Vec<Restore>,
    /// If this environment can't be read, continue without its items
    #[arg(long, value_name = "ENV", value_delimiter = ',')]
    empty: Vec<EnvironmentName>,
}

/// `ENV=REF`
#[derive(Debug, Clone)]
struct Restore {
    environment: EnvironmentName,
    reference: String,
}

impl FromStr for Restore {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some((name, reference)) if !reference.is_empty() => {
                Ok(Self { environment: EnvironmentName::new(name)?, reference: reference.to_owned() })
            }
            _ => Err(Error::usage("--restore takes an environment and a git revision")
                .hint("for example: --restore dev=HEAD~1")),
        }
    }
}

impl UnreadableArgs {
    /// Returns the new content for each of these environments, to be saved by this action.
    pub fn contents(&self, action: Action, session: &Session) -> Result<Fallbacks> {
        let restored: Vec<_> =
            self.restore.iter().map(|restore| (restore.environment.clone(), restore.reference.clone())).collect();
        Fallbacks::new(session, action, &self.empty, &restored)
    }
}

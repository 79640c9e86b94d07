//! The options `--only` and `--except`, which take names and patterns.

use vault::Result;
use vault::actions::Selection;

/// The options that select items.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SelectionArgs {
    /// Take only these items: names, or patterns such as AWS_*
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    only: Vec<String>,
    /// Leave out these items: names, or patterns
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    except: Vec<String>,
}

impl SelectionArgs {
    /// Returns the selection of items.
    pub fn selection(&self) -> Result<Selection> {
        Selection::new(&self.only, &self.except)
    }

    /// Returns whether any of these options was given.
    pub fn is_given(&self) -> bool {
        !(self.only.is_empty() && self.except.is_empty())
    }
}

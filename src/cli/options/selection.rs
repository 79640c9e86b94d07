//! `--only` and `--except`: names and patterns.

use vault::Result;
use vault::actions::Selection;

/// The options that choose items.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SelectionArgs {
    /// Only these items: names, or patterns such as AWS_*
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    only: Vec<String>,
    /// All but these items: names, or patterns
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    except: Vec<String>,
}

impl SelectionArgs {
    /// The items that they choose.
    pub fn selection(&self) -> Result<Selection> {
        Selection::new(&self.only, &self.except)
    }

    /// Whether they choose at all.
    pub fn is_given(&self) -> bool {
        !(self.only.is_empty() && self.except.is_empty())
    }
}

//! The options `--prefix` and `--rename`.

use vault::Result;
use vault::actions::exec::Variables;
use vault::name::is_variable_name;

/// The options that name variables.
#[derive(Debug, Default, clap::Args)]
pub struct VariableArgs {
    /// Add this prefix to the name of every variable from the vault
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Inject the item OLD as the variable NEW; --prefix does not apply to it
    #[arg(long, value_name = "NEW=OLD", value_delimiter = ',', value_parser = renaming)]
    rename: Vec<(String, String)>,
}

fn renaming(text: &str) -> Result<(String, String), &'static str> {
    let (new, old) = text.split_once('=').ok_or("expected NEW=OLD: the new variable, then the item")?;
    if !is_variable_name(new) {
        return Err("the part before = is not a variable name");
    }
    Ok((old.to_owned(), new.to_owned()))
}

impl VariableArgs {
    /// Returns how these options name the variables.
    pub fn variables(&self) -> Result<Variables<'_>> {
        Variables::new(self.prefix.as_deref().unwrap_or_default(), &self.rename)
    }
}

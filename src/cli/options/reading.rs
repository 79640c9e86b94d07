//! Reads a file for an import: `vault import` and `vault init --import`.

mod plaintext;

use super::input;
use super::metadata::KindArg;
use super::names::AllowNames;
use std::path::Path;
use vault::Result;
use vault::actions::import::{self, Choice, Chosen, Input, Reading};
use vault::format::Source;
use vault::format::dotenv::{Dialect, References};
use vault::format::import::Options;

/// The options that say how a file is read.
#[derive(Debug, Clone, clap::Args)]
pub struct ReadingArgs {
    /// Read this format: dotenv, json, yaml, toml, csv, tfvars or properties (default: recognized by the file's name or
    /// content)
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<Source>,
    /// Join nested names with _, or with SEPARATOR: {"db": {"url": ...}} becomes db_url, or db__url with --flatten=__
    #[arg(long, value_name = "SEPARATOR", num_args = 0..=1, require_equals = true, default_missing_value = "_",
          value_parser = ["_", "__", "-", "."])]
    flatten: Option<String>,
    /// Read a .env file as this program does: node, python, compose or docker
    #[arg(long, value_name = "NAME", default_value = "node")]
    dialect: Dialect,
    /// Replace $NAME and ${NAME} in a .env file with values from the same file, as the dialect's reader does
    #[arg(long)]
    expand: bool,
    /// Import every item as this kind. By default, new items that look like plain settings (ports, booleans, log
    /// levels, host names, URLs without credentials ...) become variables, and others become secrets
    #[arg(long, value_name = "KIND", value_enum)]
    kind: Option<KindArg>,
    /// Import empty values, too (default: leave them out and name them)
    #[arg(long, alias = "empty")]
    allow_empty: bool,
    #[command(flatten)]
    allow: AllowNames,
}

/// Reads a file, or standard input, and chooses what to import.
pub fn read(file: &Path, args: &ReadingArgs) -> Result<Chosen> {
    let input = match input::is_standard(file) {
        true => Input::from_elsewhere("standard input", input::standard(vault::vault::MAX_FILE)?),
        false => Input::open(file)?,
    };
    let references = if args.expand { References::Expand } else { References::Keep };
    let options = Options { dialect: args.dialect, references, flatten: args.flatten.as_deref() };
    let allowed = args.allow.once();
    let choice = Choice { kind: args.kind.map(KindArg::kind), takes_empty: args.allow_empty, allowed: &allowed };
    import::read(input, &Reading { format: args.format, options, choice })
}

impl ReadingArgs {
    /// Returns the given options as they are typed.
    fn typed(&self) -> String {
        let mut words = String::new();
        let mut add = |word: String| words += &format!(" {word}");
        self.format.iter().for_each(|format| add(format!("--format {format}")));
        match self.flatten.as_deref() {
            None => {}
            Some("_") => add("--flatten".to_owned()),
            Some(separator) => add(format!("--flatten={separator}")),
        }
        if self.dialect != Dialect::default() {
            add(format!("--dialect {}", self.dialect));
        }
        if self.expand {
            add("--expand".to_owned());
        }
        if let Some(kind) = self.kind {
            add(format!("--kind {}", kind.kind()));
        }
        if self.allow_empty {
            add("--allow-empty".to_owned());
        }
        if let Some(names) = self.allow.typed() {
            add(names);
        }
        words
    }
}

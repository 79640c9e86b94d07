//! Reads a file for an import: `vault import` and `vault init --import`.

mod plaintext;
mod refused;

use super::input;
use super::metadata::KindArg;
use super::names::AllowNames;
use std::path::Path;
use vault::actions::import::{Choice, Chosen};
use vault::format::Source;
use vault::format::dotenv::{Dialect, References};
use vault::format::import::{self, Options};
use vault::fs::Stamp;
use vault::{Error, Result};

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
    pub allow: AllowNames,
}

/// What an import takes from a file.
pub struct Read {
    pub chosen: Chosen,
    /// Identifies the file, unless it was a pipe or standard input.
    pub stamp: Option<Stamp>,
}

/// Reads a file and chooses what to import. The rest is named in notes.
pub fn read(file: &Path, args: &ReadingArgs, allow: &AllowNames) -> Result<Read> {
    let stamp =
        std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file).map(|metadata| Stamp::from_metadata(&metadata));
    let bytes = input::read(file, vault::file::MAX_FILE)?;
    refused::check_example(file)?;
    // A command that failed may leave a blank line: echo "$(false)".
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    if text.iter().all(u8::is_ascii_whitespace) && !args.allow_empty {
        return Err(refused::nothing_in(file, "is empty"));
    }
    if vault::file::is_vault(&bytes) {
        return Err(Error::usage(format!("{} is a vault", file.display()))
            .hint("to copy items between environments: vault cp, vault env copy"));
    }
    let references = if args.expand { References::Expand } else { References::Keep };
    let options = Options { dialect: args.dialect, references, flatten: args.flatten.as_deref() };
    let name = file.file_name().and_then(|name| name.to_str());
    let source = args.format.map_or_else(|| import::detect(name, &bytes), Ok)?;
    let imported = import::read(source, &bytes, &options)?;
    if imported.entries.is_empty() && imported.notes.is_empty() && !args.allow_empty {
        return Err(refused::nothing_in(file, "contains no values"));
    }
    let allowed = allow.once();
    let choice = Choice { kind: args.kind.map(KindArg::kind), takes_empty: args.allow_empty, allowed: &allowed };
    Ok(Read { chosen: Chosen::new(imported, choice), stamp })
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

//! `vault get`: prints a value.

use crate::cli::clipboard::Clipboard;
use crate::cli::generated::examples;
use crate::cli::showing::qr;
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vault::actions::get::{Found, Given, Wanted};
use vault::name::NamedItem;
use vault::time::Durations;
use vault::vault::First;
use vault::{Error, Result};

/// The exact bytes go to standard output; a newline is added on a terminal only.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = examples! {
    "vault get prod/STRIPE_KEY" => "Print the value in prod",
    "vault get STRIPE_KEY --clip" => "Copy it to the clipboard for 30 seconds",
})]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    name: String,
    /// Print an earlier version: see vault history
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Copy to the clipboard instead, which is cleared after TIME (30s) if the value is still there
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "30s")]
    #[arg(value_parser = clip_time, conflicts_with = "output")]
    clip: Option<Duration>,
    /// Show a QR code in the terminal instead
    #[arg(long, conflicts_with_all = ["output", "clip"])]
    qr: bool,
}

impl Args {
    /// Returns the options for this item, with no other option.
    pub fn for_item(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    args.output.as_deref().map_or(Ok(()), vault::output::check)?;
    let place = Place::find(args, context)?;
    let session = context.session_reading(First::Of(&args.name))?;
    let item = context.item(&session, &args.name)?;
    let is_object = context.ui.json && args.output.is_none();
    let wanted = match args.version {
        None if !is_object => Wanted::Value,
        version => Wanted::Version(version),
    };
    let found = Found::new(&session, &item, wanted);
    context.show_warnings(session.vault());
    let found = found?;
    context.warn_of_expired(&found.expired);
    let Given { value, secret } = found.read()?;
    match secret.filter(|_| is_object) {
        Some(secret) => context.ui.json_with_secrets(&secret)?,
        None => place.take(&NamedItem::from(&item).to_string(), &value, context)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the value goes.
enum Place<'a> {
    Output,
    File(&'a Path),
    Clipboard(Clipboard, Duration),
    /// A QR code on a terminal with these columns and lines.
    Code((usize, usize)),
}

impl<'a> Place<'a> {
    /// Finds the destination before anything is decrypted. If there is none, the value isn't read.
    fn find(args: &'a Args, context: &Context) -> Result<Self> {
        let option = if args.qr { "--qr" } else { "--clip" };
        if context.ui.json && (args.qr || args.clip.is_some()) {
            return Err(Error::usage(format!("{option} can't be used with --json")).hint("--json prints the value"));
        }
        if let Some(path) = &args.output {
            return Ok(Self::File(path));
        }
        if let Some(after) = args.clip {
            return Ok(Self::Clipboard(Clipboard::find()?, after));
        }
        if !args.qr {
            return Ok(Self::Output);
        }
        let size = context.ui.size().ok_or_else(|| {
            Error::failed("there is no terminal that can show a QR code")
                .hint("to write a file: vault get NAME -o FILE")
        })?;
        Ok(Self::Code(size))
    }

    fn take(&self, item: &str, value: &[u8], context: &Context) -> Result<()> {
        match self {
            Self::Output => context.ui.value(value),
            Self::File(path) => vault::output::write(path, value),
            Self::Clipboard(clipboard, after) => {
                let way = clipboard.copy(text_of(item, value)?, *after)?;
                way.say(item, *after, context.ui);
                Ok(())
            }
            Self::Code(size) => context.ui.bytes(qr::code(text_of(item, value)?, *size)?.as_bytes()),
        }
    }
}

/// Returns the value as text. Clipboards and phones take nothing else.
fn text_of<'a>(item: &str, value: &'a [u8]) -> Result<&'a str> {
    let why = match std::str::from_utf8(value) {
        Ok("") => "is empty",
        Ok(text) if !text.contains('\0') => return Ok(text),
        _ => "is not text",
    };
    Err(Error::failed(format!("{item} {why}")).hint("to write a file: vault get NAME -o FILE"))
}

/// Parses the time for `--clip`.
fn clip_time(text: &str) -> Result<Duration> {
    const COPIED: Durations = Durations {
        shortest: Duration::from_secs(1),
        longest: Duration::from_secs(3_600),
        bounds: "the duration must be from 1 second to 1 hour",
        units: ["s", "m", "h"],
        examples: "for example 30s or 5m",
    };
    Ok(Duration::from_secs(COPIED.parse(text)?.as_secs()))
}

//! `vault log export`, and reading what it wrote.

use super::context::Context;
use super::input;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::log::{Exported, Extent, Form, MAX_EXPORT};
use vault::vault::Session;
use vault::{Error, Result};

/// For an admin, after somebody leaves or in an inquiry: `vault exposure NAME FILE`, `vault log show FILE`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write to this file; else to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    super::output::check(args.output.as_deref())?;
    let session = context.identity_session()?;
    let sealed = session.export_log()?;
    context.show_warnings(session.vault());
    let Some(path) = &args.output else {
        context.ui.bytes(sealed.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    super::output::write(path, sealed.as_bytes())?;
    let admins: Vec<_> = session.vault().roster().state().admins().map(ToString::to_string).collect();
    let user = session.user();
    context.ui.done(&format!("Wrote {user}'s log on this device to {}.", path.display()));
    context.ui.hint(&format!("{user} and the admins ({}) can open it: vault log show FILE", admins.join(", ")));
    Ok(ExitCode::SUCCESS)
}

/// Says what was read.
pub fn heading(exported: &Exported) -> String {
    let Exported { form, user, time, .. } = exported;
    let how = match form {
        Form::Export => "exported",
        Form::Archive => "archived",
    };
    format!("{user}'s log of one device, {how} at {time}:")
}

/// Reads an exported log or an archive with the session's keys.
pub fn read(path: &Path, session: &Session, extent: Extent) -> Result<Exported> {
    let bytes = input::read(path, MAX_EXPORT)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Error::usage(format!("{} is no exported log", path.display())))?;
    session.open_exported_log(text, extent)
}

//! `vault log export`: exports the log.

use crate::cli::options::exported::with_text;
use crate::cli::showing::written::{self, Output};
use crate::cli::unlocking::context::Context;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::log::{Exported, Form};
use vault::name::UserName;
use vault::vault::Session;
use vault::{Result, output};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write to this file (default: standard output)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Seal FILE again, so that this user can open it, too
    #[arg(long = "for", value_name = "USER", requires = "file", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::users))]
    reader: Option<UserName>,
    /// With --for: an exported log or an archive that you can open
    #[arg(value_name = "FILE", requires = "reader")]
    file: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    args.output.as_deref().map_or(Ok(()), output::check)?;
    if let (Some(reader), Some(file)) = (&args.reader, &args.file) {
        return reseal(reader, file, args.output.as_deref(), context);
    }
    let session = context.key_session()?;
    let Some(path) = &args.output else {
        let written = session.export_log(BufWriter::new(Output)).and_then(|mut output| output.flush());
        context.show_warnings(session.vault());
        written.map_err(|error| written::error(&error))?;
        return Ok(ExitCode::SUCCESS);
    };
    output::write_with(path, |file| session.export_log(BufWriter::new(file))?.flush())?;
    context.show_warnings(session.vault());
    let user = session.user();
    context.ui.done(&format!("Wrote {user}'s log on this device to {}.", path.display()));
    let admins = admins(&session);
    context.ui.hint(&format!("{user} and the admins ({admins}) can open it: vault log show FILE"));
    Ok(ExitCode::SUCCESS)
}

fn admins(session: &Session) -> String {
    let admins: Vec<_> = session.vault().roster().state().admins().map(ToString::to_string).collect();
    admins.join(", ")
}

fn reseal(reader: &UserName, file: &Path, output: Option<&Path>, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let (exported, sealed) = with_text(file, |text| session.reseal_log(text, reader))?;
    context.show_warnings(session.vault());
    if let Some(problem) = &exported.reading.problem {
        context.ui.warn(&format!("{}'s log: entry {}: {}", exported.user, problem.entry, problem.what));
    }
    let Some(path) = output else {
        context.ui.bytes(sealed.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    output::write(path, sealed.as_bytes())?;
    context.ui.done(&format!("Wrote {}'s log to {}, as {} signed it.", exported.user, path.display(), exported.user));
    let admins = admins(&session);
    context.ui.hint(&format!("{reader} and the admins ({admins}) can open it: vault log show FILE"));
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

//! `vault log archive`: keeps a long log small.

use super::context::Context;
use super::moment;
use super::object::LogArchive;
use super::words::plural;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::log::Archive;
use vault::path::shell_word;
use vault::vault::Session;
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Move entries from before then: 90d, or 2026-11-23, which begins in local time
    #[arg(long, value_name = "DATE")]
    before: String,
    /// Write to this new file [default: access-log-USER-FIRST-LAST.age.txt in the current directory]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let before = moment::before(&args.before)?;
    if let Some(path) = args.output.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(Error::failed(format!("{} is there already", path.display())).hint("name another file: -o FILE"));
    }
    let session = context.identity_session()?;
    let archive = session.seal_archive(before)?;
    context.show_warnings(session.vault());
    let Some(archive) = archive else {
        context.ui.done(&format!("Nothing to archive: no closed segment of the log is from before {before}."));
        context.ui.hint("a segment is closed once it has 16 MiB, and by new keys or other admins");
        if context.ui.json {
            context.ui.json(&LogArchive { user: session.user().to_string(), ..LogArchive::default() })?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let path = args.output.clone().unwrap_or_else(|| default_name(&archive, &session));
    session.move_into_archive(&archive, &path)?;
    tell(&archive, &path, &session, context)?;
    Ok(ExitCode::SUCCESS)
}

fn default_name(archive: &Archive, session: &Session) -> PathBuf {
    format!("access-log-{}-{}-{}.age.txt", session.user(), archive.first(), archive.last()).into()
}

fn tell(archive: &Archive, path: &Path, session: &Session, context: &Context) -> Result<()> {
    let entries = plural(usize::try_from(archive.entries()).unwrap_or(usize::MAX), "entry");
    context.ui.done(&format!(
        "Moved {entries}, {} to {}, out of {}'s log on this device into {}.",
        archive.first(),
        archive.last(),
        session.user(),
        path.display()
    ));
    context.ui.hint(&format!("keep the file: it has the only copy; vault log show {}", shell_word(path)));
    if archive.has_more() {
        context.ui.hint("there is more from before then than one archive takes: run the command again");
    }
    if context.ui.json {
        context.ui.json(&LogArchive {
            user: session.user().to_string(),
            file: Some(path.display().to_string()),
            entries: archive.entries(),
            segments: archive.segments(),
            first: Some(archive.first()),
            last: Some(archive.last()),
            has_more: archive.has_more(),
        })?;
    }
    Ok(())
}

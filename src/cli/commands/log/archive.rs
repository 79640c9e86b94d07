//! `vault log archive`: moves old entries into a file, so that the log stays small.

use crate::cli::options::moment;
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::error::Reason;
use vault::log::{Archive, FULL_SEGMENT, MAX_ARCHIVE};
use vault::path::shell_word;
use vault::vault::Session;
use vault::view::LogArchive;
use vault::words::plural;
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Move entries from before this time: 90d, or 2026-11-23 (local time)
    #[arg(long, value_name = "DATE")]
    before: String,
    /// Write to this new file [default: access-log-USER-FIRST-LAST.age.txt in the current directory]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Start a new file when one would contain more than this much of the log
    #[arg(long, value_name = "MIB", default_value_t = MAX_ARCHIVE >> 20, value_parser = clap::value_parser!(u64).range(1..=MAX_ARCHIVE >> 20))]
    max_size: u64,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let before = moment::before(&args.before)?;
    if let Some(path) = args.output.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(
            Error::new(Reason::Exists, format!("{} already exists", path.display())).hint("name another file: -o FILE")
        );
    }
    let session = context.key_session()?;
    let most = args.max_size << 20;
    let Some(mut archive) = session.seal_archive(before, most)? else {
        context.show_warnings(session.vault());
        context.ui.done(&format!("Nothing to archive: no closed segment of the log is from before {before}."));
        let full = FULL_SEGMENT >> 20;
        context.ui.hint(&format!("a segment is closed at {full} MiB, and when your keys or the admins change"));
        if context.ui.json {
            context.ui.json(&LogArchive::nothing(session.user()))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    context.show_warnings(session.vault());
    loop {
        let path = args.output.clone().unwrap_or_else(|| default_name(&archive, &session));
        session.move_into_archive(&archive, &path)?;
        tell(&archive, &path, &session, context)?;
        if archive.left() == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        if args.output.is_some() {
            return Err(unfinished(archive.left()));
        }
        let next = session.seal_archive(before, most)?;
        archive = next.ok_or_else(|| unfinished(archive.left()))?;
    }
}

/// Returns the error if entries did not fit. With `-o` there is only one file.
fn unfinished(left: u64) -> Error {
    let entries = plural(usize::try_from(left).unwrap_or(usize::MAX), "entry");
    Error::failed(format!("{entries} from before then did not fit into the file, and stay in the log"))
        .hint("run it again with another -o FILE; without -o it writes as many files as it takes")
}

fn default_name(archive: &Archive, session: &Session) -> PathBuf {
    format!("access-log-{}-{}-{}.age.txt", session.user(), archive.first(), archive.last()).into()
}

fn tell(archive: &Archive, path: &Path, session: &Session, context: &Context) -> Result<()> {
    let entries = plural(usize::try_from(archive.entries()).unwrap_or(usize::MAX), "entry");
    context.ui.done(&format!(
        "Moved {entries}, {} to {}, from {}'s log on this device into {}.",
        archive.first(),
        archive.last(),
        session.user(),
        path.display()
    ));
    context.ui.hint(&format!("keep the file: it has the only copy; vault log show {}", shell_word(path)));
    if context.ui.json {
        context.ui.json(&LogArchive::new(session.user(), archive, path))?;
    }
    Ok(())
}

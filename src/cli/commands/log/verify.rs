//! `vault log verify`: checks whether entries are missing, added or changed, in the log here and in archives.

use super::{Whose, export, missing};
use crate::cli::options::exported;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::actions::log_verify::{self, Part, Verified};
use vault::log::{Extent, Form, Logs, Query};
use vault::vault::Session;
use vault::view::LogVerification;
use vault::words::plural;
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files that `vault log export` or `vault log archive` has written, of one log or several; else your log on this device
    #[arg(conflicts_with = "of", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    whose: Whose,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let mut files = Vec::new();
    for file in &args.files {
        let exported = exported::read(file, &session, Extent::Checked)?;
        context.ui.done(&export::heading(&exported));
        files.push((file.clone(), exported));
    }
    let parts = log_verify::gather(&session, files, &whose(&args.whose, &session))?;
    context.show_warnings(session.vault());
    let is_one_of_several = parts.len() > 1;
    let logs = log_verify::verify(parts)?;
    for part in logs.iter().flat_map(|log| &log.parts) {
        print(part, is_one_of_several, context)?;
    }
    for Verified { parts, gap } in &logs {
        if let ([first, _, ..], None) = (&parts[..], gap) {
            let user = &first.user;
            context.ui.done(&format!("The parts of {user}'s log fit together: no entry is missing between them."));
        }
    }
    let missing = logs.iter().find_map(missing_between);
    if args.whose.all_users {
        let mut all = Logs::default();
        logs.into_iter().flat_map(|log| log.parts).for_each(|part| all.add(part.user, part.reading));
        missing::tell_unheard(&all, &Query::default(), &session, context)?;
    }
    missing.map_or(Ok(ExitCode::SUCCESS), Err)
}

fn whose(whose: &Whose, session: &Session) -> log_verify::Whose {
    match (&whose.of, whose.all_users) {
        (_, true) => log_verify::Whose::All,
        (Some(user), false) => log_verify::Whose::Of(user.clone()),
        (None, false) => log_verify::Whose::Of(session.user().clone()),
    }
}

/// Returns the error for a log that lacks entries between its parts.
fn missing_between(Verified { parts, gap }: &Verified) -> Option<Error> {
    let (first, last) = (*gap)?;
    let user = &parts.first()?.user;
    Some(
        Error::failed(format!("entries {first} to {last} of {user}'s log are in none of these"))
            .hint("name their archive, too: vault log verify ARCHIVE..."),
    )
}

fn print(part: &Part, is_one_of_several: bool, context: &Context) -> Result<()> {
    if context.ui.json {
        let object = LogVerification::new(&part.user, part.file.as_deref(), &part.reading);
        return context.ui.json(&object);
    }
    let Part { user, reading, file, .. } = part;
    let place = match file {
        None => "on this device".to_owned(),
        Some(file) if is_one_of_several => format!("in {}", file.display()),
        Some(_) => "in this file".to_owned(),
    };
    let (count, segments) = (entries(reading.entries), plural(reading.segments, "segment"));
    context.ui.line(&format!("{user}'s log {place}: {count} in {segments}, all authentic"))?;
    for remark in remarks(part) {
        context.ui.line(&remark)?;
    }
    Ok(())
}

/// Returns remarks about what is in an archive.
fn archive_remarks(Part { reading, form, .. }: &Part) -> Vec<String> {
    let mut remarks = Vec::new();
    if *form == Form::Archive {
        let first = reading.follows.map_or(1, |before| before.number + 1);
        remarks.push(format!("an archive of entries {first} to {}", reading.last));
    }
    if let Some(archived) = reading.archived {
        remarks.push(match archived.time {
            Some(time) => format!("{} before them were archived, the last at {time}", entries(archived.last)),
            None => format!(
                "{} before them are not here; without other keys, vault can't tell whether they were archived",
                entries(archived.last)
            ),
        });
    }
    remarks
}

/// Returns further remarks about the log.
fn remarks(part: &Part) -> Vec<String> {
    let Part { user, reading, form, .. } = part;
    let mut remarks = archive_remarks(part);
    if reading.sealed > 0 {
        let sealed = plural(reading.sealed, "segment");
        remarks.push(format!("{sealed} can't be read with these keys, so their content is not checked"));
    }
    for number in &reading.clock_steps {
        remarks.push(format!("entry {number} is dated before the one above it: the clock was set back"));
    }
    if let Some(bytes) = reading.unfinished {
        let bytes = plural(usize::try_from(bytes).unwrap_or(usize::MAX), "byte");
        remarks.push(format!(
            "the log ends with {bytes} of an unfinished entry: vault was killed before it handed anything out; \
             the next entry removes them"
        ));
    }
    if let Some(later) = reading.later {
        remarks.push(format!("the log continued after the export, at least to entry {later}"));
    }
    for environment in &reading.planted {
        remarks.push(format!(
            "{environment} has an anchor for this log that {user} did not sign: a writer of {environment} planted \
             it; it is ignored, and the next save removes it"
        ));
    }
    if reading.uncovered > 0 && *form == Form::Export {
        let last = match reading.uncovered {
            1 => "entry".to_owned(),
            several => entries(several),
        };
        remarks.push(format!(
            "no anchor covers the last {last} yet: {user}'s own key could rewrite them unnoticed until the next \
             change of the vault"
        ));
    }
    remarks
}

fn entries(count: u64) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), "entry")
}

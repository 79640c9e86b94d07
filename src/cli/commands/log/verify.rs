//! `vault log verify`: checks whether entries are missing, added or changed, in the log here and in archives.

use super::Whose;
use super::{export, missing};
use crate::cli::options::exported;
use crate::cli::showing::ui;
use crate::cli::unlocking::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::log::{Extent, Form, Joint, Logs, Query, Reading};
use vault::name::UserName;
use vault::ordered::InOrder as _;
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

/// A log, or a part of one.
struct Part {
    user: UserName,
    /// The file it was read from. `None` for the log on this device.
    file: Option<PathBuf>,
    form: Form,
    reading: Reading,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let mut parts = Vec::new();
    for file in &args.files {
        parts.push(Part::read(file, &session, context)?);
    }
    parts.extend(logs_here(args, &parts, &session)?);
    context.show_warnings(session.vault());
    parts.order_by(|a, b| (a.owner(), a.reading.extent()).cmp(&(b.owner(), b.reading.extent())));
    for part in &parts {
        part.refuse_damage()?;
    }
    let logs: Vec<&[Part]> = parts.chunk_by(|a, b| a.owner() == b.owner()).collect();
    let gaps = logs.iter().map(|log| check_joints(log)).collect::<Result<Vec<_>>>()?;
    for part in &parts {
        part.print(parts.len() > 1, context)?;
    }
    for (log, gap) in logs.iter().zip(&gaps) {
        if let ([first, _, ..], None) = (log, gap) {
            context
                .ui
                .done(&format!("The parts of {}'s log fit together: no entry is missing between them.", first.user));
        }
    }
    if args.whose.all_users {
        let mut logs = Logs::default();
        parts.into_iter().for_each(|part| logs.add(part.user, part.reading));
        missing::tell_unheard(&logs, &Query::default(), &session, context)?;
    }
    if let Some(gap) = gaps.into_iter().flatten().next() {
        return Err(Error::failed(gap).hint("name their archive, too: vault log verify ARCHIVE..."));
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the logs on this device: those of all users, or a single one. The single log is read if no file is named, or
/// if one of the files is an archive of it.
fn logs_here(args: &Args, parts: &[Part], session: &Session) -> Result<Vec<Part>> {
    let read = |user: UserName| {
        let reading = session.read_log_of(&user, Extent::Checked)?;
        Ok(Part { user, file: None, form: Form::Export, reading })
    };
    if args.whose.all_users {
        return vault::log::users_here(&session.vault().state_directory())?.into_iter().map(read).collect();
    }
    let user = args.whose.of.as_ref().unwrap_or_else(|| session.user()).clone();
    let archives = || parts.iter().filter(|part| part.form == Form::Archive && part.user == user);
    if !parts.is_empty() && archives().next().is_none() {
        return Ok(Vec::new());
    }
    let here = read(user.clone())?;
    let is_of_this_device = || archives().any(|part| part.owner() == here.owner());
    let counts = parts.is_empty() || is_of_this_device();
    Ok(if counts { vec![here] } else { Vec::new() })
}

/// Checks that each part of a log begins where the previous parts end. Returns which entries are in none of them.
fn check_joints(parts: &[Part]) -> Result<Option<String>> {
    let mut gap = None;
    let Some((mut reached, rest)) = parts.split_first() else { return Ok(None) };
    for part in rest {
        match reached.reading.joint(&part.reading) {
            Joint::Joined => {}
            Joint::Gap(first, last) => {
                gap = gap.or(Some(format!("entries {first} to {last} of {}'s log are in none of these", part.user)));
            }
            Joint::Broken => {
                return Err(Error::integrity(format!("{} does not follow {}", part.name(), reached.name()))
                    .hint("one of them is from another log, or somebody put another log in its place"));
            }
        }
        if part.reading.extent().1 >= reached.reading.extent().1 {
            reached = part;
        }
    }
    Ok(gap)
}

impl Part {
    fn read(file: &Path, session: &Session, context: &Context) -> Result<Self> {
        let exported = exported::read(file, session, Extent::Checked)?;
        context.ui.done(&export::heading(&exported));
        let (user, form, reading) = (exported.user, exported.form, exported.reading);
        Ok(Self { user, file: Some(file.to_owned()), form, reading })
    }

    /// Returns the log's user and device.
    fn owner(&self) -> (&UserName, Option<&str>) {
        (&self.user, self.reading.device())
    }

    fn name(&self) -> String {
        let here = || format!("{}'s log on this device", self.user);
        self.file.as_ref().map_or_else(here, |file| ui::escape(&file.display().to_string()))
    }

    fn refuse_damage(&self) -> Result<()> {
        let Some(problem) = &self.reading.problem else { return Ok(()) };
        let user = &self.user;
        Err(Error::integrity(format!("entry {} of {user}'s log: {}", problem.entry, problem.what))
            .hint("somebody changed the log, or a power cut took its end; entries before that are authentic"))
    }

    fn print(&self, is_one_of_several: bool, context: &Context) -> Result<()> {
        if context.ui.json {
            let object = LogVerification::new(&self.user, self.file.as_deref(), &self.reading);
            return context.ui.json(&object);
        }
        let Self { user, reading, .. } = self;
        let place = match &self.file {
            None => "on this device".to_owned(),
            Some(file) if is_one_of_several => format!("in {}", file.display()),
            Some(_) => "in this file".to_owned(),
        };
        let (count, segments) = (entries(reading.entries), plural(reading.segments, "segment"));
        context.ui.line(&format!("{user}'s log {place}: {count} in {segments}, all authentic"))?;
        for remark in self.remarks() {
            context.ui.line(&remark)?;
        }
        Ok(())
    }

    /// Returns further remarks about the log.
    fn remarks(&self) -> Vec<String> {
        let Self { user, reading, .. } = self;
        let mut remarks = Vec::new();
        if self.form == Form::Archive {
            let first = reading.follows.map_or(1, |before| before.number + 1);
            remarks.push(format!("an archive of entries {first} to {}", reading.last));
        }
        if let Some(archived) = reading.archived {
            remarks.push(match archived.time {
                Some(time) => format!("{} before them were archived, the last at {time}", entries(archived.last)),
                None => format!(
                    "{} before them are not here; these keys can't read whether they were archived",
                    entries(archived.last)
                ),
            });
        }
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
        if reading.uncovered > 0 && self.form == Form::Export {
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
}

fn entries(count: u64) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), "entry")
}

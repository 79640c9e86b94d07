//! Reads the logs that the options of `vault log` choose, and finds the entries in them.

use super::{Filter, export};
use crate::cli::options::{exported, moment};
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use vault::Result;
use vault::log::{Archived, Extent, Line, Logs, Measure, Query};
use vault::vault::Session;

/// The entries that the options choose.
pub struct Selected<'a> {
    pub query: &'a Query,
    /// How many that match the query are left out, because later ones were asked for.
    skipped: usize,
}

impl<'a> Selected<'a> {
    pub fn new(logs: &Logs, query: &'a Query, filter: &Filter) -> Result<Self> {
        let skipped = filter.last.map_or(Ok(0), |last| logs.before_last(query, last))?;
        Ok(Self { query, skipped })
    }

    /// Returns the entries, oldest first. Each call reads them again.
    pub fn lines(&self, logs: &'a Logs) -> impl Iterator<Item = Result<Line>> + use<'a> {
        logs.select(self.query).skip(self.skipped)
    }
}

pub fn query(filter: &Filter, context: &Context) -> Result<Query> {
    Ok(Query {
        since: filter.since.as_deref().map(moment::since).transpose()?,
        until: filter.until.as_deref().map(moment::until).transpose()?,
        subject: filter.item.clone(),
        action: filter.action,
        environments: context.named_environments().to_vec(),
    })
}

/// Reads the logs that the options choose. For a single log on this device, also returns what was archived of it.
pub fn read(
    filter: &Filter,
    files: &[PathBuf],
    query: &Query,
    session: &Session,
    measure: Option<&mut dyn Measure>,
    context: &Context,
) -> Result<(Logs, Option<Archived>)> {
    let is_one = files.len() + usize::from(filter.whose.all_users) < 2;
    let extent = match filter.last {
        Some(count) if is_one && query.is_empty() => Extent::Last(count),
        _ => Extent::Whole,
    };
    let (mut logs, archived) = match files.is_empty() || filter.whose.all_users {
        true => read_here(filter, extent, session, measure)?,
        false => (Logs::default(), None),
    };
    let mut headings = Vec::new();
    for file in files {
        let exported = exported::read(file, session, extent)?;
        headings.push(export::heading(&exported));
        logs.add_exported(exported);
    }
    context.show_warnings(session.vault());
    headings.iter().for_each(|heading| context.ui.done(heading));
    Ok((logs, archived))
}

/// Reads the logs on this device that the options choose. A single log is measured, and what was archived of it is
/// returned as well.
pub fn read_here(
    filter: &Filter,
    extent: Extent,
    session: &Session,
    measure: Option<&mut dyn Measure>,
) -> Result<(Logs, Option<Archived>)> {
    if filter.whose.all_users {
        return Ok((session.logs_here(extent)?, None));
    }
    let user = filter.whose.of.as_ref().unwrap_or_else(|| session.user());
    let mut reading = session.read_log_measuring(user, extent, measure)?;
    let archived = reading.archived.take();
    let mut logs = Logs::default();
    logs.add(user.clone(), reading);
    Ok((logs, archived))
}

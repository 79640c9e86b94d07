//! Reads the log and verifies that nothing is missing, added or changed.

use super::Opener;
use super::device::DeviceFile;
use super::files;
use super::frames::Source;
use super::key::{self, Record, Stored};
use super::measure::Measure;
use super::reading::{Extent, Reading, Remembered};
use super::walk::Walk;
use crate::error::{Error, Result};
use crate::fs;
use crate::name::UserName;
use crate::roster::Roster;
use std::path::Path;

/// Reads a user's log in the state directory of a vault, for that user or an admin.
///
/// `anchors` are those of all environments that could be read. `measure` is given each entry as it is verified.
///
/// # Errors
/// If a file can't be read; a busy error if an append takes longer than 5 seconds. Problems in the log itself are part of
/// the result.
pub(crate) fn read(
    state: &Path,
    user: &UserName,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &[Remembered],
    extent: Extent,
    mut measure: Option<&mut dyn Measure>,
) -> Result<Reading> {
    for _ in 0..3 {
        let measure = measure.as_mut().map(|measure| &mut **measure as &mut dyn Measure);
        match read_once(state, user, roster, open, anchors, extent, measure) {
            // Segments were archived between listing and reading them.
            Err(error) if error.is_missing_file() => {}
            reading => return reading,
        }
    }
    read_once(state, user, roster, open, anchors, extent, measure)
}

fn read_once(
    state: &Path,
    user: &UserName,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &[Remembered],
    extent: Extent,
    measure: Option<&mut dyn Measure>,
) -> Result<Reading> {
    let directory = super::directory::path(state, user);
    let device = DeviceFile::new(state, user);
    let begun = device.exists();
    let Snapshot { stored, segments } = Snapshot::take(&directory)?;
    let mut walk = Walk::new(user, roster, open, anchors).keeping(extent);
    if let Some(measure) = measure {
        measure.begin();
        walk = walk.measuring(measure);
    }
    if matches!(stored, Stored::Nothing) && !files::has_entries(&directory)? {
        if begun && let Some(name) = device.load()? {
            walk.complain_at_end(format!("missing: the log of device {name} that was here"));
            walk.expecting_device(&name);
        }
        return Ok(walk.finish());
    }
    if let Stored::Record(record) = stored {
        walk = walk.expecting(*record);
    }
    read_segments(&mut walk, &directory, &segments, extent)?;
    match walk.expected() {
        Some(_) => walk.check_key_file(),
        None => walk.complain_of_key_file(),
    }
    if segments.is_empty()
        && let Some(name) = device.load()?
    {
        walk.expecting_device(&name);
    }
    Ok(walk.finish())
}

fn read_segments(walk: &mut Walk<'_>, directory: &Path, segments: &[(u32, u64)], extent: Extent) -> Result<()> {
    let skipped = skipped(directory, segments, extent, walk.expected())?;
    if skipped > 0 {
        walk.begin_later();
    }
    for (number, length) in segments.iter().copied().skip(skipped) {
        let path = files::path(directory, number);
        if walk.expected().is_some_and(|record| number > record.segment) && !files::goes_on(&path)? {
            // A program died after it created the segment and before it updated the key file.
            continue;
        }
        walk.segment(number, Source::File(path, length), None)?;
    }
    Ok(())
}

/// The log at one moment. Written entries never change, so the lock is held only to take the snapshot, and writers don't
/// wait for readers.
struct Snapshot {
    stored: Stored,
    segments: Vec<(u32, u64)>,
}

impl Snapshot {
    fn take(directory: &Path) -> Result<Self> {
        let path = key::path(directory);
        let key_file = fs::open_if_there(&path)?.map(|(file, _)| file);
        let stored = match &key_file {
            None => Stored::Nothing,
            Some(file) => {
                // A shared lock: other readers don't wait.
                fs::lock_shared(file, &path, fs::STATE_LOCK_TIMEOUT)?;
                Record::load(file).map_err(|error| Error::io("read", &path, &error))?
            }
        };
        Ok(Self { stored, segments: files::list_with_lengths(directory)? })
    }
}

/// Returns how many segments come before those with the last entries, according to the headers.
fn skipped(directory: &Path, segments: &[(u32, u64)], extent: Extent, record: Option<&Record>) -> Result<usize> {
    let (Extent::Last(count), Some(record)) = (extent, record) else { return Ok(0) };
    for (place, (number, _)) in segments.iter().enumerate().rev() {
        if *number > record.segment {
            continue;
        }
        let Some(head) = files::read_head(&files::path(directory, *number))? else { return Ok(0) };
        if record.number.saturating_sub(1).saturating_sub(head.header.last_number) >= count as u64 {
            return Ok(place);
        }
    }
    Ok(0)
}

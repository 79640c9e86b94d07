//! Times and paths in words, as they are seen from here and now.

use chrono::{Local, TimeDelta};
use chrono_humanize::HumanTime;
use std::path::Path;
use vault::time::Time;

/// How long ago, in words.
pub fn ago(time: Time, now: Time) -> String {
    let passed = now.utc() - time.utc();
    if passed.num_seconds() < 60 { "just now".to_owned() } else { HumanTime::from(-passed).to_string() }
}

/// A path, relative to here where that is shorter to read.
pub fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(|path| format!("./{}", path.display())));
    let absolute = path.display().to_string();
    relative.filter(|relative| relative.len() < absolute.len()).unwrap_or(absolute)
}

/// The time of day here at which something ends that goes on for so many milliseconds; with the date if that is another day.
pub fn until(milliseconds: u64) -> String {
    let now = Local::now();
    let passing = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
    let end = passing.and_then(|passing| now.checked_add_signed(passing)).unwrap_or(now);
    end.format(if end.date_naive() == now.date_naive() { "%R" } else { "%F %R" }).to_string()
}

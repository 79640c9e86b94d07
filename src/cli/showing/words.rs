//! Describes times and paths relative to the current time and directory.

use chrono::{Local, TimeDelta};
use chrono_humanize::HumanTime;
use std::path::Path;
use vault::path::shell_word;
use vault::time::Time;

/// Says how long ago a time was.
pub fn ago(time: Time, now: Time) -> String {
    let passed = now.utc() - time.utc();
    if passed.num_seconds() < 60 { "just now".to_owned() } else { HumanTime::from(-passed).to_string() }
}

/// Returns a path. It is relative to the current directory if that is shorter.
pub fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(|path| format!("./{}", path.display())));
    let absolute = path.display().to_string();
    relative.filter(|relative| relative.len() < absolute.len()).unwrap_or(absolute)
}

/// Returns a path as a shell's word, relative to the current directory if it is below it.
pub fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    shell_word(here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path))
}

/// Returns the local time of day after this many milliseconds, with the date if that is another day.
pub fn until(milliseconds: u64) -> String {
    let now = Local::now();
    let passing = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
    let end = passing.and_then(|passing| now.checked_add_signed(passing)).unwrap_or(now);
    end.format(if end.date_naive() == now.date_naive() { "%R" } else { "%F %R" }).to_string()
}

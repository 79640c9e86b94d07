//! Writes numbers, lists of names and times in words.

use crate::time::Time;
use std::time::Duration;

const DAY: u64 = 86_400;

/// Formats a count with its noun: `1 item`, `2 items`, `2 entries`.
#[must_use]
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        return format!("1 {word}");
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ => format!("{count} {word}s"),
    }
}

/// Lists names, all of them or as many as fit on a line: `ana, ben, cem and 57 more`.
#[must_use]
pub fn several<N: AsRef<str>>(names: &[N], is_short: bool) -> String {
    const MOST: usize = 4;
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if !is_short || names.len() <= MOST {
        return names.join(", ");
    }
    let shown = &names[..MOST - 1];
    format!("{} and {} more", shown.join(", "), names.len() - shown.len())
}

/// Formats the date, with the time if the moment is less than two days away.
#[must_use]
pub fn moment(time: Time, now: Time) -> String {
    let is_near = (time.utc() - now.utc()).num_hours().abs() < 48;
    time.utc().format(if is_near { "%F %R UTC" } else { "%F" }).to_string()
}

/// Formats a duration in a suitable unit, rounded up.
#[must_use]
pub fn roughly(seconds: u64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        3_541..=3_600 => "1 h".to_owned(),
        60..7_200 => format!("{} min", seconds.div_ceil(60)),
        7_200..172_800 => format!("{} h", seconds.div_ceil(3_600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

/// Formats a duration as short as possible: `14m`
#[must_use]
pub fn briefly(seconds: u64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..7_200 => format!("{}m", seconds.div_ceil(60)),
        7_200..172_800 => format!("{}h", seconds.div_ceil(3_600)),
        _ => format!("{}d", seconds.div_ceil(86_400)),
    }
}

/// Formats a duration in the largest unit that is exact: `90 seconds`, `2 minutes`
#[must_use]
pub fn exactly(duration: Duration) -> String {
    let (count, unit) = match duration.as_secs() {
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, "hour"),
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    plural(usize::try_from(count).unwrap_or(usize::MAX), unit)
}

/// Formats a duration ahead: `within 7 days`
#[must_use]
pub fn within(ahead: Duration) -> String {
    match ahead.as_secs() {
        DAY => "within a day".to_owned(),
        seconds if seconds % DAY == 0 => {
            format!("within {}", plural(usize::try_from(seconds / DAY).unwrap_or(usize::MAX), "day"))
        }
        seconds => format!("within {}", roughly(seconds)),
    }
}

/// Formats a duration as options accept it: `14d`
#[must_use]
pub fn typed(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % DAY == 0 => format!("{}d", seconds / DAY),
        seconds if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_one_unit() {
        let times = [0, 59, 60, 61, 3_599, 7_199, 7_200, 7_201, 172_799, 172_800];
        let long = ["0 s", "59 s", "1 min", "2 min", "1 h", "120 min", "2 h", "3 h", "48 h", "2 days"];
        let short = ["0s", "59s", "1m", "2m", "60m", "120m", "2h", "3h", "48h", "2d"];
        assert_eq!((times.map(roughly), times.map(briefly)), (long.map(str::to_owned), short.map(str::to_owned)));
    }

    #[test]
    fn a_period_is_shown_in_words_and_as_it_is_typed() {
        let shown = |seconds| (within(Duration::from_secs(seconds)), typed(Duration::from_secs(seconds)));
        let pair = |words: &str, typed: &str| (words.to_owned(), typed.to_owned());
        assert_eq!(shown(86_400), pair("within a day", "1d"));
        assert_eq!(shown(14 * 86_400), pair("within 14 days", "14d"));
        assert_eq!(shown(36 * 3_600), pair("within 36 h", "36h"));
        assert_eq!(shown(90), pair("within 2 min", "90s"));
    }

    #[test]
    fn an_exact_duration_is_written_in_its_largest_unit() {
        let shown = |seconds| exactly(Duration::from_secs(seconds));
        assert_eq!(
            [1, 30, 90, 60, 120, 3_600].map(shown),
            ["1 second", "30 seconds", "90 seconds", "1 minute", "2 minutes", "1 hour"]
        );
    }

    #[test]
    fn a_time_close_to_now_is_shown_with_hours_and_minutes() {
        let time = |text| Time::parse(text).unwrap();
        let now = time("2026-11-28T21:05:00Z");
        assert_eq!(moment(time("2026-11-28T22:05:59Z"), now), "2026-11-28 22:05 UTC");
        assert_eq!(moment(time("2026-11-27T00:00:00Z"), now), "2026-11-27 00:00 UTC");
        assert_eq!(moment(time("2026-11-30T21:05:00Z"), now), "2026-11-30");
    }

    #[test]
    fn long_lists_of_names_are_shortened_and_short_ones_are_not() {
        assert_eq!(several(&["a", "b", "c", "d"], true), "a, b, c, d");
        assert_eq!(several(&["a", "b", "c", "d", "e"], true), "a, b, c and 2 more");
        assert_eq!(several(&["a", "b", "c", "d", "e"], false), "a, b, c, d, e");
        assert_eq!(several::<&str>(&[], true), "");
    }

    #[test]
    fn a_single_thing_has_no_plural_and_a_final_y_becomes_ies() {
        assert_eq!(plural(1, "entry"), "1 entry");
        assert_eq!(plural(0, "entry"), "0 entries");
        assert_eq!(plural(2, "key"), "2 keys");
        assert_eq!(plural(2, "item"), "2 items");
    }
}

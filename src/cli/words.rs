//! Numbers and times in words.

use chrono_humanize::HumanTime;
use vault::time::Time;

/// How long ago, in words.
pub fn ago(time: Time, now: Time) -> String {
    let passed = now.utc() - time.utc();
    if passed.num_seconds() < 60 { "just now".to_owned() } else { HumanTime::from(-passed).to_string() }
}

/// `1 item`, `2 items`, `2 entries`.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        return format!("1 {word}");
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ => format!("{count} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_is_no_plural_and_a_y_becomes_ies() {
        assert_eq!(plural(1, "entry"), "1 entry");
        assert_eq!(plural(0, "entry"), "0 entries");
        assert_eq!(plural(2, "key"), "2 keys");
        assert_eq!(plural(2, "item"), "2 items");
    }
}

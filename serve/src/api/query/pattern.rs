//! `$regex`, with an engine that runs in linear time, so that no pattern hangs the server.

use crate::api::error::{ApiError, Result};
use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
const LONGEST: usize = 1_024;
/// The largest compiled pattern, in bytes.
const LARGEST: usize = 512 * 1024;

/// Compiles a pattern with Parse's options.
pub fn read(pattern: &str, options: &str) -> Result<Regex> {
    if pattern.len() > LONGEST {
        return Err(ApiError::query(format!("the pattern of $regex is longer than {LONGEST} bytes")));
    }
    let mut builder = RegexBuilder::new(&unquoted(pattern));
    builder.size_limit(LARGEST).dfa_size_limit(LARGEST);
    for option in options.chars() {
        match option {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            other => return Err(ApiError::query(format!("$options takes i, m, s and x, not {other}"))),
        };
    }
    builder.build().map_err(|_| {
        ApiError::query("$regex is not a valid pattern").hint("look-around and back-references are not supported")
    })
}

/// Escapes the text between `\Q` and `\E`, which the SDKs send for `startsWith` and `contains`.
fn unquoted(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, quoted)) = rest.split_once("\\Q") {
        plain.push_str(before);
        let (text, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
        plain.push_str(&regex::escape(text));
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_quoted_by_the_sdks_is_literal() {
        // The JavaScript SDK sends this for `a.\Eb`.
        let starts = read("^\\Qa.\\E\\\\E\\Qb\\E", "").unwrap();
        assert!(starts.is_match("a.\\Ebc") && !starts.is_match("axb") && !starts.is_match("xa.\\Eb"));
        assert!(read("\\Qk(\\E", "i").unwrap().is_match("STRIPE_K("));
    }

    #[test]
    fn patterns_that_could_run_forever_are_refused() {
        for (pattern, options) in [("(?=a)", ""), ("(a)\\1", ""), ("a", "g"), ("(", ""), (&*"a".repeat(2000), "")] {
            assert!(read(pattern, options).is_err(), "{pattern}");
        }
        assert!(read("((a{100}){100}){100}", "").is_err(), "too large");
        assert!(!read("^(a+)+$", "").unwrap().is_match(&format!("{}b", "a".repeat(100_000))));
    }
}

//! Recognizes values that are plain settings. Import stores them as variables, which lists show and `exec --mask`
//! doesn't mask.
//!
//! A wrong guess in one direction exposes a secret; in the other it hides a setting, which one command corrects. So the
//! value must look like a setting, the name must not suggest a secret, and in case of doubt the item is a secret.

mod secret_names;
mod values;

use crate::name::{is_variable_name, words};
use crate::parts::begins_as_key;
use secret_names::names_a_secret;
use values::{
    is_address, is_boolean, is_duration, is_host_and_port, is_locale, is_number, is_one_of, is_plain_url, is_region,
    is_size, is_time_zone, is_version,
};

/// A rule that recognizes one kind of plain setting.
struct Rule {
    /// The kind of value, in a word or two.
    what: &'static str,
    /// Words of which the name must have one; if empty, any name will do.
    names: &'static [&'static str],
    /// Endings of names that allow the value even if the name suggests a secret: `SESSION_TIMEOUT` is not a session.
    ends: &'static [&'static [&'static str]],
    /// Returns whether the value has the form of this kind.
    is_value: fn(&str) -> bool,
}

impl Rule {
    const fn new(what: &'static str, names: &'static [&'static str], is_value: fn(&str) -> bool) -> Self {
        Self { what, names, ends: &[], is_value }
    }

    const fn even_of_secrets(self, ends: &'static [&'static [&'static str]]) -> Self {
        Self { ends, ..self }
    }

    fn fits(&self, words: &[String], speaks_of_secrets: bool, value: &str) -> bool {
        let is_called_so = ends_with(words, self.ends) || (!speaks_of_secrets && has_word(words, self.names));
        is_called_so && (self.is_value)(value)
    }
}

/// The rules. The first one that matches decides the kind.
const RULES: &[Rule] = &[
    Rule::new("boolean", &[], is_boolean).even_of_secrets(&[SWITCHES]),
    Rule::new("small number", &[], |value| is_number(value, 3)).even_of_secrets(&[TIMES, COUNTS]),
    Rule::new("number", QUANTITIES, |value| is_number(value, 5)).even_of_secrets(&[TIMES, COUNTS]),
    Rule::new("duration", TIMES, is_duration).even_of_secrets(&[TIMES]),
    Rule::new("size", &["size", "limit", "max", "min", "memory", "quota"], is_size),
    Rule::new("log level", &["log", "level", "verbosity"], |value| is_one_of(value, LOG_LEVELS)),
    Rule::new("environment", &["env", "environment", "stage", "mode", "profile"], |value| {
        is_one_of(value, ENVIRONMENTS)
    }),
    Rule::new("region", &["region", "zone", "datacenter"], is_region),
    Rule::new("time zone", &["tz", "timezone"], is_time_zone),
    Rule::new("locale", &["lang", "language", "locale", "lc"], is_locale),
    Rule::new("version", &["version"], is_version),
    Rule::new("address", &[], is_address),
    Rule::new(
        "host name",
        &["host", "hostname", "domain", "server", "endpoint", "address", "addr", "broker"],
        is_host_and_port,
    ),
    Rule::new("URL without credentials", &[], is_plain_url),
];

/// Endings of names of switches.
const SWITCHES: &[&str] = &["enabled", "disabled", "required", "secure", "httponly", "http_only", "allowed"];

/// Endings of names of durations.
const TIMES: &[&str] = &[
    "timeout",
    "ttl",
    "interval",
    "delay",
    "duration",
    "lifetime",
    "seconds",
    "secs",
    "ms",
    "millis",
    "milliseconds",
    "minutes",
    "mins",
    "hours",
    "days",
    "expires_in",
    "max_age",
];

/// Endings of names of counts. Such a number describes a secret and is not one itself.
const COUNTS: &[&str] = &["limit", "length", "size", "count", "retries", "attempts"];

/// Words in names of longer numbers. Without one, a number may have only three digits, because a PIN has four.
const QUANTITIES: &[&str] = &[
    "port",
    "timeout",
    "ttl",
    "interval",
    "delay",
    "seconds",
    "ms",
    "millis",
    "minutes",
    "max",
    "min",
    "limit",
    "size",
    "count",
    "retries",
    "attempts",
    "workers",
    "threads",
    "connections",
    "concurrency",
    "rate",
    "memory",
    "age",
];

const LOG_LEVELS: &[&str] =
    &["trace", "debug", "verbose", "info", "notice", "warn", "warning", "error", "critical", "fatal", "off", "silent"];

const ENVIRONMENTS: &[&str] = &[
    "dev",
    "develop",
    "development",
    "local",
    "test",
    "testing",
    "ci",
    "qa",
    "preview",
    "stage",
    "staging",
    "prod",
    "production",
];

/// Returns the kind of plain setting, in a word or two such as `boolean` or `log level`, if the value certainly is one.
#[must_use]
pub fn plain(name: &str, value: &[u8]) -> Option<&'static str> {
    let value = std::str::from_utf8(value).ok()?;
    if !is_variable_name(name) || begins_as_key(value) {
        return None;
    }
    let (words, speaks_of_secrets) = (words(name), names_a_secret(name));
    RULES.iter().find(|rule| rule.fits(&words, speaks_of_secrets, value)).map(|rule| rule.what)
}

/// Returns whether the name has one of the listed words. A word may also end with a listed one of four letters or more,
/// as in `PGHOST`.
fn has_word(words: &[String], listed: &[&str]) -> bool {
    let is = |word: &String, listed: &&str| word == listed || (listed.len() >= 4 && word.ends_with(listed));
    listed.is_empty() || listed.iter().any(|listed| words.iter().any(|word| is(word, listed)))
}

/// Returns whether the name ends with one of these endings and has words before it.
fn ends_with(words: &[String], ends: &[&[&str]]) -> bool {
    ends.iter().copied().flatten().any(|end| {
        let end: Vec<&str> = end.split('_').collect();
        words.len() > end.len() && words[words.len() - end.len()..] == end[..]
    })
}

#[cfg(test)]
mod tests;

//! Which values are ordinary settings by sight: import makes them variables, which lists show and `exec --mask` doesn't hide.
//!
//! A wrong guess one way shows a secret; the other way hides a setting, which one command mends. So the value has to look
//! like a setting, the name must not speak of secrets, and whatever is in doubt stays a secret.

mod values;

use crate::name::{Marks, is_variable_name, speaks_of_secrets, words};
use crate::parts::begins_as_key;
use values::{
    is_address, is_boolean, is_duration, is_host_and_port, is_locale, is_number, is_one_of, is_plain_url, is_region,
    is_size, is_time_zone, is_version,
};

/// What a plain setting looks like.
struct Rule {
    /// What such a value is, in a word or two.
    what: &'static str,
    /// Words of which the name has to have one; any name if there are none.
    names: &'static [&'static str],
    /// Ends of names that make it such a value even where the name speaks of secrets: `SESSION_TIMEOUT` is no session.
    ends: &'static [&'static [&'static str]],
    /// Whether it is such a value.
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

/// The first rule that fits says what a value is.
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

/// Ends of names of switches.
const SWITCHES: &[&str] = &["enabled", "disabled", "required", "secure", "httponly", "http_only", "allowed"];

/// Ends of names of lengths of time.
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

/// Ends of names of counts: a number there is about a secret, and none itself.
const COUNTS: &[&str] = &["limit", "length", "size", "count", "retries", "attempts"];

/// Names of numbers that may be longer: a PIN has four digits, too.
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

/// What in a name speaks of secrets, beside what does so in the fields of JSON.
const SECRET: Marks = Marks {
    anywhere: &["phrase", "mnemonic", "jwt", "hmac", "crypt", "unlock"],
    at_edge: &["seed", "hook", "cookie", "session", "login", "bearer", "licen", "cert", "access", "signing"],
    alone: &[
        "pw", "otp", "totp", "mfa", "2fa", "code", "sig", "nonce", "pem", "iv", "cvv", "cvc", "ssn", "card", "hash",
        "kek", "dek", "psk", "puk", "sas", "psw",
    ],
};

/// What kind of plain setting this is, if it is one for certain: in a word or two, such as `boolean` or `log level`.
#[must_use]
pub fn plain(name: &str, value: &[u8]) -> Option<&'static str> {
    let value = std::str::from_utf8(value).ok()?;
    if !is_variable_name(name) || begins_as_key(value) {
        return None;
    }
    let (words, speaks_of_secrets) = (words(name), names_a_secret(name));
    RULES.iter().find(|rule| rule.fits(&words, speaks_of_secrets, value)).map(|rule| rule.what)
}

/// Whether one of the words is among those listed; `PGHOST` ends with one, too.
fn has_word(words: &[String], listed: &[&str]) -> bool {
    let is = |word: &String, listed: &&str| word == listed || (listed.len() >= 4 && word.ends_with(listed));
    listed.is_empty() || listed.iter().any(|listed| words.iter().any(|word| is(word, listed)))
}

/// Whether these are the last words.
fn ends_with(words: &[String], ends: &[&[&str]]) -> bool {
    ends.iter().copied().flatten().any(|end| {
        let end: Vec<&str> = end.split('_').collect();
        words.len() > end.len() && words[words.len() - end.len()..] == end[..]
    })
}

fn names_a_secret(name: &str) -> bool {
    speaks_of_secrets(name) || SECRET.mark(name)
}

#[cfg(test)]
mod tests;

//! Which values are ordinary settings by sight: import makes them variables, which lists show and `exec --mask` doesn't hide.
//!
//! A wrong guess one way shows a secret; the other way hides a setting, which one command mends. So the value has to look
//! like a setting, the name must not speak of secrets, and whatever is in doubt stays a secret.

use crate::name::is_variable_name;
use crate::parts::{changes, looks_random, speaks_of_secrets};
use std::net::{IpAddr, SocketAddr};

/// What a plain setting looks like.
struct Rule {
    /// What such a value is, in a word or two.
    what: &'static str,
    /// Words of which the name has to have one; any name if there are none.
    names: &'static [&'static str],
    /// Whether it is such a value.
    is_value: fn(&str) -> bool,
}

/// The first rule that fits says what a value is.
const RULES: &[Rule] = &[
    Rule { what: "boolean", names: &[], is_value: is_boolean },
    Rule { what: "small number", names: &[], is_value: |value| is_number(value, 3) },
    Rule { what: "number", names: QUANTITIES, is_value: |value| is_number(value, 5) },
    Rule { what: "log level", names: &["log", "level", "verbosity"], is_value: |value| is_one_of(value, LOG_LEVELS) },
    Rule {
        what: "environment",
        names: &["env", "environment", "stage", "mode", "profile"],
        is_value: |value| is_one_of(value, ENVIRONMENTS),
    },
    Rule { what: "address", names: &[], is_value: is_address },
    Rule {
        what: "host name",
        names: &["host", "hostname", "domain", "server", "endpoint", "address", "addr", "broker"],
        is_value: is_host_and_port,
    },
    Rule { what: "URL without credentials", names: &[], is_value: is_plain_url },
];

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

/// Schemes of what is reached over a network.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "ws",
    "wss",
    "grpc",
    "tcp",
    "udp",
    "postgres",
    "postgresql",
    "mysql",
    "mongodb",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "nats",
    "kafka",
    "smtp",
    "smtps",
    "s3",
];

/// Words of a name that speak of secrets, beside those of fields in JSON.
const SECRET_PARTS: &[&str] = &[
    "phrase", "mnemonic", "seed", "hook", "cookie", "session", "login", "jwt", "bearer", "hmac", "licen", "cert",
    "crypt", "access", "unlock", "signing",
];
/// The same, where only the whole word does.
const SECRET_WORDS: &[&str] = &[
    "pw", "pwd", "otp", "totp", "mfa", "2fa", "code", "sig", "nonce", "pem", "iv", "cvv", "cvc", "ssn", "card", "hash",
    "kek", "dek", "psk", "puk", "sas", "psw",
];

/// How keys of well-known services begin.
const KEY_BEGINNINGS: &[&str] = &[
    "sk_",
    "sk-",
    "pk_",
    "pk-",
    "rk_",
    "whsec_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "eyJ",
    "shpat_",
    "npm_",
    "pypi-",
    "dop_v1_",
    "hvs.",
    "SG.",
    "key-",
    "age1",
    "AGE-",
];

/// What kind of plain setting this is, if it is one for certain: in a word or two, such as `boolean` or `log level`.
#[must_use]
pub fn plain(name: &str, value: &[u8]) -> Option<&'static str> {
    let value = std::str::from_utf8(value).ok()?;
    if !is_variable_name(name) || names_a_secret(name) || begins_as_key(value) {
        return None;
    }
    let words = words(name);
    let fits = |rule: &&Rule| has_word(&words, rule.names) && (rule.is_value)(value);
    RULES.iter().find(fits).map(|rule| rule.what)
}

/// The words of a name, in small letters: of `apiBaseUrl` and `API_BASE_URL` they are the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let begins = c == '_' || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words
}

/// Whether one of the words is among those listed; `PGHOST` ends with one, too.
fn has_word(words: &[String], listed: &[&str]) -> bool {
    let is = |word: &String, listed: &&str| word == listed || (listed.len() >= 4 && word.ends_with(listed));
    listed.is_empty() || listed.iter().any(|listed| words.iter().any(|word| is(word, listed)))
}

fn names_a_secret(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    let is_word = |word: &String| SECRET_WORDS.contains(&word.as_str());
    speaks_of_secrets(name) || SECRET_PARTS.iter().any(|part| small.contains(part)) || words(name).iter().any(is_word)
}

fn begins_as_key(text: &str) -> bool {
    KEY_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

fn is_one_of(value: &str, listed: &[&str]) -> bool {
    listed.contains(&value.to_ascii_lowercase().as_str())
}

fn is_boolean(value: &str) -> bool {
    is_one_of(value, &["true", "false", "yes", "no", "on", "off", "enabled", "disabled"])
}

/// A number with at most so many digits in front of the point, and two behind it.
fn is_number(value: &str, digits: usize) -> bool {
    let value = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let are_digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole, digits) && are_digits(fraction, 2)
}

/// An IP address or localhost, with a port or without.
fn is_address(value: &str) -> bool {
    let (host, port) = value.split_once(':').unwrap_or((value, "0"));
    value.parse::<IpAddr>().is_ok()
        || value.parse::<SocketAddr>().is_ok()
        || (host == "localhost" && port.parse::<u16>().is_ok())
}

/// The name of a host, with a port or without. One without a point counts, such as a service of a compose file.
fn is_host_and_port(value: &str) -> bool {
    const LONGEST: usize = 100;
    if is_address(value) {
        return true;
    }
    let (host, port) = value.split_once(':').unwrap_or((value, "0"));
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        label.bytes().all(fits) && !label.starts_with('-') && is_words(label)
    };
    let begins_with_letter = host.starts_with(|c: char| c.is_ascii_lowercase());
    host.len() <= LONGEST && begins_with_letter && port.parse::<u16>().is_ok() && host.split('.').all(is_label)
}

/// A URL in which nothing can be a credential: no user, no query, and a path of words.
fn is_plain_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_segment = |segment: &str| segment.is_empty() || is_words(segment);
    SCHEMES.contains(&scheme)
        && is_host_and_port(host)
        && !names_a_secret(path)
        && path.trim_end_matches('/').split('/').all(is_segment)
}

/// Words joined by hyphens and the like, and nothing that could be a key: those are long, or change between letters and
/// digits more often.
fn is_words(text: &str) -> bool {
    const LONGEST: usize = 16;
    const SHORT: usize = 8;
    const MOST_CHANGES: usize = 2;
    const MOST_DIGITS: usize = 6;
    let is_word = |word: &str| {
        let is_quiet =
            if word.len() < SHORT { changes(word.as_bytes()) <= MOST_CHANGES } else { !looks_random(word.as_bytes()) };
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        (1..=LONGEST).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && is_quiet
            && digits <= MOST_DIGITS
    };
    // A key in groups, such as a UUID, changes as often as one in a piece.
    let is_long_key = text.len() > LONGEST && looks_random(text.as_bytes());
    !is_long_key && !begins_as_key(text) && text.split(['-', '_', '.', '~']).all(is_word)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn plain_settings_are_told_by_sight() {
        for (name, value, what) in [
            ("DEBUG", "true", "boolean"),
            ("verbose", "False", "boolean"),
            ("CACHE", "off", "boolean"),
            ("WORKERS", "4", "small number"),
            ("SAMPLE_RATE", "0.25", "small number"),
            ("PORT", "3000", "number"),
            ("PGPORT", "5432", "number"),
            ("REQUEST_TIMEOUT_MS", "30000", "number"),
            ("maxUploadSize", "-1", "small number"),
            ("LOG_LEVEL", "warn", "log level"),
            ("RUST_LOG", "DEBUG", "log level"),
            ("NODE_ENV", "production", "environment"),
            ("ENVIRONMENT", "Staging", "environment"),
            ("BIND", "0.0.0.0", "address"),
            ("LISTEN", "127.0.0.1:8080", "address"),
            ("REDIS", "localhost:6379", "address"),
            ("LISTEN6", "[::1]:80", "address"),
            ("DB_HOST", "db", "host name"),
            ("PGHOST", "db-1.internal.example.com", "host name"),
            ("SMTP_SERVER", "smtp.example.com:587", "host name"),
            ("API_URL", "https://api.example.com/v1", "URL without credentials"),
            ("ORIGIN", "http://localhost:3000/", "URL without credentials"),
            ("CACHE_URL", "redis://cache:6379/0", "URL without credentials"),
            ("DATABASE_URL", "postgres://localhost/my_app", "URL without credentials"),
        ] {
            assert_eq!(plain(name, value.as_bytes()), Some(what), "{name}={value}");
        }
    }

    #[test]
    fn a_name_that_speaks_of_a_secret_is_never_plain() {
        for name in [
            "KEY",
            "API_TOKEN",
            "clientSecret",
            "DB_PASSWORD",
            "DBPASS",
            "PIN",
            "DOOR_CODE",
            "TWO_FACTOR_OTP",
            "SEED",
            "SLACK_WEBHOOK",
            "UNLOCK",
            "LOGIN",
            "CARD",
            "PSK",
            "Password_Port",
            "SSL_CERT_MODE",
            "ACCESS",
        ] {
            for value in ["true", "42", "3000", "production", "localhost", "https://example.com"] {
                assert_eq!(plain(name, value.as_bytes()), None, "{name}={value}");
            }
        }
    }

    #[test]
    fn a_value_that_could_be_a_credential_is_never_plain() {
        for (name, value) in [
            ("DATABASE_URL", "postgres://app:pw@db/app"),
            ("DATABASE_URL", "postgres://app@db/app"),
            ("SENTRY_URL", "https://0a1b2c3d4e5f60718293a4b5c6d7e8f9@o1.ingest.example.com/2"),
            ("API_URL", "https://example.com/?sig=abc"),
            ("API_URL", "https://example.com/#abc"),
            ("CHAT_URL", "https://hooks.example.com/services/T0ABC1DEF/B0GHI2JKL/xK8pQ2vR9mT4wZ7bN3cY"),
            ("CHAT_URL", "https://chat.example.com/api/webhooks/1234/abcdef"),
            ("PING_URL", "https://ping.example.com/550e8400-e29b-41d4-a716-446655440000"),
            ("BOT_URL", "https://api.example.com/bot123456:AAExample"),
            ("SHORT_URL", "https://example.com/aB3dE7q"),
            ("STORE_URL", "https://example.com/key/one"),
            ("PAY_URL", "https://example.com/sk_live_abc"),
            ("TUNNEL_URL", "https://f3a9c17e24b0.tunnel.example.com"),
            ("TUNNEL_URL", "https://qwhfjdlsmvbcxzqplwk.tunnel.example.com"),
            ("FILE_URL", "file:///etc/passwd"),
            ("DATA_URL", "data://localhost/x"),
            ("EXPANDED_URL", "https://${HOST}/v1"),
            ("DB_HOST", "xK8pQ2vR9mT4wZ7bN3cY"),
            ("DB_HOST", "AKIAIOSFODNN7EXAMPLE"),
            ("DB_HOST", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            ("DB_HOST", "ghp_abcdefghijklmnop"),
            ("DB_HOST", "Tr0ub4dor&3"),
            ("DB_HOST", "correct horse"),
            ("ADMIN", "hunter2"),
            ("ADMIN", "correct.horse.battery"),
            ("ADMIN", "production"),
            ("ALARM", "4711"),
            ("PORT", "123456"),
            ("BIG_LIMIT", "1234567890"),
            ("NODE_ENV", "hunter2"),
            ("LOG_LEVEL", "s3cret"),
            ("EMPTY", ""),
            ("BREAK", "true\n"),
            ("my-host", "true"),
        ] {
            assert_eq!(plain(name, value.as_bytes()), None, "{name}={value}");
        }
        assert_eq!(plain("DEBUG", b"true\xff"), None);
    }
}

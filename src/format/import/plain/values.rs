//! The forms of values of plain settings.

use super::secret_names::names_a_secret;
use crate::parts::{begins_as_key, changes, looks_random};
use std::net::{IpAddr, SocketAddr};

/// URL schemes of network services.
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

pub(super) fn is_one_of(value: &str, listed: &[&str]) -> bool {
    listed.contains(&value.to_ascii_lowercase().as_str())
}

pub(super) fn is_boolean(value: &str) -> bool {
    is_one_of(value, &["true", "false", "yes", "no", "on", "off", "enabled", "disabled"])
}

/// Returns whether the value is a number with at most `digits` digits before the point and two after it.
pub(super) fn is_number(value: &str, digits: usize) -> bool {
    let value = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let are_digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole, digits) && are_digits(fraction, 2)
}

/// Returns whether the value is a duration: a number, with or without a unit.
pub(super) fn is_duration(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit = &value[digits.len()..];
    is_number(digits, 8) && !digits.starts_with('-') && ["", "ms", "s", "m", "h", "d", "w"].contains(&unit)
}

/// Returns whether the value is a size: `10mb`, `512M`, `2GiB`.
pub(super) fn is_size(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = value[digits.len()..].to_ascii_lowercase();
    is_number(digits, 5) && ["b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"].contains(&unit.as_str())
}

/// Returns whether the value is a cloud region: `eu-central-1`, `europe-west4`, `us-east-1a`, `westeurope`.
pub(super) fn is_region(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.starts_with(|c: char| c.is_ascii_lowercase()) && value.bytes().all(fits) && digits <= 2 && is_words(value)
}

/// Returns whether the value is a time zone: `UTC`, `Europe/Berlin`.
pub(super) fn is_time_zone(value: &str) -> bool {
    let is_place = |place: &str| {
        place.starts_with(|c: char| c.is_ascii_uppercase())
            && place.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && is_words(place)
    };
    ["UTC", "GMT"].contains(&value) || (value.contains('/') && value.split('/').all(is_place))
}

/// Returns whether the value is a locale: `de`, `de_DE.UTF-8`, `en-US`.
pub(super) fn is_locale(value: &str) -> bool {
    let value = value.strip_suffix(".UTF-8").or(value.strip_suffix(".utf8")).unwrap_or(value);
    let (language, country) = value.split_once(['_', '-']).unwrap_or((value, "XX"));
    ["C", "POSIX"].contains(&value)
        || language.len() == 2
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Returns whether the value is a version: `1.27`, `v20.11.0`, `2024-06-20`.
pub(super) fn is_version(value: &str) -> bool {
    const MOST_DIGITS: usize = 8;
    let numbers: Vec<&str> = value.strip_prefix('v').unwrap_or(value).split(['.', '-']).collect();
    let is_digits = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (2..=4).contains(&numbers.len())
        && numbers.iter().all(is_digits)
        && numbers.iter().map(|number| number.len()).sum::<usize>() <= MOST_DIGITS
}

/// Returns whether the value is an IP address or localhost, with or without a port.
pub(super) fn is_address(value: &str) -> bool {
    let (host, port) = value.split_once(':').unwrap_or((value, "0"));
    value.parse::<IpAddr>().is_ok()
        || value.parse::<SocketAddr>().is_ok()
        || (host == "localhost" && port.parse::<u16>().is_ok())
}

/// Returns whether the value is a host name, with or without a port. A name without a dot counts, such as a service of
/// a compose file.
pub(super) fn is_host_and_port(value: &str) -> bool {
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

/// Returns whether the value is a URL that can't contain a credential: it has no user and no query, and its path
/// consists of words.
pub(super) fn is_plain_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_segment = |segment: &str| segment.is_empty() || is_words(segment);
    SCHEMES.contains(&scheme)
        && is_host_and_port(host)
        && !names_a_secret(path)
        && path.trim_end_matches('/').split('/').all(is_segment)
}

/// Returns whether a text consists of words joined by hyphens and the like, and can't be a key. Keys are long, or
/// alternate between letters and digits more often.
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
    // A key in groups, such as a UUID, alternates as often as a key in one piece.
    let is_long_key = text.len() > LONGEST && looks_random(text.as_bytes());
    !is_long_key && !begins_as_key(text) && text.split(['-', '_', '.', '~']).all(is_word)
}

//! Splits names into words, and decides what they say about a value: `DB_PASSWORD` and `apiKey` name secrets,
//! `SHIPPING` and `author` don't.

/// Returns the words of a name in lower case: `apiBaseUrl`, `api-base.url` and `API_BASE_URL` have the same words.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let is_part = c.is_alphanumeric();
        let begins = !is_part || (c.is_uppercase() && before.is_lowercase());
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| is_part) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Texts in a name that mark it.
pub struct Marks {
    /// Marks a name wherever it is in a word, because no ordinary word contains it.
    pub anywhere: &'static [&'static str],
    /// Marks a name at the start or the end of a word, as in `DBPASS`, unless it is an ordinary word.
    pub at_edge: &'static [&'static str],
    /// Marks a name as a whole word, possibly followed by a number.
    pub alone: &'static [&'static str],
}

/// Ordinary words that start or end like a mark.
const ORDINARY: &[&str] = &[
    "author",
    "authors",
    "bypass",
    "compass",
    "concert",
    "concerts",
    "credit",
    "credits",
    "donkey",
    "encompass",
    "hockey",
    "hooked",
    "keyboard",
    "keyframe",
    "keynote",
    "keyspace",
    "keyspaces",
    "keyword",
    "keywords",
    "monkey",
    "passage",
    "passed",
    "passenger",
    "passengers",
    "passes",
    "passing",
    "passive",
    "sacred",
    "salty",
    "seeded",
    "surpass",
    "turkey",
];

impl Marks {
    /// Returns whether the name is marked.
    #[must_use]
    pub fn mark(&self, name: &str) -> bool {
        words(name).iter().any(|word| self.mark_word(word))
    }

    fn mark_word(&self, word: &str) -> bool {
        let without_number = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let singular = without_number.strip_suffix('s').unwrap_or(without_number);
        let is_at_edge =
            |mark: &&str| word.starts_with(mark) || without_number.ends_with(mark) || singular.ends_with(mark);
        self.anywhere.iter().any(|mark| word.contains(mark))
            || self.alone.contains(&word)
            || self.alone.contains(&without_number)
            || self.at_edge.iter().any(is_at_edge) && !ORDINARY.contains(&without_number)
    }
}

/// Returns whether a name says that its value is a secret.
#[must_use]
pub fn speaks_of_secrets(name: &str) -> bool {
    const SECRET: Marks = Marks {
        anywhere: &[
            "secret",
            "token",
            "private",
            "signature",
            "passw",
            "passphrase",
            "passcode",
            "passkey",
            "credential",
            "apikey",
            "accesskey",
            "sshkey",
        ],
        at_edge: &["pass", "pwd", "key", "cred", "auth", "oauth", "salt"],
        alone: &["pin", "pins", "pincode", "userpin", "dsn"],
    };
    SECRET.mark(name)
}

#[test]
fn the_words_of_a_name_are_the_same_however_they_are_joined() {
    for name in ["apiBaseUrl", "API_BASE_URL", "api-base.url", "Api Base Url", "__api__base_url_"] {
        assert_eq!(words(name), ["api", "base", "url"], "{name}");
    }
    assert_eq!(words("userPIN2"), ["user", "pin2"]);
    assert!(words("").is_empty());
}

#[test]
fn a_name_suggests_a_secret_only_by_whole_words() {
    for name in [
        "DB_PASSWORD",
        "DBPASS",
        "pass",
        "passwd",
        "apiKey",
        "APIKEY",
        "private_key_id",
        "clientSecret",
        "PIN",
        "userPIN",
        "PIN2",
        "pinCode",
        "auth",
        "OAUTH2",
        "oauthClient",
        "Credentials",
        "AWS_CREDS",
        "SALT",
        "SENTRY_DSN",
        "accessToken",
        "MYSECRETVALUE",
        "sshKeys",
        "x-api-key",
    ] {
        assert!(speaks_of_secrets(name), "{name}");
    }
    for name in [
        "SHIPPING_ENABLED",
        "SHOPPING",
        "OPINION",
        "PING_URL",
        "SPINNER",
        "author",
        "COMPASS",
        "bypassCache",
        "MONKEY",
        "KEYBOARD_LAYOUT",
        "passengers",
        "BASALTIC",
        "sacred",
        "CREDITS",
    ] {
        assert!(!speaks_of_secrets(name), "{name}");
    }
}

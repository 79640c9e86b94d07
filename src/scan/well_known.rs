//! Values that are in every repository: a search for them finds thousands of places, and none that matters.

/// In lower case, sorted. None of these values is a secret.
const WELL_KNOWN: [&str; 70] = [
    "0.0.0.0",
    "000000",
    "0000000000",
    "111111",
    "123123",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "127.0.0.1",
    "abc123",
    "administrator",
    "anonymous",
    "change-me",
    "change_me",
    "changeit",
    "changeme",
    "database",
    "default",
    "develop",
    "development",
    "disabled",
    "docker",
    "elastic",
    "enabled",
    "example",
    "example.com",
    "example.net",
    "example.org",
    "http://127.0.0.1",
    "http://localhost",
    "http://localhost:3000",
    "http://localhost:8000",
    "http://localhost:8080",
    "https://example.com",
    "https://localhost",
    "letmein",
    "localhost",
    "localhost:3000",
    "localhost:3306",
    "localhost:5432",
    "localhost:6379",
    "localhost:8080",
    "mariadb",
    "master",
    "minioadmin",
    "mongodb",
    "mysecretpassword",
    "notset",
    "p@ssw0rd",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "placeholder",
    "postgres",
    "postgresql",
    "private",
    "production",
    "public",
    "qwerty",
    "rabbitmq",
    "replaceme",
    "secret",
    "staging",
    "testing",
    "undefined",
    "username",
    "your_password",
];

/// Returns whether a value is well known, in upper or lower case and regardless of spaces around it.
#[must_use]
pub fn is_well_known(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    WELL_KNOWN.binary_search_by(|known| known.bytes().cmp(value.iter().map(u8::to_ascii_lowercase))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_values_are_recognized_by_their_letters_alone() {
        assert!(WELL_KNOWN.is_sorted(), "{WELL_KNOWN:?}");
        for known in WELL_KNOWN {
            assert!(is_well_known(known.as_bytes()) && is_well_known(known.to_uppercase().as_bytes()), "{known}");
            assert!(known.len() >= crate::search::IN_FILES.value, "{known} is too short to be looked for anyway");
        }
        assert!(is_well_known(b" Postgres\n") && !is_well_known(b"postgres1") && !is_well_known(b"hunter2-hunter2"));
    }
}

use super::plain;

#[test]
fn plain_settings_are_recognized() {
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
        ("SHIPPING_ENABLED", "true", "boolean"),
        ("AWS_REGION", "eu-central-1", "region"),
        ("REGION", "europe-west4", "region"),
        ("GOOGLE_ZONE", "us-east1-b", "region"),
        ("TZ", "Europe/Berlin", "time zone"),
        ("LANG", "de_DE.UTF-8", "locale"),
        ("APP_LOCALE", "en-US", "locale"),
        ("NODE_VERSION", "20.11.0", "version"),
        ("API_VERSION", "2024-06-20", "version"),
        ("MAX_UPLOAD", "10mb", "size"),
        ("CACHE_TTL", "15m", "duration"),
        ("SESSION_TIMEOUT", "3600", "number"),
        ("SESSION_TIMEOUT", "30", "small number"),
        ("SESSION_TIMEOUT_MS", "3600000", "duration"),
        ("JWT_EXPIRES_IN", "7d", "duration"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30", "small number"),
        ("PASSWORD_LENGTH", "12", "small number"),
        ("LOGIN_ATTEMPTS", "5", "small number"),
        ("SESSION_COOKIE_SECURE", "true", "boolean"),
        ("authEnabled", "false", "boolean"),
    ] {
        assert_eq!(plain(name, value.as_bytes()), Some(what), "{name}={value}");
    }
}

#[test]
fn a_name_that_suggests_a_secret_is_never_plain() {
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
        ("AWS_REGION", "xK8pQ2vR9mT4wZ7bN3cY"),
        ("SESSION_TIMEOUT", "hunter2"),
        ("SESSION_ID", "3600"),
        ("TIMEOUT_PIN", "4711"),
        ("TTL", "4711-0815"),
        ("API_VERSION", "123456789.1"),
        ("VERSION", "hunter2"),
        ("TZ", "Correct/Horse Battery"),
        ("LANG", "pwd"),
        ("PASSWORD_ENABLED", "s3cret"),
        ("EMPTY", ""),
        ("BREAK", "true\n"),
        ("my-host", "true"),
    ] {
        assert_eq!(plain(name, value.as_bytes()), None, "{name}={value}");
    }
    assert_eq!(plain("DEBUG", b"true\xff"), None);
}

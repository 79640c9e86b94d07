//! Names that suggest a secret.

use crate::name::{Marks, speaks_of_secrets};

/// Words in a name that suggest a secret, in addition to those for JSON fields.
const SECRET: Marks = Marks {
    anywhere: &["phrase", "mnemonic", "jwt", "hmac", "crypt", "unlock"],
    at_edge: &["seed", "hook", "cookie", "session", "login", "bearer", "licen", "cert", "access", "signing"],
    alone: &[
        "pw", "otp", "totp", "mfa", "2fa", "code", "sig", "nonce", "pem", "iv", "cvv", "cvc", "ssn", "card", "hash",
        "kek", "dek", "psk", "puk", "sas", "psw",
    ],
};

/// Returns whether the name suggests a secret.
pub(super) fn names_a_secret(name: &str) -> bool {
    speaks_of_secrets(name) || SECRET.mark(name)
}

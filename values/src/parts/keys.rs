//! Recognizes keys by their form.

/// The prefixes of keys from well-known services.
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

/// Returns whether a text starts like a key from a well-known service.
#[must_use]
pub fn begins_as_key(text: &str) -> bool {
    KEY_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// Returns whether a text looks more like a key than like words.
#[must_use]
pub fn is_like_a_key(text: &str) -> bool {
    begins_as_key(text) || super::looks_random(text.as_bytes())
}

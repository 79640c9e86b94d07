//! Suggests the name that somebody probably meant.

/// Returns the name in `known` that is closest to `word`, if there is one with few enough typos. A word of three letters
/// may have one typo (a wrong, missing, extra or swapped letter), and every four further letters allow one more, up to
/// three.
#[must_use]
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const MOST: usize = 3;
    let word = folded(word);
    let bound = (word.chars().count().saturating_add(1) / 4).min(MOST);
    let distances = known.into_iter().map(|known| (strsim::osa_distance(&folded(known), &word), known));
    distances.filter(|(distance, _)| *distance <= bound).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Separators and case are what people confuse most.
fn folded(name: &str) -> String {
    name.replace(['-', '.'], "_").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_words_are_suggested() {
        let commands = ["set", "get", "list", "exec", "export", "import", "status", "history"];
        for (word, meant) in [
            ("lst", Some("list")),
            ("lsit", Some("list")),
            ("exce", Some("exec")),
            ("improt", Some("import")),
            ("statuss", Some("status")),
            ("Histroy", Some("history")),
            ("deploy", None),
            ("frobnicate", None),
            ("st", None),
            ("", None),
        ] {
            assert_eq!(closest(word, commands), meant, "{word}");
        }
        assert_eq!(closest("database-url", ["DATABASE_URL", "DATABASE_URI"]), Some("DATABASE_URL"));
        assert_eq!(closest("DATABSE_ULR", ["DATABASE_URL"]), Some("DATABASE_URL"));
        assert_eq!(closest("STRIPE_KEY", ["STRIPE_SECRET"]), None);
    }
}

//! Shows what is readable in a file that is not a valid vault: in conflict, cut short, or of another format.

/// The fields to show. The others are keys, signatures and encrypted data.
const FIELDS: [&str; 13] = [
    "format",
    "version",
    "author",
    "time",
    "change",
    "user",
    "email",
    "role",
    "environment",
    "environments",
    "grants",
    "name",
    "kind",
];
/// git's conflict markers.
const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Returns the lines of a file's text that belong to its outline, unchanged except for white space at the end.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_end).filter(|line| is_mark(line) || is_header(line) || is_field(line))
}

fn is_mark(line: &str) -> bool {
    MARKS.iter().any(|mark| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

fn is_header(line: &str) -> bool {
    ["[[roster]]", "[[slot]]", "[[environment]]"].contains(&line)
}

fn is_field(line: &str) -> bool {
    line.split_once(" = ").is_some_and(|(field, _)| FIELDS.contains(&field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_has_names_and_conflicts_but_no_keys_or_blocks() {
        let vault = include_str!("../../tests/vectors/small.vault");
        let conflicted =
            vault.replacen("\nversion = 1\n", "\n<<<<<<< HEAD\nversion = 1\n=======\nversion = 2\n>>>>>>> x\n", 1);
        let outline: Vec<_> = lines(&conflicted).collect();
        assert!(outline.contains(&"<<<<<<< HEAD") && outline.contains(&"=======") && outline.contains(&">>>>>>> x"));
        assert!(outline.contains(&"name = \"dev\"") && outline.contains(&"[[environment]]"), "{outline:?}");
        let long = outline.iter().filter(|line| line.len() > 100 && !line.starts_with("grants"));
        assert_eq!(long.count(), 0, "{outline:?}");
        assert!(!outline.iter().any(|line| line.contains("BEGIN") || line.contains("signature")), "{outline:?}");
        assert_eq!(lines("secret\n=======x\nname=1\n").count(), 0);
    }
}

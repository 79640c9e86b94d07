//! What a file's name says about its contents.

/// The last part of a file's name that says what is in it, in small letters: `yml` of `compose.yml.example`.
pub(super) fn ending(file_name: &str) -> Option<String> {
    /// What is put behind a name for a file to be copied, or for a copy.
    const AROUND: [&str; 14] = [
        "example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults", "bak", "backup", "old", "orig",
        "local", "in",
    ];
    let name = file_name.rsplit('/').next().unwrap_or(file_name);
    let mut parts: Vec<String> = name.split('.').map(str::to_ascii_lowercase).collect();
    // The first part is a name, however it reads.
    while parts.len() > 2 && parts.last().is_some_and(|part| AROUND.contains(&part.as_str())) {
        parts.pop();
    }
    if parts.len() < 2 { None } else { parts.pop() }
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn what_is_put_behind_a_name_says_nothing_of_its_contents() {
        for (name, expected) in [
            ("a.JSON", Some("json")),
            ("docker-compose.yml.example", Some("yml")),
            ("conf.d/app.toml.bak.old", Some("toml")),
            (".env.example", Some("env")),
            (".env.local", Some("env")),
            ("x.example", Some("example")),
            ("dir.json/plain", None),
            ("plain", None),
        ] {
            assert_eq!(ending(name).as_deref(), expected, "{name}");
        }
    }
}

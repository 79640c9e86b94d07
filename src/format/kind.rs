//! Detects what a file is, by its name and by lines that no `.env` file has.

use super::source::Source;
use crate::error::{Error, Hint, Reason, Remedy, Result};

/// Endings of files that vault can't import, or that hold no values.
const OTHERS: [&str; 25] = [
    "ini", "xml", "plist", "hcl", "tf", "kdbx", "pem", "key", "crt", "cer", "p12", "pfx", "der", "zip", "gz", "gpg",
    "asc", "age", "xlsx", "md", "js", "ts", "py", "rb", "php",
];

/// Returns the hint for a file of an unsupported syntax.
pub(super) fn hint() -> Hint {
    let names: Vec<&str> = Source::ALL.into_iter().map(Source::name).collect();
    (format!("supported formats: {}; if it is one of them: ", names.join(", ")), Remedy::InputFormat).into()
}

/// Detects the syntax of a file.
///
/// # Errors
/// A file that vault can't import.
pub(super) fn detect(file_name: Option<&str>, bytes: &[u8]) -> Result<Source> {
    let name = file_name.unwrap_or_default();
    let ending = ending(name);
    let by_ending = match ending.as_deref() {
        Some("json") => Some(Source::Json),
        Some("yaml" | "yml") => Some(Source::Yaml),
        Some("toml") => Some(Source::Toml),
        Some("csv") => Some(Source::Csv),
        Some("tfvars") => Some(Source::Tfvars),
        Some("properties") => Some(Source::Properties),
        _ => None,
    };
    if let Some(source) = by_ending {
        return Ok(source);
    }
    // `.env.key` is the `.env` file of an environment named `key`.
    let other = ending.filter(|ending| OTHERS.contains(&ending.as_str()) && !name.starts_with(".env"));
    if let Some(ending) = other {
        return Err(Error::new(Reason::UnknownFormat, format!("vault can't import a .{ending} file")).hint(hint()));
    }
    // The parser of the format refuses what isn't text.
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if begins_json(text) {
        return Ok(Source::Json);
    }
    if is_kubernetes(text) {
        return Ok(Source::Yaml);
    }
    refuse_compose(text)?;
    match not_dotenv(text) {
        None => Ok(Source::Dotenv),
        Some((line, what)) => {
            let message = format!("line {line} {what}: this is not a .env file");
            Err(Error::new(Reason::UnknownFormat, message).hint(hint()))
        }
    }
}

/// Refuses a compose file: the only secrets in it are at two places of each service.
///
/// # Errors
/// A usage error that names those places.
pub(super) fn refuse_compose(text: &str) -> Result<()> {
    if !text.lines().any(|line| line.trim_end() == "services:") {
        return Ok(());
    }
    let number_of = |name: &str| {
        let is_it = |line: &str| line.starts_with([' ', '\t']) && line.trim_start().starts_with(name);
        text.lines().position(is_it).map(|index| index + 1)
    };
    let (files, variables) = (number_of("env_file:"), number_of("environment:"));
    let hint = match (files, variables) {
        (Some(line), None) => (format!("import the file that env_file (line {line}) names: "), Remedy::Import).into(),
        (None, Some(line)) => {
            Hint::from(format!("write what environment (line {line}) sets into a .env file, and import that"))
        }
        (Some(files), Some(variables)) => Hint::from(format!(
            "import the file that env_file (line {files}) names; write what environment (line {variables}) sets into \
             a .env file, and import that"
        )),
        (None, None) if number_of("image:").is_none() && number_of("build:").is_none() => return Ok(()),
        (None, None) => {
            ("it sets no variables; to compare the names that it needs: ", Remedy::CheckAgainst(None)).into()
        }
    };
    Err(Error::new(Reason::UnknownFormat, "this is a compose file, not a file of variables").hint(hint))
}

fn begins_json(text: &str) -> bool {
    let mut signs = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    match signs.next() {
        Some(b'{') => true,
        Some(b'[') => matches!(signs.next(), Some(b'"' | b'{' | b']')),
        _ => false,
    }
}

/// Returns whether a text is a Kubernetes object, as `kubectl get -o yaml` prints it into a pipe.
fn is_kubernetes(text: &str) -> bool {
    let has = |name: &str| text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| !rest.trim().is_empty()));
    has("apiVersion:") && has("kind:")
}

/// Returns the first line that no `.env` file has, and what it is.
fn not_dotenv(text: &str) -> Option<(usize, &'static str)> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    let mut is_first = true;
    let mut group = None;
    lines.find_map(|(index, line)| {
        let what = if is_first { begins_other(line.trim()) } else { None };
        is_first = false;
        // An example is `services:`, followed by an indented line or by an item of a list.
        let is_inner = line.starts_with([' ', '\t']) || line.starts_with("- ");
        let group = std::mem::replace(&mut group, opens_group(line).then_some(index)).filter(|_| is_inner);
        let what = what.or_else(|| is_shell_code(line.trim()).then_some("is shell code"));
        let what = what.or_else(|| opens_block(line).then_some("opens a block, as in a Terraform file"));
        match (group, what) {
            (Some(group), _) => Some((group + 1, "opens a group, as in YAML")),
            (None, Some(what)) => Some((index + 1, what)),
            (None, None) => None,
        }
    })
}

/// Returns what the first line that isn't blank or a comment shows, if that is another syntax.
fn begins_other(line: &str) -> Option<&'static str> {
    let is_section = line.starts_with('[') && line.ends_with(']');
    match line {
        _ if is_section => Some("is the name of a section, as in .ini and TOML files"),
        "---" => Some("begins a YAML document"),
        _ if line.starts_with("<?xml") || line.starts_with("<!DOCTYPE") => Some("is XML"),
        _ if line.starts_with("-----BEGIN ") => Some("begins a PEM block"),
        _ => None,
    }
}

/// Returns whether a line begins or ends a function, a condition or a loop: an assignment inside takes effect only if
/// it runs.
fn is_shell_code(line: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let function = line.trim_end_matches('{').trim_end();
    is_name(function.strip_suffix("()").unwrap_or_default().trim_end())
        || is_name(function.strip_prefix("function ").unwrap_or_default())
        || ["; then", "; do"].iter().any(|end| line.ends_with(end))
        || ["then", "do", "done", "fi", "esac"].contains(&line)
}

fn opens_group(line: &str) -> bool {
    let name = line.trim_end().strip_suffix(':').unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// Returns whether a line opens a block: `tags = {`, `list = [`, `key = <<EOT`.
fn opens_block(line: &str) -> bool {
    let Some((name, value)) = line.split_once(" = ") else { return false };
    let value = value.trim();
    let is_here_document = value.strip_prefix("<<").is_some_and(|end| {
        let end = end.strip_prefix('-').unwrap_or(end);
        !end.is_empty() && end.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    crate::name::is_variable_name(name.trim()) && (matches!(value, "{" | "[") || is_here_document)
}

/// Returns the ending that shows the contents of a file, in lower case: `yml` for `compose.yml.example`.
pub(super) fn ending(file_name: &str) -> Option<String> {
    /// Endings for templates and for copies.
    const AROUND: [&str; 14] = [
        "example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults", "bak", "backup", "old", "orig",
        "local", "in",
    ];
    let name = file_name.rsplit('/').next().unwrap_or(file_name);
    let mut parts: Vec<String> = name.split('.').map(str::to_ascii_lowercase).collect();
    // The first part is the name itself, whatever it is.
    while parts.len() > 2 && parts.last().is_some_and(|part| AROUND.contains(&part.as_str())) {
        parts.pop();
    }
    if parts.len() < 2 { None } else { parts.pop() }
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn example_and_backup_suffixes_do_not_change_the_kind_of_a_file() {
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

//! Checks the text of a document before it is parsed.

use crate::api::{ApiError, Result};

/// The longest document, in bytes. Values belong in the variables, which may be as large as a body.
const LONGEST: usize = 16 * 1024;
/// The deepest nesting of brackets of any kind.
const DEEPEST: usize = 48;

/// Refuses a text that is too long or too deeply nested: the parser recurses with each bracket.
pub fn check(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        return Err(
            ApiError::query(format!("the query is longer than {LONGEST} bytes")).hint("send values as variables")
        );
    }
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string_length(rest),
            '{' | '(' | '[' => {
                depth += 1;
                1
            }
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                1
            }
            other => other.len_utf8(),
        };
        if depth > DEEPEST {
            return Err(ApiError::query(format!("the query nests more than {DEEPEST} brackets")));
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// Returns the length of the string at the start of a text, including its quotes. An unterminated string does not count
/// as a string. In that case the parser reads `"""` as an empty string, so this must as well.
fn string_length(text: &str) -> usize {
    let block = text.strip_prefix("\"\"\"").and_then(|rest| Some(3 + end_of(rest, "\"\"\"", "\\\"\"\"", "")?));
    let line = || text.strip_prefix('"').and_then(|rest| Some(1 + end_of(rest, "\"", "\\", "\r\n")?));
    block.or_else(line).unwrap_or(1)
}

/// Returns the position after the closing quote. `never` lists characters that end the search without a result. A
/// one-character escape also skips the character after it.
fn end_of(text: &str, quote: &str, escape: &str, never: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with(quote) {
            return Some(at + quote.len());
        }
        let first = rest.chars().next().filter(|first| !never.contains(*first))?;
        at += match rest.strip_prefix(escape) {
            Some(escaped) if escape.len() == 1 => 1 + escaped.chars().next()?.len_utf8(),
            Some(_) => escape.len(),
            None => first.len_utf8(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        check(text).unwrap_err().message
    }

    #[test]
    fn text_that_would_overflow_the_parser_is_refused() {
        for bracket in ["{", "[", "(", "{a(b:[", "{a:"] {
            assert!(refused(&bracket.repeat(2_000)).contains("brackets"), "{bracket}");
        }
        // Brackets in strings and comments don't count.
        let hidden = format!("{{ a(b: \"{}\") {} }}", "}".repeat(60), "{ a ".repeat(60));
        assert!(refused(&hidden).contains("brackets"));
        let hidden = format!("{{ a #{}\n{} }}", "}".repeat(60), "{ a ".repeat(60));
        assert!(refused(&hidden).contains("brackets"));
        let hidden = format!("{{ a(b: \"\"\"\\\"\"\"{}\"\"\") {} }}", "}".repeat(60), "{ a ".repeat(60));
        assert!(refused(&hidden).contains("brackets"));
        for begun in ["[\"\"\"x\" ", "[\"a\n", "[\"\"\"\\\"\"\" "] {
            let hidden = format!("{{ a(b: {begun}{}", "[".repeat(60));
            assert!(refused(&hidden).contains("brackets"), "{begun}");
        }
        let open = "(".repeat(200);
        assert!(check(&format!("{{ a(b: \"\\\"{open}\", c: \"\"\"{open}\"\"\") }} #{open}")).is_ok());
        assert!(refused(&" ".repeat(LONGEST + 1)).contains("longer"));
    }
}

//! Turns the pages in docs/ into man pages. It knows only as much Markdown as they use. Other Markdown makes the test
//! that generates the pages fail.

use std::fmt::Write as _;

/// Returns a page of section 7.
pub fn man_page(name: &str, summary: &str, markdown: &str) -> String {
    let mut page = format!(".TH {name} 7 \"\" \"\" vault\n.SH NAME\n{name} \\- {summary}\n.SH DESCRIPTION\n");
    let mut lines = markdown.lines().skip(1).peekable();
    let mut rows = 0;
    while let Some(line) = lines.next() {
        let line = &whole(line, &mut lines);
        if line.starts_with("```") {
            page.push_str(".PP\n.EX\n");
            for line in lines.by_ref().take_while(|line| *line != "```") {
                let _ = writeln!(page, "{}", literal(line));
            }
            page.push_str(".EE\n");
        } else if let Some(heading) = line.strip_prefix("## ") {
            let _ = writeln!(page, ".SH {}", inline(heading).to_uppercase());
        } else if let Some(item) = line.strip_prefix("- ") {
            let _ = writeln!(page, ".IP \\(bu 2\n{}", inline(item));
        } else if let Some(row) = line.strip_prefix("| ") {
            // The header and the line below it add nothing to the rows.
            rows += 1;
            if rows > 2 {
                let (term, text) = row.trim_end_matches(" |").split_once(" | ").unwrap();
                let _ = writeln!(page, ".TP\n{}\n{}", inline(term), inline(&text.replace(" | ", "; ")));
            }
        } else if line.is_empty() {
            rows = 0;
            let next = lines.peek().copied().unwrap_or_default();
            if !next.is_empty() && !["#", "-", "|", "```"].iter().any(|start| next.starts_with(start)) {
                page.push_str(".PP\n");
            }
        } else {
            let _ = writeln!(page, "{}", inline(line.trim_start()));
        }
    }
    page.push_str(".SH SEE ALSO\n.BR vault (1),\n.BR vault-format (5)\n");
    page
}

/// Returns a line together with the lines after it in which its code or emphasis ends.
fn whole<'a>(line: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut whole = line.to_owned();
    let is_open = |text: &str| text.matches('`').count() % 2 == 1 || text.matches("**").count() % 2 == 1;
    while !line.starts_with("```")
        && is_open(&whole)
        && let Some(next) = lines.next()
    {
        whole.push(' ');
        whole.push_str(next.trim_start());
    }
    whole
}

/// Returns a line verbatim.
fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// Makes code and emphasis bold, and replaces a link by its text.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('`');
    while let Some(plain) = parts.next() {
        out.push_str(&stressed(plain));
        if let Some(code) = parts.next() {
            let _ = write!(out, "\\fB{}\\fR", literal(code).trim_start_matches("\\&"));
        }
    }
    if out.starts_with(['.', '\'']) { format!("\\&{out}") } else { out }
}

fn stressed(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let (shown, after) = link.split_once("](").unwrap();
        let (_, after) = after.split_once(')').unwrap();
        plain.push_str(before);
        plain.push_str(shown);
        rest = after;
    }
    plain.push_str(rest);
    let mut out = String::new();
    for (number, part) in plain.split("**").enumerate() {
        let part = part.replace('\\', "\\e").replace('*', "");
        let _ = if number % 2 == 1 { write!(out, "\\fB{part}\\fR") } else { write!(out, "{part}") };
    }
    out
}

#[test]
fn markdown_is_converted_to_the_format_of_man() {
    let page =
        man_page("x", "a page", "# X\n\nUse `a-b` **now**, see [y](y.md).\n\n- one\n\n```console\n$ .x 'y'\n```\n");
    assert!(page.contains(".PP\nUse \\fBa\\-b\\fR \\fBnow\\fR, see y.\n.IP \\(bu 2\none\n"), "{page}");
    assert!(page.contains(".EX\n$ .x \\(aqy\\(aq\n.EE\n"), "{page}");
    let broken = man_page("x", "a page", "# X\n\nUse `a\nb` and **c\n  d**\nnow.\n");
    assert!(broken.contains(".PP\nUse \\fBa b\\fR and \\fBc d\\fR\nnow.\n"), "{broken}");
}

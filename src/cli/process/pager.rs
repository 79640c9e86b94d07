//! Shows a man page on a terminal: with man, or else as plain text in the user's pager. A repository can't choose
//! either program.

use super::programs::without_keys;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use vault::settings::Variable;
use vault::settings::programs::find;

/// How far text is indented in a page without markup.
const INDENT: &str = "    ";

/// Shows a page, and returns whether that worked.
pub fn show(page: &str) -> bool {
    // Ctrl-C is for the pager.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
    by_man(page) || by_pager(&text_of(page))
}

fn by_man(page: &str) -> bool {
    let Some(man) = find("man") else { return false };
    let mut man = without_keys(man);
    // A man that can't read a page from standard input fails, and the pager is tried next.
    man.args(["-l", "-"]).stderr(Stdio::null());
    feed(man, page)
}

fn by_pager(text: &str) -> bool {
    let program = |name: &str| find(name).map(without_keys);
    let named = Variable::Pager.filled().map(|line| {
        let mut shell = without_keys("sh");
        shell.arg("-c").arg(line);
        shell
    });
    let Some(mut pager) = named.or_else(|| program("less")).or_else(|| program("more")) else { return false };
    if Variable::Less.value().is_none() {
        // A page that fits is printed and stays on the screen, as in git.
        pager.env(Variable::Less.name(), "FRX");
    }
    feed(pager, text)
}

/// Returns whether a program took the text and exited with success. If it ends before it has read everything, its user
/// quit it.
fn feed(mut program: Command, text: &str) -> bool {
    let Ok(mut child) = program.stdin(Stdio::piped()).spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

/// Returns a page without roff markup, as far as the pages of vault use it.
fn text_of(page: &str) -> String {
    let (mut text, mut label) = (String::new(), String::new());
    let (mut indent, mut is_term) = (INDENT, false);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        let shown = match mark {
            ".TS" => {
                text += &table(&mut lines);
                continue;
            }
            ".SH" | ".SS" => {
                text += &format!("\n{}\n", without_marks(rest));
                indent = INDENT;
                continue;
            }
            ".TP" | ".IP" | ".PP" => {
                text.push('\n');
                indent = INDENT;
                is_term = mark == ".TP";
                label = if mark == ".IP" { label_of(rest) } else { String::new() };
                continue;
            }
            ".B" | ".BI" | ".BR" | ".I" | ".IR" | ".RB" | ".RI" => without_marks(&rest.replace('"', "")),
            _ if line.starts_with('.') => continue,
            _ => without_marks(line),
        };
        text += &format!("{indent}{label}{shown}\n");
        // The text after a term is indented, because it describes the term. So is the text after a label.
        if is_term || !label.is_empty() {
            indent = "        ";
            is_term = false;
            label.clear();
        }
    }
    text.trim_start().to_owned()
}

/// Returns the label of a paragraph, such as a number or an asterisk, with a space.
fn label_of(arguments: &str) -> String {
    match arguments.split(' ').next() {
        None | Some("") => String::new(),
        Some(label) => format!("{} ", without_marks(label)),
    }
}

/// Returns the rows of a table, one per line. A cell between `T{` and `T}` may have several lines of source.
fn table(lines: &mut std::str::Lines<'_>) -> String {
    let (mut text, mut row) = (String::new(), String::new());
    let (mut is_format, mut is_open) = (true, false);
    for line in lines.take_while(|line| *line != ".TE") {
        if is_format {
            is_format = !line.ends_with('.');
        } else if line == ".T&" {
            is_format = true;
        } else {
            is_open = (is_open && !line.starts_with("T}")) || line.ends_with("T{");
            row = format!("{row} {}", line.replace("T{", "").replace("T}", "").replace('|', " | "));
            if !is_open {
                let cells: Vec<&str> = row.split_whitespace().collect();
                text += &format!("{INDENT}{}\n", without_marks(&cells.join(" ")));
                row.clear();
            }
        }
    }
    text
}

fn without_marks(line: &str) -> String {
    let mut line = line.trim_start_matches("\\&").to_owned();
    for (mark, text) in [
        ("\\fB", ""),
        ("\\fI", ""),
        ("\\fR", ""),
        ("\\fP", ""),
        ("\\-", "-"),
        ("\\(aq", "'"),
        ("\\*(Aq", "'"),
        ("\\(ga", "`"),
        ("\\(bu", "*"),
        ("\\&", ""),
        ("\\ ", " "),
        ("\\e", "\\"),
        ("\\\\", "\\"),
    ] {
        line = line.replace(mark, text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_text_without_the_marks_of_man() {
        let page =
            ".TH x 1\n.SH NAME\nx \\- a page\n.SH OPTIONS\n.TP\n\\fB\\-\\-all\\fR\nAll of it\n.PP\nIt\\(aqs \\e\n";
        assert_eq!(text_of(page), "NAME\n    x - a page\n\nOPTIONS\n\n    --all\n        All of it\n\n    It's \\\n");
    }

    #[test]
    fn labels_and_tables_of_a_page_stay_readable() {
        let table = ".TS\ntab(|);\nlb l\nl lw(40).\ncase|why\n(a)|T{\nIt is\nold.\nT}\n.T&\nl s.\nOtherwise\n.TE\n";
        let page =
            format!(".SH RULES\n.IP 1. 4\nThe first\nrule\n.IP \\(bu 2\nA point\n.PP\n.na\n{table}.ad\nThe end\n");
        let rules = "RULES\n\n    1. The first\n        rule\n\n    * A point\n\n";
        assert_eq!(
            text_of(&page),
            format!("{rules}    case | why\n    (a) | It is old.\n    Otherwise\n    The end\n")
        );
    }
}

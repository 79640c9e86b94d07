//! Showing a man page on a terminal: by man, else as plain text in the user's pager. Both are the user's own: nothing in a
//! repository names one.

use super::programs::{find, without_keys};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use vault::settings::{self, Variable};

/// Shows a page; whether somebody has seen it.
pub fn show(page: &str) -> bool {
    // Ctrl-C is the pager's own.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
    by_man(page) || by_pager(&text_of(page))
}

fn by_man(page: &str) -> bool {
    let Some(man) = find("man") else { return false };
    let mut man = without_keys(man);
    // One that takes no page from a pipe says so, and the next way is tried.
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
    if settings::environment().all(|(name, _)| name != "LESS") {
        // What fits is shown and stays on the screen, as git has it.
        pager.env("LESS", "FRX");
    }
    feed(pager, text)
}

/// Whether a program took the text and ended well. One that ends before it has read everything was left by its user.
fn feed(mut program: Command, text: &str) -> bool {
    let Ok(mut child) = program.stdin(Stdio::piped()).spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

/// A page without the marks that man reads: as much as the pages here use.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut indent = "    ";
    let mut is_term = false;
    for line in page.lines() {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        let shown = match mark {
            ".SH" | ".SS" => {
                text += &format!("\n{}\n", without_marks(rest));
                indent = "    ";
                continue;
            }
            ".TP" | ".IP" | ".PP" => {
                text.push('\n');
                indent = "    ";
                is_term = mark == ".TP";
                continue;
            }
            ".B" | ".BI" | ".BR" | ".I" | ".IR" | ".RB" | ".RI" => without_marks(&rest.replace('"', "")),
            _ if line.starts_with('.') => continue,
            _ => without_marks(line),
        };
        text += &format!("{indent}{shown}\n");
        // What follows a term is about it.
        if is_term {
            indent = "        ";
            is_term = false;
        }
    }
    text.trim_start().to_owned()
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

#[test]
fn a_page_is_text_without_the_marks_of_man() {
    let page = ".TH x 1\n.SH NAME\nx \\- a page\n.SH OPTIONS\n.TP\n\\fB\\-\\-all\\fR\nAll of it\n.PP\nIt\\(aqs \\e\n";
    assert_eq!(text_of(page), "NAME\n    x - a page\n\nOPTIONS\n\n    --all\n        All of it\n\n    It's \\\n");
}

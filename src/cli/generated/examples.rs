//! The two examples at the end of a command's `--help` and man page. They are defined with the command's options.

/// Returns the last paragraph of the help: lines to type, and what each of them does.
macro_rules! examples {
    ($line:literal => $what:literal, $other_line:literal => $other_what:literal $(,)?) => {
        concat!("Examples:\n  ", $line, "\n          ", $what, "\n\n  ", $other_line, "\n          ", $other_what)
    };
}

pub(crate) use examples;

/// Returns the lines of a command's examples, each with what it does.
pub fn from_help(command: &clap::Command) -> Vec<(String, String)> {
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let paragraph = help.strip_prefix("Examples:\n").unwrap_or_default();
    let lines: Vec<&str> = paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

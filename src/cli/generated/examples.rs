//! The two examples that the `--help` and the man page of a command end with. They stand with its options.

/// Lines to type, and what each does, as the last paragraph of the help.
macro_rules! examples {
    ($line:literal => $what:literal, $other_line:literal => $other_what:literal $(,)?) => {
        concat!("Examples:\n  ", $line, "\n          ", $what, "\n\n  ", $other_line, "\n          ", $other_what)
    };
}

pub(crate) use examples;

/// The lines of a command's examples, each with what it does.
pub fn of(command: &clap::Command) -> Vec<(String, String)> {
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let paragraph = help.strip_prefix("Examples:\n").unwrap_or_default();
    let lines: Vec<&str> = paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

//! Writes the table of all commands in docs/commands.md.

use std::fmt::Write as _;

/// The first lines of the table. The page has them once.
pub const HEAD: &str = "| command | what it does | its options |\n| --- | --- | --- |\n";

/// Returns a row for each command: how to type it, what it does, and which options it has of its own.
pub fn rows(all: &clap::Command) -> String {
    let mut rows = String::new();
    add_rows(all, "", &mut rows);
    rows
}

fn add_rows(command: &clap::Command, before: &str, rows: &mut String) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let words = format!("{before}{}", sub.get_name());
        if !sub.is_subcommand_required_set() {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(rows, "| {} | {about} | {} |", typed(sub, &words, before), options(sub));
        }
        add_rows(sub, &format!("{words} "), rows);
    }
}

/// Returns how a command is typed, and its aliases.
fn typed(command: &clap::Command, words: &str, before: &str) -> String {
    let arguments: String = command.get_positionals().map(argument).collect();
    let mut typed = format!("`{}`", format!("{words}{arguments}").replace('|', "\\|"));
    for alias in command.get_all_aliases() {
        let _ = write!(typed, ", `{before}{alias}`");
    }
    typed
}

/// Returns an argument that has no name, as a man page writes it.
fn argument(argument: &clap::Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map_or_else(|| argument.get_id().to_string().to_uppercase(), ToString::to_string);
    let is_repeated = matches!(argument.get_action(), clap::ArgAction::Append);
    let name = if is_repeated { format!("{name}...") } else { name };
    match (argument.is_last_set(), argument.is_required_set()) {
        (true, _) => format!(" -- {name}"),
        (false, true) => format!(" {name}"),
        (false, false) => format!(" [{name}]"),
    }
}

/// Returns the options that only this command has.
fn options(command: &clap::Command) -> String {
    let own = command.get_arguments().filter(|option| {
        !option.is_hide_set() && !option.is_global_set() && option.get_help_heading() != Some("Global options")
    });
    let names = own.filter_map(clap::Arg::get_long).filter(|name| *name != "help");
    names.map(|name| format!("`--{name}`")).collect::<Vec<_>>().join(", ")
}

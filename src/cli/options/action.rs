//! Options that name an action of the access log.

use vault::Result;
use vault::log::Action;

/// Parses an action's word, or the command that does it, as it is typed: `rm` is `remove`, `env rm` is `env-remove`.
pub fn action(text: &str) -> Result<Action> {
    match text {
        "cp" => Ok(Action::Copy),
        "mv" => Ok(Action::Move),
        "rm" => Ok(Action::Remove),
        "env rm" => Ok(Action::EnvRemove),
        "user rm" => Ok(Action::UserRemove),
        text => text.replace(' ', "-").parse(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_is_logged_names_its_action() {
        let mut named = Vec::new();
        let mut line = crate::cli::args::command();
        line.build();
        for command in line.get_subcommands() {
            named.extend(action(command.get_name()));
            let deeper =
                command.get_subcommands().map(|deeper| format!("{} {}", command.get_name(), deeper.get_name()));
            named.extend(deeper.filter_map(|typed| action(&typed).ok()));
        }
        for known in Action::ALL {
            let is_done_inside = matches!(known, Action::RotateCommand | Action::Damage);
            assert_ne!(named.contains(known), is_done_inside, "{known:?}");
            assert_eq!(action(known.word()).unwrap(), *known);
        }
        assert!(action("accept").is_err() && action("").is_err());
    }
}

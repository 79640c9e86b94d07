//! Warnings about items that exec leaves out.

use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::hint_commands;
use vault::actions::LeftOut;
use vault::item::VariableProblem;
use vault::name::NamedItem;

/// Warns that exec leaves an item out, and says what the user can do.
pub fn warn(left_out: &LeftOut, context: &Context) {
    let LeftOut { item, variable, why, .. } = left_out;
    let what = if variable == item.as_str() { item.to_string() } else { format!("{item}: {variable}") };
    context.ui.alarm(&format!("{what} {why}: exec leaves it out"));
    context.ui.hint(&remedy(left_out, context));
}

fn remedy(left_out: &LeftOut, context: &Context) -> String {
    let LeftOut { environment, item, variable, why } = left_out;
    let named = NamedItem::within(environment, item);
    let again = |command: String| hint_commands::command(&command, context);
    match why {
        VariableProblem::Dangerous(_) => {
            let kept = again(format!("allow --name {variable} -e {environment}"));
            format!(
                "to give it to a command: vault exec --allow-name {variable} -- CMD; to all, on this device: {kept}"
            )
        }
        VariableProblem::Name => {
            let chosen = again(format!("set {named} --as VAR"));
            format!("to give it to commands as the variable VAR: {chosen}; to keep it from them: --deliver none")
        }
        VariableProblem::Nul | VariableProblem::Large(_) => {
            let file = again(format!("set {named} --deliver file"));
            format!("to give it to commands as a file: {file}; to keep it from them: --deliver none")
        }
    }
}

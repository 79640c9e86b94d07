//! What exec leaves out: told as it is stored, because it is missed only when a program runs.

use crate::cli::options::names::Allowed;
use crate::cli::unlocking::again;
use crate::cli::unlocking::context::Context;
use vault::item::{MAX_VARIABLE, Outline, Unfit};
use vault::name::{EnvironmentName, ItemName};

/// An item that exec leaves out.
pub struct LeftOut {
    environment: EnvironmentName,
    item: ItemName,
    variable: String,
    why: Unfit,
}

impl LeftOut {
    /// The item as one that exec leaves out, if it does.
    pub fn of(environment: &EnvironmentName, item: Outline<'_>, allowed: Allowed<'_>) -> Option<Self> {
        let variable = item.variable().into_owned();
        let why = match item.unfit(Some(MAX_VARIABLE))? {
            Unfit::Dangerous(_) if allowed.is_kept(environment, &variable) => {
                item.unfit_value(&variable, Some(MAX_VARIABLE))?
            }
            why => why,
        };
        Some(Self { environment: environment.clone(), item: item.name().clone(), variable, why })
    }

    /// Whether that is to be told of a value that was stored: an unusable name once, as it is chosen.
    pub fn is_news(&self, is_chosen: bool) -> bool {
        is_chosen || self.why != Unfit::Name
    }

    /// Tells it, and what can be done.
    pub fn warn(&self, context: &Context) {
        let Self { item, variable, why, .. } = self;
        let what = if variable == item.as_str() { item.to_string() } else { format!("{item}: {variable}") };
        context.ui.alarm(&format!("{what} {why}: exec leaves it out"));
        context.ui.hint(&self.remedy(context));
    }

    fn remedy(&self, context: &Context) -> String {
        let Self { environment, item, variable, why } = self;
        let again = |command: String| again::command(&command, context);
        match why {
            Unfit::Dangerous(_) => {
                let kept = again(format!("allow --name {variable} -e {environment}"));
                format!(
                    "to give it to a command: vault exec --allow-name {variable} -- CMD; to all, on this device: {kept}"
                )
            }
            Unfit::Name => {
                let chosen = again(format!("set {environment}/{item} --as VAR"));
                format!("to give it to commands as the variable VAR: {chosen}; to keep it from them: --deliver none")
            }
            Unfit::Nul | Unfit::Large(_) => {
                let file = again(format!("set {environment}/{item} --deliver file"));
                format!("to give it to commands as a file: {file}; to keep it from them: --deliver none")
            }
        }
    }
}

//! `vault scan --install-hook`: makes git refuse commits that contain a value.

use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::scan::install_hook;

/// Writes the hook, unless there is already a hook.
pub fn install(context: &Context) -> Result<ExitCode> {
    let (path, is_new) = install_hook()?;
    match is_new {
        true => context.ui.done(&format!("Wrote {}: git refuses commits that hold a value.", path.display())),
        false => context.ui.done(&format!("{} already exists.", path.display())),
    }
    Ok(ExitCode::SUCCESS)
}

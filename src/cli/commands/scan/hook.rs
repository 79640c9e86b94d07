//! The hook that keeps values out of commits.

use super::repository;
use crate::cli::unlocking::context::Context;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::ExitCode;
use vault::{Error, Result};

const HOOK: &str = "#!/bin/sh\n# Refuses commits that hold a value of a vault in this repository.\nexec vault scan --staged --all-vaults\n";

/// Writes the hook where none is; another one is left as it is.
pub fn install(context: &Context) -> Result<ExitCode> {
    let directory = repository()?.hooks()?;
    std::fs::create_dir_all(&directory).map_err(|error| Error::io("create", &directory, &error))?;
    let path = directory.join("pre-commit");
    if std::fs::read(&path).is_ok_and(|hook| hook == HOOK.as_bytes()) {
        context.ui.done(&format!("{} is there already.", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if path.symlink_metadata().is_ok() {
        return Err(Error::failed(format!("there is another hook already: {}", path.display()))
            .hint("add this line to it: vault scan --staged --all-vaults || exit 1"));
    }
    let file = std::fs::File::options().write(true).create_new(true).mode(0o755).open(&path);
    file.and_then(|mut file| file.write_all(HOOK.as_bytes())).map_err(|error| Error::io("write", &path, &error))?;
    context.ui.done(&format!("Wrote {}: git refuses commits that hold a value.", path.display()));
    Ok(ExitCode::SUCCESS)
}

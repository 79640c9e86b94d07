//! `vault render`: a file with values in the places of its references.

use super::context::Context;
use super::references::References;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::{Result, template};

/// Replaces vault://NAME and vault://ENV/NAME by values and leaves everything else as it is. Only environments named with
/// -e are reached, or the default one. Of several, later ones win for vault://NAME. Values are not looked at again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; - for standard input
    template: PathBuf,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    super::output::check(args.output.as_deref())?;
    let text = super::input::read(&args.template, vault::file::MAX_FILE)?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let mut references = References::new(&session, &environments);
    let filled = template::fill(&text, &args.template.display().to_string(), 1, |reference| {
        references.resolve(reference, Action::Render).map(|item| item.current.value.clone())
    })?;
    context.show_warnings(session.vault());
    references.check_expiry(context)?;
    let used = references.used();
    let entry = |(environment, names)| Entry::new(Action::Render).environment(environment).items::<&_>(names);
    session.log(used.into_iter().map(entry).collect())?;
    match &args.output {
        Some(path) => super::output::write(path, &filled)?,
        None => context.ui.value(&filled)?,
    }
    Ok(ExitCode::SUCCESS)
}

//! `vault render`: replaces the references in a file by values.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::actions::render::Template;

/// Replaces vault://NAME and vault://ENV/NAME with their values, and leaves everything else as it is. Only references
/// to environments named with -e, or to the default one, are allowed. If several of them have NAME, the last one wins.
/// References in values are not replaced.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault render nginx.conf.tmpl -o nginx.conf" => "Write a file with the values filled in",
    "vault render -e prod app.yaml.tmpl | kubectl apply -f -" => "Hand it to another program",
})]
pub struct Args {
    /// The file; - for standard input
    template: PathBuf,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    args.output.as_deref().map_or(Ok(()), vault::output::check)?;
    let text = crate::cli::options::input::read(&args.template, vault::vault::MAX_FILE)?;
    let session = context.session()?;
    let environments = context.environments(&session)?;
    let shown = args.template.display().to_string();
    let template = Template::new(&text, &shown, &session, &environments);
    context.show_warnings(session.vault());
    let template = template?;
    context.warn_of_expired(&template.expired);
    let filled = template.fill()?;
    match &args.output {
        Some(path) => vault::output::write(path, &filled)?,
        None => context.ui.value(&filled)?,
    }
    Ok(ExitCode::SUCCESS)
}

//! `vault history`: lists the versions of an item.

use crate::cli::generated::examples;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::history::Found;
use vault::item::{MAX_HISTORY, Outline, VersionOutline};
use vault::name::EnvironmentName;
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::First;
use vault::view::{Version, text_of};

/// Shows when each value was set, and by whom. An item keeps its last 10 earlier values.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault history prod/STRIPE_KEY" => "List who changed the value, and when",
    "vault history PORT --values" => "Show the earlier values, too",
})]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    name: String,
    /// Show the values, too
    #[arg(long)]
    values: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session_reading(First::Of(&args.name))?;
    let place = context.item(&session, &args.name)?;
    let found = Found::new(&session, &place);
    context.show_warnings(session.vault());
    let (found, (environment, name)) = (found?, &place);
    if args.values {
        let item = found.read()?;
        let values: Vec<_> = item.versions().map(|version| Some(&version.value)).collect();
        return show(environment, item.outline(), &values, context);
    }
    show(environment, found.unread.item(name)?, &[], context)
}

/// Shows the versions, with these values if there are any.
fn show(
    environment: &EnvironmentName,
    item: Outline<'_>,
    values: &[Option<&SecretBytes>],
    context: &Context,
) -> Result<ExitCode> {
    let versions: Vec<_> = item.versions().zip(values.iter().copied().chain(std::iter::repeat(None))).collect();
    if context.ui.json {
        let object = |(version, value): &(VersionOutline<'_>, Option<&SecretBytes>)| {
            let mut object = Version::new(environment, item, *version);
            if let Some((text, encoding)) = value.map(|value| text_of(value)) {
                (object.value, object.encoding) = (Some(text), encoding);
            }
            object
        };
        context.ui.json_with_secrets(&versions.iter().map(object).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = Time::now();
    let row = |(version, value): &(VersionOutline<'_>, Option<&SecretBytes>)| {
        let value = value.map_or(String::new(), |value| String::from_utf8_lossy(value).replace('\n', "\\n"));
        vec![version.number().to_string(), ago(version.set_at(), now), version.set_by().to_string(), value]
    };
    let rows: Vec<_> = versions.iter().map(row).collect();
    context.ui.table(&["VERSION", "SET", "BY", "VALUE"], &rows)?;
    if rows.len() > MAX_HISTORY {
        context.ui.hint(&format!("the current value and {MAX_HISTORY} earlier ones are kept"));
    }
    Ok(ExitCode::SUCCESS)
}

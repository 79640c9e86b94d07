//! `--env-file`: variables from a .env file whose values may refer to items.

use crate::cli::context::Context;
use crate::cli::references::References;
use std::path::PathBuf;
use vault::format::dotenv::{self, Dialect};
use vault::item::{Injectable, Kind};
use vault::log::Action;
use vault::name::{EnvironmentName, ItemName};
use vault::vault::Session;
use vault::{Result, template};

/// What the files give.
#[derive(Default)]
pub struct Variables {
    /// In the order of the files: later ones win.
    pub items: Vec<Injectable>,
    /// The items that the files refer to.
    pub used: Vec<(EnvironmentName, Vec<ItemName>)>,
    /// The same with their values.
    pub referred: Vec<Injectable>,
}

/// Reads the files and resolves what they refer to.
pub fn read(
    files: &[PathBuf],
    session: &Session,
    environments: &[EnvironmentName],
    context: &Context,
) -> Result<Variables> {
    let mut references = References::new(session, environments);
    let (mut items, mut referred) = (Vec::new(), Vec::<Injectable>::new());
    for file in files {
        let bytes = vault::fs::read_named(file, vault::file::MAX_FILE)?;
        let shown = file.display().to_string();
        for entry in dotenv::entries(&bytes, Dialect::default())? {
            let kind = if template::has_reference(&entry.value) { Kind::Secret } else { Kind::Variable };
            let value = template::fill(&entry.value, &shown, entry.line, |reference| {
                let item = references.resolve(reference, Action::Exec)?;
                let (name, kind) = (item.name.to_string(), item.metadata.kind);
                let value = item.current.value.clone();
                referred.push(Injectable { name, kind, value: value.clone().into(), expires_at: None });
                Ok(value)
            })?;
            items.push(Injectable { name: entry.name, kind, value: value.into(), expires_at: None });
        }
    }
    references.check_expiry(context)?;
    let used = references.used().into_iter();
    let used = used.map(|(environment, names)| (environment.clone(), names.into_iter().cloned().collect())).collect();
    Ok(Variables { items, used, referred })
}

//! The values to search for, from one vault or from every vault in the repository.

use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::context::{Context, current_directory};
use std::path::Path;
use vault::actions::scan::{Opener, Sought, Texts, Vaults};
use vault::error::Kind;
use vault::vault::{Session, Unproven};
use vault::{Error, Result};

/// Unlocks the vault that commands use here, and collects its values.
pub fn of_one_vault(context: &Context) -> Result<Sought> {
    let session = context.session()?;
    let named = context.existing_environments(session.vault())?;
    let mut sought = Sought::default();
    let added = sought.add(&session, &named, None);
    // They say why an environment can't be decrypted.
    context.show_warnings(session.vault());
    added.map(|()| sought)
}

/// Unlocks every vault of the repository, and collects their values.
pub fn of_every_vault(texts: &Texts, context: &Context) -> Result<Sought> {
    if !context.named_environments().is_empty() {
        return Err(Error::usage("-e names environments of one vault").hint("leave out -e, or --all-vaults"));
    }
    let (settings, opener) = (context.settings()?, Several(context.of_several_vaults()));
    let vaults = Vaults::open(&current_directory()?, context.named_path()?, (&settings, texts), &opener)?;
    let sought = Sought::of(&vaults);
    vaults.sessions().for_each(|session| context.show_warnings(session.vault()));
    sought
}

/// Opens several vaults with the options of this command.
struct Several(Context);

impl Opener for Several {
    fn name(&self, vault: &Path) -> String {
        shown_path(vault)
    }

    fn open_at_once(&self, vault: &Path, file: Unproven) -> Result<Option<Session>> {
        let context = self.0.of_vault(vault);
        match context.session_of_file(file) {
            // One key is given, and there are several vaults: of the others an agent may have the keys.
            Err(error) if error.kind() == Kind::Unlock => match context.session_by_agent() {
                Ok(Some(session)) => Ok(Some(session)),
                _ => Err(error),
            },
            opened => opened,
        }
    }

    fn open(&self, vault: &Path) -> Result<Session> {
        self.0.of_vault(vault).session()
    }

    fn leave_out(&self, vault: &Path, why: &Error) {
        self.0.ui.warn(&format!("not looked for: the values of {}: {why}", shown_path(vault)));
    }
}

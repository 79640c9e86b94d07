//! New passphrases and keys, wherever a command makes them: `init`, `passwd`, `recovery`.

use super::context::Context;
use super::credential::Source;
use super::terminal;
use vault::crypto::{MAX_WORK_FACTOR, WORK_FACTOR};
use vault::identity::Key;
use vault::passphrase;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::Credential;
use vault::{Error, Result};

/// How much work a passphrase is to guess.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct WorkFactor {
    /// scrypt's work factor, 10 to 20: each step doubles the time and the memory (18: 256 MiB)
    #[arg(long, value_name = "N", default_value_t = WORK_FACTOR, value_parser = clap::value_parser!(u8).range(10..=i64::from(MAX_WORK_FACTOR)))]
    work_factor: u8,
}

impl WorkFactor {
    /// The factor; told where it is low.
    pub fn value(self) -> u8 {
        self.work_factor
    }

    /// Warns under 17.
    pub fn warn(self, context: &Context) {
        if self.work_factor < 17 {
            context
                .ui
                .warn(&format!("work factor {} makes the passphrase cheap to guess; 18 is usual", self.work_factor));
        }
    }
}

/// A new passphrase: given by a source that needs nobody, or asked for twice; Enter generates one.
pub fn new(source: Source, context: &Context) -> Result<SecretString> {
    if !source.is_terminal() {
        return match source.given()? {
            Credential::Passphrase(given) => {
                passphrase::check(given.expose_secret())?;
                Ok(given)
            }
            Credential::Key(_) => Err(Error::usage("a key is given where a new passphrase is needed")
                .hint("unset VAULT_KEY and VAULT_KEY_FILE, or make a key with --key")),
        };
    }
    if !context.is_interactive() {
        return Err(Error::unlock("there is no terminal to ask for a passphrase on")
            .hint("set VAULT_PASSPHRASE or use --passphrase-fd; for a machine: --key"));
    }
    let typed = terminal::hidden("Passphrase (Enter generates one): ")?;
    let chosen = if typed.expose_secret().is_empty() {
        let generated = passphrase::generate();
        terminal::show(&format!("Generated: {}   Write it down now.\n", generated.expose_secret()))?;
        generated
    } else {
        passphrase::check(typed.expose_secret())?;
        typed
    };
    let again = terminal::hidden("Type it again: ")?;
    if again.expose_secret() == chosen.expose_secret() {
        return Ok(chosen);
    }
    Err(Error::unlock("the passphrases differ").hint("nothing was changed; run the command again"))
}

/// Shows a recovery key, once.
pub fn show_recovery_key(key: &Key, context: &Context) {
    context.ui.important("Recovery key, shown once; keep it off this machine:");
    context.ui.important(&format!("  {}", key.to_text().expose_secret()));
}

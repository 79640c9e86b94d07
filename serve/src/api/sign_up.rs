//! Signing up: somebody was added by an admin, and takes over with the key that the admin was shown.

use super::Api;
use super::call::{Client, Holder};
use super::error::{ApiError, Code, Result};
use super::object::Object;
use super::sessions::Token;
use std::collections::BTreeMap;
use vault::crypto::WORK_FACTOR;
use vault::error::Kind;
use vault::identity::Key;
use vault::log::Action;
use vault::passphrase;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::{Credential, Joining};

/// What somebody signs up with.
pub struct SignUp {
    pub username: String,
    pub passphrase: SecretString,
    /// The key that `vault user add` has printed.
    pub invitation: SecretString,
}

/// What signing up came to.
pub struct SignedUp {
    pub token: Token,
    pub user: Object,
    /// Opens the vault when the passphrase is lost. It is given once.
    pub recovery_key: SecretString,
}

impl Api {
    /// Takes over the user of an invitation, with new keys and this passphrase, and signs in.
    pub fn sign_up(&self, asked: &SignUp, client: &Client) -> Result<SignedUp> {
        let SignUp { username, passphrase, invitation } = asked;
        passphrase::check(passphrase.expose_secret())?;
        let key = Key::parse(invitation.expose_secret().trim()).map_err(|_| no_invitation())?;
        let unlocked = self.place.open()?.unlock(&Credential::Key(key), None);
        let mut session = unlocked.map_err(|error| match error.kind() {
            Kind::Unlock => no_invitation(),
            _ => error.into(),
        })?;
        if session.user().as_str() != username {
            return Err(no_invitation());
        }
        let taken = || {
            ApiError::new(Code::UsernameTaken, "Account already exists for this username.")
                .hint("sign in with the passphrase that was chosen then")
        };
        session.check_not_joined().map_err(|_| taken())?;
        let recovery = Key::generate()?;
        let _turn = self.turn_to_derive()?;
        let (work_factor, fallbacks) = (WORK_FACTOR, BTreeMap::new());
        let joining = Joining { passphrase, work_factor, recovery: &recovery, fallbacks };
        session.join(joining, &client.entry(Action::Join), |_| Ok(()))?;
        let holder: Holder = Self::holder(session)?;
        let (token, user) = self.begin_session(holder, client)?;
        Ok(SignedUp { token, user, recovery_key: recovery.to_text() })
    }
}

/// The same whatever is wrong with it.
fn no_invitation() -> ApiError {
    ApiError::new(Code::Forbidden, "the invitation is not this user's key, or was used")
        .hint("an admin makes one: vault user add NAME; or ask to be added: vault join --request")
}

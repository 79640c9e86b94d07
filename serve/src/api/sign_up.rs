//! Signing up: a user whom an admin added takes over with the invitation key that the admin was shown.

use super::Api;
use super::Token;
use super::call::Client;
use super::error::{ApiError, Code, Result};
use super::object::Object;
use vault::error::{Kind, Reason};
use vault::identity::Key;
use vault::name::UserName;
use vault::passphrase::Strong;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::WorkFactor;
use vault::vault::{Asking, Credential, Fallbacks, Joining, KeySession, Vault};

/// The name under which the wait of all join requests is counted. No user can have it.
const ASKING: &str = "who asks to join";

/// What somebody signs up with.
pub struct SignUp {
    pub username: String,
    pub passphrase: SecretString,
    /// The key that `vault user add` printed.
    pub invitation: SecretString,
}

/// The result of signing up.
pub struct SignedUp {
    /// The session; none if it could not begin. The user can sign in later.
    pub session: Option<(Token, Object)>,
    /// The recovery key, which opens the vault if the passphrase is lost. It is shown once, so nothing that fails after the
    /// keys were replaced may keep it from being shown.
    pub recovery_key: SecretString,
}

impl Api {
    /// Takes over the user of an invitation, with new keys and this passphrase, and signs in.
    pub fn sign_up(&self, asked: &SignUp, client: &Client) -> Result<SignedUp> {
        let SignUp { username, passphrase, invitation } = asked;
        let passphrase = Strong::new(passphrase)?;
        let key = Key::parse(invitation.expose_secret().trim()).map_err(|_| no_invitation())?;
        let unlocked = self.served.open()?.unlock(&Credential::Key(key), None, &client.caller());
        let mut session = unlocked.map_err(|error| match error.kind() {
            Kind::Unlock => no_invitation(),
            _ => error.into(),
        })?;
        if session.user().as_str() != username {
            return Err(no_invitation());
        }
        session.check_not_joined().map_err(|_| taken("sign in with the passphrase you chose then"))?;
        let recovery = Key::generate()?;
        let _turn = self.attempts.turn_to_derive()?;
        let (work_factor, fallbacks) = (WorkFactor::USUAL, Fallbacks::default());
        let joining = Joining { passphrase: &passphrase, work_factor, recovery: &recovery, fallbacks };
        let joined = match session.join(joining, |_| Ok(())) {
            Err(error) if !error.is_after_the_change() => return Err(error.into()),
            joined => joined.map_err(ApiError::from),
        };
        let begun = joined.and_then(|()| self.begin_session(session.into(), client));
        Ok(SignedUp { session: begun.ok(), recovery_key: recovery.to_text() })
    }
}

/// The result of a join request.
pub struct Requested {
    pub asking: Asking,
    /// The recovery key, which opens the vault if the passphrase is lost. It is shown once.
    pub recovery_key: SecretString,
}

impl Api {
    /// Records a join request. After an admin has added the user, the same name and passphrase sign in. The caller
    /// learns only whether the name is free, and has to wait after a few tries.
    pub fn request(&self, username: &str, passphrase: &SecretString) -> Result<Requested> {
        self.attempts.check_wait(ASKING)?;
        self.attempts.backoff.begin(ASKING);
        let (name, passphrase) = (UserName::new(username)?, Strong::new(passphrase)?);
        let _turn = self.attempts.turn_to_derive()?;
        let asked = self.served.open()?.ask_to_join(&name, &passphrase, WorkFactor::USUAL);
        let (asking, recovery) = asked.map_err(|error| match error.reason() {
            Reason::Exists => taken("choose another name, or sign in"),
            _ => error.into(),
        })?;
        Ok(Requested { asking, recovery_key: recovery.to_text() })
    }

    /// Opens a session for somebody who asked to join with this passphrase and was added since.
    pub(super) fn join_asked(
        vault: Vault,
        name: &UserName,
        passphrase: &SecretString,
        client: &Client,
    ) -> Result<KeySession> {
        let joined = vault.join_asked(name, passphrase, WorkFactor::USUAL, &client.caller());
        joined.map_err(|error| match (error.kind(), error.reason()) {
            (_, Reason::NotAdded) => {
                ApiError::new(Code::Forbidden, format!("{name} asked to join and has not been added yet"))
                    .because(Reason::NotAdded)
                    .hint("wait until an admin has added you, then sign in")
                    .status(403)
            }
            (Kind::Unlock, _) => ApiError::wrong_login(),
            _ => error.into(),
        })
    }
}

fn taken(hint: &str) -> ApiError {
    ApiError::new(Code::UsernameTaken, "Account already exists for this username.").hint(hint)
}

/// The same error for everything that can be wrong with an invitation.
fn no_invitation() -> ApiError {
    ApiError::new(Code::Forbidden, "the invitation is not for this user, or was already used")
        .hint("ask an admin for one (vault user add NAME), or ask to be added: vault join --request")
}

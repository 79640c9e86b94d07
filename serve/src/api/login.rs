//! Signing in and out.

use super::call::{Client, Keys};
use super::error::{ApiError, Result};
use super::opened::Opened;
use super::{Api, Token, object::Object};
use vault::agent::KeptText;
use vault::error::Kind;
use vault::log::Caller;
use vault::name::UserName;
use vault::passphrase::MAX_PASSPHRASE;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::{Credential, KeySession, Vault};
use zeroize::Zeroizing;

/// What somebody signs in with.
pub enum Proof {
    Passphrase { username: String, passphrase: SecretString },
    Code(Zeroizing<String>),
}

impl Api {
    /// Signs in. Returns the token and the user's own object.
    pub fn login(&self, proof: &Proof, client: &Client) -> Result<(Token, Object)> {
        let opened = match proof {
            Proof::Passphrase { username, passphrase } => self.by_passphrase(username, passphrase, client)?.into(),
            Proof::Code(code) => self.by_code(code, &client.caller())?,
        };
        self.begin_session(opened, client)
    }

    /// Ends the session of this token.
    pub fn logout(&self, token: &Token) -> Result<()> {
        self.sessions.find(token)?;
        self.sessions.end(token);
        Ok(())
    }

    fn by_code(&self, code: &str, caller: &Caller) -> Result<Opened> {
        // A wrong code causes no wait. Nobody guesses 128 bits, and nobody should be able to lock out the user who has
        // the right code.
        let keys = self.attempts.codes.redeem(code).ok_or_else(ApiError::wrong_login)?;
        match keys {
            Keys::Agent(user) => Ok(Opened::ByAgent(self.served.agent_session(&user, caller)?)),
            Keys::Kept(mut kept) => Ok(self.served.open()?.unlock_kept(&mut kept, caller)?.into()),
            Keys::Gone => Err(ApiError::wrong_login()),
        }
    }

    fn by_passphrase(&self, username: &str, passphrase: &SecretString, client: &Client) -> Result<KeySession> {
        if passphrase.expose_secret().len() > MAX_PASSPHRASE {
            return Err(ApiError::wrong_login());
        }
        self.attempts.check_wait(username)?;
        let turn = self.attempts.turn_to_derive()?;
        // Other attempts with this name may have failed in the meantime.
        self.attempts.check_wait(username)?;
        self.attempts.backoff.begin(username);
        let vault = self.served.open()?;
        let session = match UserName::new(username).ok().filter(|name| vault.joins_by_asking(name)) {
            Some(name) => Self::join_asked(vault, &name, passphrase, client)?,
            None => unlock(vault, username, passphrase, client)?,
        };
        drop(turn);
        self.attempts.backoff.succeeded(username);
        Ok(session)
    }
}

/// Opens the vault with a passphrase. An unknown user and a wrong passphrase give the same error after the same work.
fn unlock(vault: Vault, username: &str, passphrase: &SecretString, client: &Client) -> Result<KeySession> {
    let named = UserName::new(username).ok().filter(|named| vault.passphrase_users().contains(&named));
    let Some(named) = named else {
        vault.refuse_slowly(passphrase);
        return Err(ApiError::wrong_login());
    };
    let unlocked = vault.unlock(&Credential::Passphrase(passphrase.clone()), Some(&named), &client.caller());
    unlocked.map_err(|error| if error.kind() == Kind::Unlock { ApiError::wrong_login() } else { error.into() })
}

/// Reads the keys that `vault serve` hands over: the text of an identity, up to the end of the stream.
pub fn handed_over(source: &mut impl std::io::Read) -> vault::Result<Keys> {
    let mut kept = KeptText::read(source)?;
    kept.check()?;
    Ok(Keys::Kept(kept))
}

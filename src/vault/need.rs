//! What a passphrase or key is needed for.

/// What a passphrase or key is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To use the vault. An agent can do that as well.
    Session,
    /// To change who may do what. No agent does that.
    Identity,
}

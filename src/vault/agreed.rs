//! Agreement to a change that takes something away.

use crate::error::{Error, Reason};
use std::fmt;

/// A change that takes something away, after somebody has agreed to it.
///
/// Such a change has two steps. The first looks at what would go, and fails if the change is refused anyway, so nobody
/// is asked about that. It gives a value that only this type can carry out, and only while the vault still holds what
/// was shown. So no front end removes anything without having looked, or something else than it has shown:
///
/// ```
/// # use vault::actions::{Expected, Place, rm};
/// # use vault::vault::{Agreed, Session};
/// # fn remove(session: &mut Session, place: Place, ask: fn(&rm::Removal) -> bool) -> vault::Result<()> {
/// let removal = rm::Removal::of(session, &[place], Expected::Anything)?;
/// if ask(&removal) {
///     Agreed::to(removal).save(session)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// What was not agreed to can't be carried out:
///
/// ```compile_fail
/// # use vault::actions::rm;
/// # use vault::vault::Session;
/// # fn remove(session: &mut Session, removal: rm::Removal) {
/// removal.save(session);
/// # }
/// ```
pub struct Agreed<T>(T);

impl<T> Agreed<T> {
    /// Says that somebody agrees to this change: a person who saw it and said yes, or said so in advance, or the client
    /// whose request names it.
    #[must_use]
    pub fn to(change: T) -> Self {
        Self(change)
    }

    /// Returns the change, to carry it out.
    pub(crate) fn change(self) -> T {
        self.0
    }
}

/// Returns the error if something is no longer as it was shown. `undone` says what was not done to it.
pub(crate) fn no_longer_as_shown(what: impl fmt::Display, undone: &str) -> Error {
    Error::new(Reason::Changed, format!("{what} was changed in the meantime, so nothing was {undone}"))
        .hint("look at it again, then decide")
}

//! What a search tells a front end while it goes on.
//!
//! - Gives text without values: `Event::Unread::path`, `Event::Unread::why`

use crate::error::Result;
use crate::scan::LeftOut;
use crate::view::Finding;

/// What happens in a search, in its order.
pub enum Event<'a> {
    /// The next text is about to be searched.
    Begun,
    /// A value was found.
    Found(Finding),
    /// A text could not be read, or not to its end.
    Unread {
        /// The path of the text.
        path: &'a str,
        /// The reason, in words.
        why: String,
    },
    /// The history of this many submodules is in repositories of their own.
    Submodules(usize),
    /// What was left out in directories or in git's versions.
    LeftOut(LeftOut),
}

/// Receives each event. An error ends the search.
pub(super) type Tell<'a> = dyn FnMut(Event<'_>) -> Result<()> + 'a;

//! Searches for values in files, directories, pipes and the versions in git's history.
//!
//! Everything is read in pieces, so a file may have any size. If something can't be read, the caller gets the error and
//! the rest is still read: "nothing found" must never mean "not read".

mod directory;
mod ignore;
mod named;
mod stream;
mod walk;
mod well_known;

pub use ignore::Ignore;
pub(crate) use named::read_named;
pub(crate) use stream::Stream;
pub use walk::LeftOut;
pub(crate) use well_known::is_well_known;

use crate::error::Result;
use std::io::{self, Read};
use std::path::Path;

/// Receives each file: its path, and its content or the reason why it can't be read.
pub type Visitor<'a> = dyn FnMut(&Path, io::Result<&mut dyn Read>) -> Result<()> + 'a;

//! Searches for values in files, directories, pipes and the versions that git keeps.
//!
//! Everything is read in pieces, so a file may have any size. What can't be read is reported to the caller, and the
//! rest is still read: "nothing found" must never mean "not read".

mod ignore;
mod named;
mod stream;
mod walk;
mod well_known;

pub use ignore::{IGNORE_FILE, Ignore};
pub use named::read_named;
pub use stream::Stream;
pub use walk::LeftOut;
pub use well_known::is_well_known;

use crate::error::Result;
use std::io::{self, Read};
use std::path::Path;

/// Who gets each file: its path and its content, or why there is none.
pub type Visitor<'a> = dyn FnMut(&Path, io::Result<&mut dyn Read>) -> Result<()> + 'a;

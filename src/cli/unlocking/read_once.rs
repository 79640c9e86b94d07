//! Keeps a passphrase that can be read only once, such as from a pipe, while several vaults may need it.

use std::cell::RefCell;
use std::rc::Rc;
use vault::Result;
use zeroize::Zeroizing;

/// The secret, once it was read.
#[derive(Clone, Default)]
pub struct ReadOnce(Rc<RefCell<Option<Zeroizing<Vec<u8>>>>>);

impl ReadOnce {
    /// Returns what `read` returned the first time. After a failure, the next call reads again.
    pub fn read(&self, read: impl FnOnce() -> Result<Zeroizing<Vec<u8>>>) -> Result<Zeroizing<Vec<u8>>> {
        if let Some(given) = &*self.0.borrow() {
            return Ok(given.clone());
        }
        let given = read()?;
        *self.0.borrow_mut() = Some(given.clone());
        Ok(given)
    }
}

//! A passphrase that can be had once only, such as that of a pipe, kept for as long as several vaults may need it.

use std::cell::RefCell;
use std::rc::Rc;
use vault::Result;
use zeroize::Zeroizing;

/// What was read, once it was.
#[derive(Clone, Default)]
pub struct Given(Rc<RefCell<Option<Zeroizing<Vec<u8>>>>>);

impl Given {
    /// What `read` gave the first time. A failure is tried again.
    pub fn once(&self, read: impl FnOnce() -> Result<Zeroizing<Vec<u8>>>) -> Result<Zeroizing<Vec<u8>>> {
        if let Some(given) = &*self.0.borrow() {
            return Ok(given.clone());
        }
        let given = read()?;
        *self.0.borrow_mut() = Some(given.clone());
        Ok(given)
    }
}

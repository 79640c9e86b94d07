//! The environment of a program, as execve(2) takes it.

use crate::room::room;
use std::ffi::CStr;
use vault_values::secret::wipe;

/// Texts of the form `NAME=value`, each terminated by a zero byte, in one block that is wiped.
pub struct Block {
    bytes: Vec<u8>,
    /// Where each text ends in the block.
    ends: Vec<usize>,
}

impl Block {
    /// Writes names and values. The block is allocated at full size first, so that it never moves and leaves no copy
    /// behind: `variables` is called twice.
    #[must_use]
    pub fn new<'a, I: Iterator<Item = (&'a [u8], &'a [u8])>>(variables: impl Fn() -> I) -> Self {
        let (mut count, mut size) = (0, 0);
        for (name, value) in variables() {
            count += 1;
            size += name.len() + value.len() + 2;
        }
        let mut block = Self { bytes: room(size), ends: Vec::with_capacity(count) };
        for (name, value) in variables() {
            block.push(name, value);
        }
        block
    }

    #[inline(never)] // Into a program that is built for size, it would be built for size.
    fn push(&mut self, name: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.bytes.push(b'=');
        self.bytes.extend_from_slice(value);
        self.bytes.push(0);
        self.ends.push(self.bytes.len());
    }

    /// Returns the number of variables, and the size of their texts in bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.ends.len(), self.bytes.len())
    }

    /// Returns the texts, each with its zero byte.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Returns the texts for the kernel. A text with a zero byte inside is left out.
    #[must_use]
    pub fn texts(&self) -> Vec<&CStr> {
        let mut texts = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            texts.extend(CStr::from_bytes_with_nul(&self.bytes[start..*end]).ok());
            start = *end;
        }
        texts
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

#[test]
fn each_variable_is_a_text_of_its_own() {
    let variables: [(&[u8], &[u8]); 4] = [(b"A", b"b"), (b"B", b""), (b"C", b"a=\xff"), (b"D", b"\0")];
    let block = Block::new(|| variables.into_iter());
    assert_eq!(block.texts(), [c"A=b", c"B=", c"C=a=\xff"]);
    assert_eq!(block.parts().count(), 4);
    assert_eq!(block.size(), (4, 4 + 3 + 6 + 4));
}

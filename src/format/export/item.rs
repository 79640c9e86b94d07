//! An item to export.

/// An item to export.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The item's name.
    pub name: &'a str,
    /// The item's value.
    pub value: &'a [u8],
    /// Whether it is ordinary configuration (kind `variable`) and needs no masking.
    pub is_variable: bool,
    /// The item's note, if it has one.
    pub note: Option<&'a str>,
}

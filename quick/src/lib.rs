//! What goes through every byte of a text, or through every item of an environment: a crate of its own, so that it can be
//! built for speed while the program is built for size. It knows no vault: bytes come in, places and bytes go out.
//!
//! Dependencies point downward only:
//!
//! | layer | modules |
//! | --- | --- |
//! | stars in the place of values | [`mask`] |
//! | finding values, however a program has written them | [`search`] |
//! | how a value may be written | [`encodings`] |
//! | items in a plaintext | [`plain`] |
//! | the environment of a program | [`block`] |
//! | a plaintext and its parts, names | [`plaintext`], [`names`] |
//! | what of a value is looked for | [`vault_values::parts`] |

pub mod block;
pub mod encodings;
pub mod mask;
pub mod names;
pub mod plain;
pub mod plaintext;
pub mod search;

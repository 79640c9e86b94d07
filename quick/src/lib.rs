//! Code that processes every byte of a text, or every item of an environment. It is a separate crate so that it can be
//! optimized for speed while the program is optimized for size. It knows nothing about vaults: it works on bytes and
//! positions.
//!
//! Dependencies point downward only:
//!
//! | layer | modules |
//! | --- | --- |
//! | replacing values with stars | [`mask`] |
//! | finding values in any form | [`search`] |
//! | forms of a value | [`encodings`] |
//! | items in a plaintext | [`plain`] |
//! | the environment of a program | [`block`] |
//! | what an age file holds, and for whom | [`payload`], [`recipient`] |
//! | a plaintext and its parts, names, room for many bytes | [`plaintext`], [`names`], [`room`](mod@room) |
//! | the secret parts of a value | [`vault_values::parts`] |

pub mod block;
pub mod encodings;
pub mod mask;
pub mod names;
pub mod payload;
pub mod plain;
pub mod plaintext;
pub mod recipient;
pub mod room;
pub mod search;

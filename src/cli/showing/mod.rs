//! Showing what came out: the one `Ui`, the objects of `--json`, and their words for people.

pub mod differences;
pub mod output;
pub mod progress;
pub mod qr;
pub mod remedies;
pub mod rows;
pub mod table;
mod told;
pub mod toned;
pub mod ui;
pub mod underway;
pub mod words;
pub mod written;

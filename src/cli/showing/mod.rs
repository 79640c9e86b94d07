//! Shows results: [`ui::Ui`], tables and progress, and messages for people.

pub mod differences;
pub mod git;
pub mod left_behind;
pub mod notes;
pub mod progress;
pub mod qr;
pub mod remedies;
pub mod rows;
mod said_before;
pub mod table;
pub mod toned;
pub mod ui;
pub mod underway;
pub mod words;
pub mod written;

//! The catalogue of faults and attacks, a test each; its number begins the test's name.

mod access_log;
mod forgery;
mod freshness;
mod hostile;
mod recovery;

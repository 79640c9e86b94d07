//! The faults and attacks of the catalogue, by id.

mod access_log;
mod freshness;
mod hostile;
mod recovery;

//! The faults and attacks of the catalogue, by id.

mod access_log;
mod agent;
mod agent_in_tmp;
mod agent_secrecy;
mod branch_moves;
mod branch_reverts;
mod branch_work;
mod clones;
mod concurrency;
mod crash;
mod forgery;
mod freshness;
mod hostile;
mod hostile_git;
mod laws;
mod limits;
mod lineage;
mod log_anchors;
mod log_archive;
mod log_ends;
mod log_files;
mod power;
mod recovery;
mod since;
mod since_history;
mod slots;

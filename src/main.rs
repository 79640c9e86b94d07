//! `vault`, the command line.

fn main() {}

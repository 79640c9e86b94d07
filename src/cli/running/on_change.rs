//! What `--watch` does when values have changed.

/// What to do when values have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnChange {
    /// End the command, and start it with the new values
    Restart,
    /// Send SIGHUP to the command
    Hup,
}

//! What `--watch` does when values have changed.

/// What to do when values have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnChange {
    /// Ends the command and starts it with the new values
    Restart,
    /// Sends it SIGHUP
    Hup,
}

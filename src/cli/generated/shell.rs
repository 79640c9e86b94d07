//! The shells that have a completion script.

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl From<vault::settings::shells::Shell> for Shell {
    fn from(shell: vault::settings::shells::Shell) -> Self {
        match shell {
            vault::settings::shells::Shell::Bash => Self::Bash,
            vault::settings::shells::Shell::Zsh => Self::Zsh,
            vault::settings::shells::Shell::Fish => Self::Fish,
        }
    }
}

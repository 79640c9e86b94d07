//! Exit codes, and what to do where an error knows nothing better.

use vault::error::Kind;

/// The documented exit code of a kind of error.
pub fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Failed => 1,
        Kind::Usage => 2,
        Kind::NotFound => 3,
        Kind::Unlock => 4,
        Kind::Denied => 5,
        Kind::Integrity => 6,
        Kind::Busy => 7,
    }
}

/// No error stands without a hint.
pub fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed => "fix what the message names, then run the command again",
        Kind::Usage => "vault help lists the commands, and vault help NAME shows how to use one",
        Kind::NotFound => "vault env list, vault list and vault user list show what there is",
        Kind::Unlock => "vault unlock --help shows every way to unlock",
        Kind::Denied => "vault user list shows who may what, and who is an admin and can change it",
        Kind::Integrity => "take the file from a copy you trust, such as an earlier commit, and tell who else uses it",
        Kind::Busy => "wait for the other command, and run this one again",
    }
}

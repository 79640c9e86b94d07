//! Turns the steps in the library's hints into commands.

use super::words::from_here;
use std::path::Path;
use vault::Error;
use vault::error::{Hint, Kind, Remedy};
use vault::path::shell_word;

/// Returns an error's hint.
pub fn hint_of(error: &Error) -> Option<String> {
    error.advice().map(worded)
}

/// Returns the hint for an error that has none of its own. Every error is shown with a hint.
pub fn general_hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed => "fix what the message names, then run the command again",
        Kind::Usage => "vault help lists the commands, and vault help NAME shows how to use one",
        Kind::NotFound => "vault env list, vault list and vault user list show what there is",
        Kind::Unlock => "vault unlock --help shows every way to unlock",
        Kind::Denied => "vault user list shows who may what, and who is an admin and can change it",
        Kind::Integrity => {
            "restore the file from a copy you trust, such as an earlier commit, and tell who else uses it"
        }
        Kind::Busy => "wait for the other command, and run this one again",
    }
}

/// Returns a hint with the commands to type.
pub fn worded(hint: &Hint) -> String {
    hint.worded(command)
}

/// Returns the command for a step. Each step is one line here.
pub fn command(remedy: &Remedy) -> String {
    match remedy {
        Remedy::Accept(hash) => format!("vault verify --accept {hash}"),
        Remedy::AcceptEmpty => "--empty".to_owned(),
        Remedy::AddPrivate(name) => format!("vault env add {name} --private"),
        Remedy::AddRequested(user) => format!("vault user add {user} --keys ..."),
        Remedy::AddUser(user) => format!("vault user add {user}"),
        Remedy::Allow { name, environment } => format!("vault allow --name {name} -e {environment}"),
        Remedy::AllSecret => "--kind secret".to_owned(),
        Remedy::AllowAgent => "unset VAULT_AGENT".to_owned(),
        Remedy::AllowEmpty => "--allow-empty".to_owned(),
        Remedy::AllowFiles => "ulimit -n 1024".to_owned(),
        Remedy::AllowLockedMemory => "ulimit -l unlimited".to_owned(),
        Remedy::AllowMemory => "ulimit -v unlimited".to_owned(),
        Remedy::AllowProcesses => "ulimit -u 4096".to_owned(),
        Remedy::AllowOnce(name) => format!("--allow-name {name}"),
        Remedy::ChangePassphrase => "vault passwd".to_owned(),
        Remedy::ChangeUsers => "vault user, vault grant, vault env".to_owned(),
        Remedy::CheckAgainst(Some(file)) => format!("vault check --against {}", shell_word(file)),
        Remedy::CheckAgainst(None) => "vault check --against FILE".to_owned(),
        Remedy::ChooseSide(name) => {
            let name = shell_word(Path::new(name));
            format!("--ours {name} or --theirs {name}")
        }
        Remedy::ChooseState => "export VAULT_STATE_DIR=/path/to/state".to_owned(),
        Remedy::ChooseVariable => "--as VAR".to_owned(),
        Remedy::Complete(shell) => format!("vault completions {shell} --install"),
        Remedy::CopyItems => "vault cp, vault env copy".to_owned(),
        Remedy::Create => "vault init".to_owned(),
        Remedy::Dialect(name) => format!("--dialect {name}"),
        Remedy::ExportLog => "vault log export -o FILE".to_owned(),
        Remedy::ExportLogFor => "vault log export --for USER FILE".to_owned(),
        Remedy::FinishRenewal(user) => format!("vault user renew {user} --finish"),
        Remedy::Flatten("_") => "--flatten".to_owned(),
        Remedy::Flatten(separator) => format!("--flatten={separator}"),
        Remedy::GenerateWords => "vault generate --words".to_owned(),
        Remedy::GetExact => "vault get NAME -o FILE".to_owned(),
        Remedy::GiveAsFile(None) => "vault exec --file NAME".to_owned(),
        Remedy::GiveKey => "VAULT_KEY, or the name of its file in VAULT_KEY_FILE".to_owned(),
        Remedy::GivePassphrase => "--passphrase-fd N".to_owned(),
        Remedy::GiveReason => "--reason TEXT".to_owned(),
        Remedy::GiveUp(environment) => format!("--empty {environment}"),
        Remedy::Grant { user, rights } => format!("vault grant {user} {rights}"),
        Remedy::GrantRestoring { user, environment } => {
            format!("vault grant {user} {environment}:write --restore {environment}=REF")
        }
        Remedy::GiveAsFile(Some(item)) => format!("--file {item}"),
        Remedy::History => "vault history NAME".to_owned(),
        Remedy::Hook(shell, file) => hook(shell, file),
        Remedy::Import => "vault import FILE".to_owned(),
        Remedy::ImportAnyway(file) => format!("vault import - <{}", shell_word(file)),
        Remedy::ImportDecrypted => "sops -d FILE | vault import -".to_owned(),
        Remedy::ImportPiped => "vault import -".to_owned(),
        Remedy::InheritLess => "--pristine".to_owned(),
        Remedy::InputFormat => "--format FORMAT".to_owned(),
        Remedy::InstallScan => "vault scan --install-hook".to_owned(),
        Remedy::Join(Some(user)) => format!("vault join --user {user}"),
        Remedy::Join(None) => "vault join".to_owned(),
        Remedy::LeaveOut(item) => format!("--except {item}"),
        Remedy::KeepOurs(file) => format!("git checkout --ours -- {}", from_here(file)),
        Remedy::LeaveUnmanaged(_) => "-y".to_owned(),
        Remedy::List(environment) => format!("vault list -e {environment}"),
        Remedy::ListDue(Some(environment)) => format!("vault list --due -e {environment}"),
        Remedy::ListDue(None) => "vault list --due".to_owned(),
        Remedy::ListEnvironments => "vault env list".to_owned(),
        Remedy::ListItems => "vault list".to_owned(),
        Remedy::ListUsers => "vault user list".to_owned(),
        Remedy::Lock => "vault lock".to_owned(),
        Remedy::LockAll => "vault lock --all".to_owned(),
        Remedy::Merge => "vault merge".to_owned(),
        Remedy::MergeFrom(source) => format!("vault merge --from {source}"),
        Remedy::NameEnvironment => "-e NAME or VAULT_ENV".to_owned(),
        Remedy::NameOutput => "-o FILE".to_owned(),
        Remedy::NameUser => "--user NAME or VAULT_USER".to_owned(),
        Remedy::NameVault(file) => format!("VAULT_FILE={file}"),
        Remedy::Orphan(environments) => format!("--orphan {}", environments.join(",")),
        Remedy::Pin => "vault status --pin".to_owned(),
        Remedy::Reach(environments) => format!("-e {}", environments.replace(' ', " -e ")),
        Remedy::ReadAbout(page) => format!("vault man {page}"),
        Remedy::Recover => "VAULT_KEY=... vault passwd".to_owned(),
        Remedy::RemoveEnvironment(name) => format!("vault env rm {name}"),
        Remedy::RemoveUser(user) => format!("vault user rm {user}"),
        Remedy::RenameEnvironment(name) => format!("vault env copy {name} NEW && vault env rm {name}"),
        Remedy::Renew(user) => format!("vault user renew {user}"),
        Remedy::Replace => "--force".to_owned(),
        Remedy::ReplaceKey => "vault passwd --key".to_owned(),
        Remedy::ReplaceRecoveryKey => "vault recovery".to_owned(),
        Remedy::RequestKeys => "vault join --request".to_owned(),
        Remedy::Restore(environment) => format!("--restore {environment}=REF"),
        Remedy::ResumeEdit => "vault edit --resume".to_owned(),
        Remedy::Rollback => "vault rollback NAME".to_owned(),
        Remedy::Rotate(item) => format!("vault rotate {item}"),
        Remedy::RotatePiped(item) => format!("CMD | vault rotate {item}"),
        Remedy::ScanFiles => "vault scan PATH".to_owned(),
        Remedy::Set(item) => format!("vault set {item}"),
        Remedy::SetFromFile => "vault set NAME --from-file FILE".to_owned(),
        Remedy::SetRole => "vault user role NAME admin".to_owned(),
        Remedy::SetToEmpty(item) => format!("vault set {item} --empty"),
        Remedy::SetUpGit => "vault git setup".to_owned(),
        Remedy::SetVariable(item) => format!("vault set {item} --as VAR"),
        Remedy::ShowLog => "vault log -n 5".to_owned(),
        Remedy::Status => "vault status".to_owned(),
        Remedy::System(step) => step.command(),
        Remedy::StopOnFailure => "set -o pipefail".to_owned(),
        Remedy::TakeOurs(name) => format!("vault merge --ours {}", shell_word(Path::new(name))),
        Remedy::ImportAndDelete(file, Some(environment)) => {
            format!("vault import {file} -e {environment} --delete-source")
        }
        Remedy::ImportAndDelete(file, None) => format!("vault import {file} --delete-source"),
        Remedy::TakeTheirs(name) => format!("vault merge --theirs {}", shell_word(Path::new(name))),
        Remedy::Unlock => "vault unlock".to_owned(),
        Remedy::UseVault(file) => format!("--vault {file}"),
        Remedy::Verify => "vault verify".to_owned(),
        Remedy::VerifyAcross => "vault verify --since REF --accept-gap".to_owned(),
        Remedy::ShowSessions => "vault serve sessions".to_owned(),
        Remedy::VerifyLog => "vault log verify".to_owned(),
        Remedy::VerifyNew => "vault verify --since REF --new".to_owned(),
        Remedy::WithoutAgent => "VAULT_AGENT=off".to_owned(),
        Remedy::WriteTo => "-o FILE".to_owned(),
    }
}

/// Returns the command that adds the hook to a shell's start-up file.
fn hook(shell: &str, file: &str) -> String {
    match shell {
        "fish" => format!("echo 'vault hook fish | source' >> {file}"),
        _ => format!("echo 'eval \"$(vault hook {shell})\"' >> {file}"),
    }
}

#[cfg(test)]
mod tests;

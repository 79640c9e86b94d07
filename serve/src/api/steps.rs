//! Words the steps in the library's hints for clients of the server. Their readers have no command line of vault before
//! them: a step is a field, a header or a request of this API where it has one, and otherwise a whole command, which a
//! person types where the vault is.

use serde_json::json;
use std::path::Path;
use vault::error::{Hint, Remedy};
use vault::path::shell_word;

/// Returns the text of a hint, with its steps.
pub fn worded(hint: &Hint) -> String {
    hint.worded(step)
}

/// Returns the words for a step. There is no arm for all others, so a new step has no words until somebody chooses them.
fn step(remedy: &Remedy) -> String {
    let words = match remedy {
        Remedy::Accept(hash) => return format!("vault verify --accept {hash}"),
        Remedy::AcceptEmpty => "vault edit --empty",
        Remedy::AddPrivate(name) => return format!("vault env add {name} --private"),
        Remedy::AddRequested(user) => return format!("vault user add {user} --keys ..."),
        Remedy::AddUser(user) => return format!("vault user add {user}"),
        Remedy::AllSecret => "vault import FILE --kind secret",
        Remedy::Allow { name, environment } => return format!("vault allow --name {name} -e {environment}"),
        Remedy::AllowAgent => "unset VAULT_AGENT",
        Remedy::AllowEmpty => "vault import FILE --allow-empty",
        Remedy::AllowFiles => "ulimit -n 1024, before vault serve",
        Remedy::AllowLockedMemory => "ulimit -l unlimited, before vault serve",
        Remedy::AllowMemory => "ulimit -v unlimited, before vault serve",
        Remedy::AllowOnce(name) => return format!("vault set {name} --allow-name {name}"),
        Remedy::AllowProcesses => "ulimit -u 4096, before vault serve",
        Remedy::ChangePassphrase => "vault passwd",
        Remedy::ChangeUsers => "vault user, vault grant, vault env",
        Remedy::CheckAgainst(Some(file)) => return format!("vault check --against {}", shell_word(file)),
        Remedy::CheckAgainst(None) => "vault check --against FILE",
        Remedy::ChooseSide(name) => {
            let name = shell_word(Path::new(name));
            return format!("vault merge --ours {name} or vault merge --theirs {name}");
        }
        Remedy::ChooseState => "VAULT_STATE_DIR=/path/to/state vault serve",
        Remedy::ChooseVariable => "vault set NAME --as VAR",
        Remedy::Complete(shell) => return format!("vault completions {shell} --install"),
        Remedy::CopyItems => "vault cp, vault env copy",
        Remedy::Create => "vault init",
        Remedy::Dialect(name) => return format!("vault import FILE --dialect {name}"),
        Remedy::ExportLog => "vault log export -o FILE",
        Remedy::ExportLogFor => "vault log export --for USER FILE",
        Remedy::FinishRenewal(user) => return format!("vault user renew {user} --finish"),
        Remedy::Flatten("_") => "vault import FILE --flatten",
        Remedy::Flatten(separator) => return format!("vault import FILE --flatten={separator}"),
        Remedy::GenerateWords => "vault generate --words",
        Remedy::GetExact => "vault get NAME -o FILE",
        Remedy::GiveAsFile(None) => "vault exec --file NAME",
        Remedy::GiveKey => "VAULT_KEY, for vault in a shell",
        Remedy::GivePassphrase => "POST /parse/login",
        Remedy::GiveReason => "X-Vault-Reason",
        Remedy::GiveUp(environment) => return format!("vault user rm NAME --empty {environment}"),
        Remedy::Grant { user, rights } => return format!("vault grant {user} {rights}"),
        Remedy::GrantRestoring { user, environment } => {
            return format!("vault grant {user} {environment}:write --restore {environment}=REF");
        }
        Remedy::GiveAsFile(Some(item)) => return format!("vault exec --file {item}"),
        Remedy::History => "vault history NAME",
        Remedy::Hook("fish", file) => return format!("echo 'vault hook fish | source' >> {file}"),
        Remedy::Hook(shell, file) => return format!("echo 'eval \"$(vault hook {shell})\"' >> {file}"),
        Remedy::Import => "vault import FILE",
        Remedy::ImportAnyway(file) => return format!("vault import - <{}", shell_word(file)),
        Remedy::ImportDecrypted => "sops -d FILE | vault import -",
        Remedy::ImportPiped => "vault import -",
        Remedy::InheritLess => "vault exec --pristine",
        Remedy::InputFormat => "vault import FILE --format FORMAT",
        Remedy::InstallScan => "vault scan --install-hook",
        Remedy::Join(Some(user)) => return format!("vault join --user {user}"),
        Remedy::Join(None) => "vault join",
        Remedy::KeepOurs(file) => return format!("git checkout --ours -- {}", shell_word(file)),
        Remedy::LeaveOut(item) => return format!("vault exec --except {item}"),
        Remedy::LeaveUnmanaged(environments) => {
            return format!("the parameter unmanaged: {}", json!(environments));
        }
        Remedy::List(environment) => return format!("vault list -e {environment}"),
        Remedy::ListDue(Some(environment)) => return format!("vault list --due -e {environment}"),
        Remedy::ListDue(None) => "vault list --due",
        Remedy::ListEnvironments => "vault env list",
        Remedy::ListItems => "vault list",
        Remedy::ListUsers => "vault user list",
        Remedy::Lock => "vault lock",
        Remedy::LockAll => "vault lock --all",
        Remedy::Merge => "vault merge",
        Remedy::MergeFrom(source) => return format!("vault merge --from {source}"),
        Remedy::NameEnvironment => "the field environment, or vault serve -e NAME",
        Remedy::NameOutput => "-o FILE, at the command line",
        Remedy::NameUser => "the field username",
        Remedy::NameVault(file) | Remedy::UseVault(file) => return format!("vault serve --vault {file}"),
        Remedy::Orphan(environments) => return format!("the parameter orphans: {}", json!(environments)),
        Remedy::Pin => "vault status --pin",
        Remedy::Reach(environments) => return format!("vault render -e {}", environments.replace(' ', " -e ")),
        Remedy::ReadAbout(page) => return format!("vault man {page}"),
        Remedy::Recover => "VAULT_KEY=... vault passwd",
        Remedy::RemoveEnvironment(name) => return format!("vault env rm {name}"),
        Remedy::RemoveUser(user) => return format!("vault user rm {user}"),
        Remedy::RenameEnvironment(name) => return format!("vault env copy {name} NEW && vault env rm {name}"),
        Remedy::Renew(user) => return format!("vault user renew {user}"),
        Remedy::Replace => "vault mv --force",
        Remedy::ReplaceKey => "vault passwd --key",
        Remedy::ReplaceRecoveryKey => "vault recovery",
        Remedy::RequestKeys => "vault join --request",
        Remedy::Restore(environment) => return format!("vault user rm NAME --restore {environment}=REF"),
        Remedy::ResumeEdit => "vault edit --resume",
        Remedy::Rollback => "vault rollback NAME",
        Remedy::Rotate(item) => return format!("vault rotate {item}"),
        Remedy::RotatePiped(item) => return format!("CMD | vault rotate {item}"),
        Remedy::ScanFiles => "vault scan PATH",
        Remedy::Set(item) => return format!("vault set {item}"),
        Remedy::SetFromFile => "vault set NAME --from-file FILE",
        Remedy::SetRole => "vault user role NAME admin",
        Remedy::SetToEmpty(item) => return format!("vault set {item} --empty"),
        Remedy::SetUpGit => "vault git setup",
        Remedy::SetVariable(item) => return format!("vault set {item} --as VAR"),
        Remedy::ShowLog => "vault log -n 5",
        Remedy::ShowSessions => "vault serve sessions",
        Remedy::Status => "vault status",
        Remedy::System(step) => return step.command(),
        Remedy::StopOnFailure => "set -o pipefail",
        Remedy::TakeOurs(name) => return format!("vault merge --ours {}", shell_word(Path::new(name))),
        Remedy::ImportAndDelete(file, Some(name)) => return format!("vault import {file} -e {name} --delete-source"),
        Remedy::ImportAndDelete(file, None) => return format!("vault import {file} --delete-source"),
        Remedy::TakeTheirs(name) => return format!("vault merge --theirs {}", shell_word(Path::new(name))),
        Remedy::Unlock => "sign in again",
        Remedy::Verify => "vault verify",
        Remedy::VerifyAcross => "vault verify --since REF --accept-gap",
        Remedy::VerifyLog => "vault log verify",
        Remedy::VerifyNew => "vault verify --since REF --new",
        Remedy::WithoutAgent => "VAULT_AGENT=off vault serve",
        Remedy::WriteTo => "vault export -o FILE",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_steps_that_a_client_or_a_person_can_take() {
        let grant = Remedy::Grant { user: "noah".to_owned(), rights: "prod:read".to_owned() };
        assert_eq!(worded(&Hint::from(("mia can give it: ", grant))), "mia can give it: vault grant noah prod:read");
        assert_eq!(worded(&Hint::from(("say why: ", Remedy::GiveReason))), "say why: X-Vault-Reason");
        assert_eq!(worded(&Hint::from(Remedy::List("dev".to_owned()))), "vault list -e dev");
        let unmanaged = Remedy::LeaveUnmanaged(vec!["dev".to_owned(), "prod".to_owned()]);
        assert_eq!(worded(&Hint::from(unmanaged)), r#"the parameter unmanaged: ["dev","prod"]"#);
        assert_eq!(worded(&Hint::from(Remedy::Create)), "vault init");
    }
}

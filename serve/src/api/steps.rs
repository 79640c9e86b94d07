//! Words the steps in the library's hints for clients of the server: a header, or a `vault` command.

use vault::error::{Hint, Remedy};

/// Returns the text of a hint, with its steps.
pub fn worded(hint: &Hint) -> String {
    hint.worded(step)
}

fn step(remedy: &Remedy) -> String {
    match remedy {
        Remedy::GiveReason => "X-Vault-Reason".to_owned(),
        Remedy::Unlock => "sign in again".to_owned(),
        Remedy::Grant { user, rights } => format!("vault grant {user} {rights}"),
        Remedy::Allow { name, environment } => format!("vault allow --name {name} -e {environment}"),
        Remedy::AllowOnce(name) => format!("vault set --allow-name {name}"),
        Remedy::GenerateWords => "vault generate --words".to_owned(),
        Remedy::Merge => "vault merge".to_owned(),
        Remedy::ChangePassphrase => "vault passwd".to_owned(),
        Remedy::ListUsers => "vault user list".to_owned(),
        Remedy::RemoveUser(user) => format!("vault user rm {user}"),
        Remedy::VerifyLog => "vault log verify".to_owned(),
        Remedy::Verify => "vault verify".to_owned(),
        Remedy::Status => "vault status".to_owned(),
        Remedy::List(environment) => format!("vault list {environment}"),
        Remedy::AllowAgent => "unset VAULT_AGENT".to_owned(),
        Remedy::WithoutAgent => "VAULT_AGENT=off vault serve".to_owned(),
        // For rare steps, `vault doctor` in the vault's directory prints what to type.
        other => format!("vault doctor ({})", other.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_steps_that_a_client_or_a_person_can_take() {
        let grant = Remedy::Grant { user: "noah".to_owned(), rights: "prod:read".to_owned() };
        assert_eq!(worded(&Hint::from(("mia can give it: ", grant))), "mia can give it: vault grant noah prod:read");
        assert_eq!(worded(&Hint::from(("say why: ", Remedy::GiveReason))), "say why: X-Vault-Reason");
        assert_eq!(worded(&Hint::from(Remedy::Create)), "vault doctor (create)");
    }
}

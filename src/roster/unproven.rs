//! A chain whose signatures nobody has verified, and the verification that makes it a roster.

use super::Roster;
use super::change::{self, Statement};
use super::proof::{author_key, check_new_keys, hash_chain, not_valid};
use super::state::broken;
use crate::error::Result;
use crate::identity::Head;
use crate::signature::{Hash, VerifyingKey};
use std::ops::Range;

/// A chain of changes that keep the rules. Anybody may have written it, because no signature was verified.
#[derive(Debug)]
pub(crate) struct UnprovenRoster {
    claims: Roster,
    proof: Proof,
}

/// What has to be verified before the claims of a chain become a roster.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The key that must have signed each change, in order.
    signers: Vec<VerifyingKey>,
    /// The changes whose signatures were not verified yet.
    unverified: Range<usize>,
}

impl UnprovenRoster {
    /// Applies the changes of a chain and checks their rules.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn fold(statements: Vec<Statement>) -> Result<Self> {
        let hashes = hash_chain(&statements)?;
        let mut claims = Roster { hashes, ..Roster::empty() };
        let mut signers = Vec::with_capacity(statements.len());
        for (statement, hash) in statements.iter().zip(&claims.hashes) {
            let Statement { version, draft, .. } = statement;
            let invalid = |error| not_valid(*version, &error);
            signers.push(author_key(&claims.state, draft).map_err(invalid)?);
            claims.state.apply(*version, hash, draft).map_err(invalid)?;
        }
        let proof = Proof { signers, unverified: 0..statements.len() };
        claims.statements = statements;
        Ok(Self { claims, proof })
    }

    /// Verifies the signatures and keys. If the chain contains `trusted`, those up to there are not verified again: the hash
    /// covers everything before it.
    ///
    /// # Errors
    /// As [`Roster::verify`].
    pub fn prove(self, trusted: Option<Head>) -> Result<Roster> {
        self.proof.complete(&self.claims, trusted)?;
        Ok(self.claims)
    }

    /// Verifies the signatures and keys, except those that this chain shares with a roster.
    ///
    /// # Errors
    /// As [`Roster::verify`].
    pub fn prove_beside(self, known: &Roster) -> Result<Roster> {
        let shared = known.fork(&self.claims);
        self.prove(shared)
    }

    /// Returns the chain as a roster if it is the beginning of a roster, or all of it. The hash of a change covers all
    /// changes before it, with their signatures.
    pub fn beginning_of(self, known: &Roster) -> Option<Roster> {
        known.extends(&self.claims).then_some(self.claims)
    }

    /// Returns the id of the vault that the chain claims to be of.
    pub fn id(&self) -> Hash {
        self.claims.id()
    }

    /// Returns whether the chain contains the change `head`. Its hash covers all changes up to there, but not who made them.
    pub fn contains(&self, head: Head) -> bool {
        self.claims.contains(head)
    }

    /// Returns the claims and what has to be verified of them, for a type that keeps both together.
    pub fn into_parts(self) -> (Roster, Proof) {
        (self.claims, self.proof)
    }
}

impl Roster {
    /// Verifies a chain: its rules, and every signature.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn verify(statements: Vec<Statement>) -> Result<Self> {
        UnprovenRoster::fold(statements)?.prove(None)
    }

    /// Returns the chain as it was after change `version`.
    ///
    /// # Errors
    /// None for a verified chain.
    pub fn until(&self, version: u32) -> Result<Self> {
        let statements = self.statements[..self.statements.len().min(version as usize)].to_vec();
        UnprovenRoster::fold(statements)?.prove_beside(self)
    }
}

impl Proof {
    /// Returns the proof of a roster, of which nothing has to be verified.
    pub fn of_verified() -> Self {
        Self { signers: Vec::new(), unverified: 0..0 }
    }

    /// Verifies the signatures and keys that were not verified yet, except those up to `trusted`.
    pub fn complete(mut self, claims: &Roster, trusted: Option<Head>) -> Result<()> {
        self.verify_after(claims, trusted)
    }

    /// Does the same, but those up to `trusted` stay unverified, because it isn't known yet whether it can be trusted.
    pub fn verify_after(&mut self, claims: &Roster, trusted: Option<Head>) -> Result<()> {
        let known = trusted.filter(|head| claims.contains(*head)).map_or(0, |head| head.version as usize);
        let first = self.unverified.end.min(self.unverified.start.max(known));
        for statement in &claims.statements[first..self.unverified.end] {
            self.check_signatures(claims, statement).map_err(|error| not_valid(statement.version, &error))?;
        }
        self.unverified.end = first;
        Ok(())
    }

    /// Verifies the author's signature, and the signature of any new keys.
    fn check_signatures(&self, claims: &Roster, statement: &Statement) -> Result<()> {
        let Statement { version, draft, signature } = statement;
        let index = *version as usize - 1;
        let first = index == 0;
        let vault = if first { Hash::ZERO } else { claims.hashes[0] };
        let previous = if first { Hash::ZERO } else { claims.hashes[index - 1] };
        if let Some((user, new)) = draft.change.new_keys(&draft.author) {
            check_new_keys(new, &vault, user)?;
        }
        if self.signers[index].verifies(&change::message(&vault, *version, &previous, draft), signature) {
            Ok(())
        } else {
            Err(broken("is not signed by its author"))
        }
    }
}

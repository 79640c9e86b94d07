//! The functions, fields and implementations that give plaintext, except for those of `actions`. Before you add one,
//! make sure that no value leaves the library through it without a log entry.

/// Functions that return values of a vault. Each writes the log entry first.
pub const LOGGED: &[&str] = &[
    "vault::compare::Session::read_differences",
    "vault::drafts::Session::resume",
    "vault::merge::decisions::Decisions::read",
    "vault::unread::Session::read",
    "vault::unread::Session::read_all",
];

/// Functions that return values that nobody has read. They show no value, and only the session that decrypted them reads
/// them, so the entry is in its user's log.
pub const UNREAD: &[&str] = &["vault::drafts::Session::open_drafts", "vault::undo::Session::last_change"];

/// Functions that return a part of what one of these has read, or convert it.
pub const OF_WHAT_WAS_READ: &[&str] = &[
    "draft::Draft::of_environment",
    "draft::Draft::of_item",
    "draft::Draft::text",
    "format::export::Written::text",
    "format::export::github::masks",
    "format::export::write",
    "hook::script::Shell::set",
    "item::content::Content::copy_of",
    "item::content::Content::item",
    "item::content::Content::items",
    "item::content::Content::remove",
    "item::content::Content::split",
    "item::injectable::Injectable::value",
    "item::json::Content::from_json",
    "item::json::Content::to_json",
    "item::planted::Content::as_of",
    "item::stored::Item::current",
    "item::stored::Item::version",
    "item::stored::Item::versions",
    "item::stored::Version::value",
    "quick::payload::open",
    "quick::plain::Plain::parts",
    "quick::plaintext::SecretPart::within",
    "template::fill",
    "vault::compare::EnvironmentDifference::values",
    "vault::compare::Session::compare",
    "view::diff::ItemDiff::after",
    "view::diff::ItemDiff::before",
    "view::item::Secret::new",
    "view::item::Secret::with_value",
    "view::item::Version::new",
];

/// Functions that return, or take from a caller, text that somebody typed or a file held in the clear, a new random
/// value, or keys; and drafts of roster changes, which have no value.
pub const NO_VALUE_OF_A_VAULT: &[&str] = &[
    "agent::locked_memory::HandedOver::keep",
    "agent::locked_memory::KeptText::read",
    "format::dotenv::parse",
    "format::import::read",
    "generate::Recipe::generate",
    "identity::Identity::from_text",
    "identity::Identity::keys",
    "identity::PrivateKeys::earlier",
    "identity::PrivateKeys::generate",
    "identity::PrivateKeys::renew",
    "identity::key::Key::generate",
    "identity::key::Key::parse",
    "identity::key::Key::to_text",
    "item::injectable::Injectable::new",
    "merge::items::conflict::Choice::Value::0",
    "ordered::Ordered::ordered",
    "passphrase::strong::Strong::generate",
    "passphrase::strong::Strong::new",
    "passphrase::strong::Strong::text",
    "quick::search::Searcher::new",
    "quick::search::reader::Reader::last",
    "random::bytes",
    "roster::change::Statement::draft",
    "roster::state::State::environment",
    "roster::state::State::environments",
    "signature::SigningKey::from_seed",
    "signature::SigningKey::generate",
    "values::parts::Part::bytes",
    "values::parts::public",
    "values::secret::SecretBytes::new",
    "vault::server_requests::Vault::ask_to_join",
    "vault::create::Creation::environments",
    "vault::credential::Credential::Key::0",
    "vault::credential::Credential::Passphrase::0",
    "vault::credential::Credential::of_key_file",
    "vault::credential::Credential::of_passphrase",
    "vault::credential::Credential::of_passphrase_file",
    "vault::credential::Credential::read_key",
    "vault::credential::Credential::read_passphrase",
    "vault::credential::read_source",
    "vault::join::Joining::passphrase",
    "vault::join::Joining::recovery",
    "vault::join_request::Requested::Added::0",
    "vault::seal::Keyring::key",
    "vault::seal::Keyring::passphrase",
    "vault::session::hand_over::Continued::Keys::0",
    "view::environment::Environment::new",
];

/// The traits that the types of plaintext implement, with the module.
pub const IMPLEMENTED: &[&str] = &[
    "log::segment: SegmentKeys for PrivateKeys",
    "quick::plaintext: Debug for SecretPart",
    "quick::plaintext: Deref for SecretPart",
    "quick::plaintext: Eq for SecretPart",
    "quick::plaintext: From for SecretPart",
    "quick::plaintext: PartialEq for SecretPart",
    "values::secret: Debug for SecretBytes",
    "values::secret: Deref for SecretBytes",
    "values::secret: From for SecretBytes",
    "vault::keys: SegmentKeys for Keys",
    "vault::unread: Held for Content",
    "vault::unread: Held for Vec",
    "view::access: JsonSchema for Keys",
    "view::access: Serialize for Keys",
    "view::done: JsonSchema for Generated",
    "view::done: Serialize for Generated",
    "view::environment: JsonSchema for Environment",
    "view::environment: Serialize for Environment",
    "view::item: JsonSchema for Secret",
    "view::item: JsonSchema for Version",
    "view::item: Serialize for Secret",
    "view::item: Serialize for Version",
];

/// Types with plaintext in private fields that can be compared or copied. Those that are compared hold what was read or
/// comes from no vault. A copy of an outline shows no value, either.
pub const COMPARED_OR_COPIED: &[&str] = &[
    "draft::changes: Clone for Changes",
    "draft::changes: PartialEq for Changes",
    "format: Clone for Entry",
    "format: PartialEq for Entry",
    "identity: Clone for PrivateKeys",
    "identity::fingerprint: Clone for FingerprintKey",
    "item::content: Clone for Content",
    "item::content: PartialEq for Content",
    "item::outline: Clone for InjectableOutline",
    "item::outline: Clone for Outline",
    "item::outline: Clone for VersionOutline",
    "item::stored: Clone for Item",
    "item::stored: PartialEq for Item",
    "passphrase::strong: Clone for Strong",
    "signature: Clone for SigningKey",
];

/// What says something about a value that was stored, or whose item an entry names.
pub const OF_WHAT_WAS_LOGGED: &[&str] = &[
    "actions::exec::filter::NotInjected::why",
    "actions::exec::plan::Injected::left_out",
    "actions::exec::plan::Notices::left_out",
    "actions::export::Written::left_out",
    "actions::left_out::LeftOut::why",
    "actions::stored::Stored::left_out",
];

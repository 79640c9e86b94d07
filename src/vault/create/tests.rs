//! A new vault can be read by its maker, whatever a program puts into it.

use super::*;
use crate::error::Reason;
use crate::identity::Key;
use crate::item::{AnchorStatement, MAX_VALUE, Metadata};
use crate::name::ItemName;
use crate::secret::SecretBytes;
use crate::signature::Hash;
use crate::vault::{Purpose, Use};

/// Creates a vault with this content in dev, and opens it.
fn created(content: Content) -> Result<()> {
    let (directory, key, dev) = (tempfile::tempdir().unwrap(), Key::generate()?, EnvironmentName::new("dev")?);
    let creation = Creation {
        user: UserName::new("mia")?,
        email: None,
        environments: [(dev.clone(), content)].into(),
        slots: Keyring { passphrase: None, key: &key },
        allowed: AllowedOnce::default(),
        caller: Caller::default(),
    };
    let path = directory.path().join("secrets.vault");
    let session = create(&path, creation, &Settings::at(directory.path().join("state")), |_, _| Ok(()));
    assert_eq!(path.exists(), session.is_ok());
    session?.open(&Purpose::new(Use::Get), &dev).map(drop)
}

#[test]
fn an_item_that_a_program_made_too_large_gets_into_no_vault() {
    let (dev, name) = (EnvironmentName::new("dev").unwrap(), ItemName::new("A").unwrap());
    let (mia, now, mut content) = (UserName::new("mia").unwrap(), Time::now(), Content::default());
    content.set(&name, SecretBytes::from("x"), &Metadata::default(), &mia, now).unwrap();
    for (size, reason) in [(MAX_VALUE, None), (3 * MAX_VALUE, Some(Reason::TooLarge))] {
        let mut item = content.remove(&dev, &name).unwrap();
        item.current.value = SecretBytes::new(vec![b'x'; size]);
        let inserted = content.insert(item, &name, &mia, now);
        assert_eq!(inserted.err().map(|error| error.reason()), reason);
        created(content.clone()).unwrap();
    }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let (mia, mut content) = (UserName::new("mia").unwrap(), Content::default());
    let (device, hash, time) = ("", Hash::ZERO, Time::now());
    let statement = AnchorStatement { user: &mia, device, segment: 1, number: 1, hash, time, roster: 1 };
    let anchor = statement.signed(PrivateKeys::generate().unwrap().sign(&statement.message(&Hash::ZERO)));
    content.anchor("no device", anchor);
    let refused = created(content).unwrap_err();
    assert_eq!(refused.to_string(), "environment dev could not be read again after this");
}

//! Filling in the references in a text. Which items it refers to is known, and logged, before any value is read.
//!
//! - Gives values, after their log entry: `Template::fill`
//! - Gives text without values: `Template::expired`

use super::references::References;
use crate::error::Result;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::secret::SecretBytes;
use crate::template;
use crate::time::Time;
use crate::vault::{Purpose, Session};

/// A text whose references are known. No value has been read yet.
pub struct Template<'a> {
    text: &'a [u8],
    /// What errors call the text.
    shown: &'a str,
    references: References<'a>,
    /// The items that are expired, as `ENV/NAME`.
    pub expired: Vec<String>,
}

impl<'a> Template<'a> {
    /// Finds the items that a text refers to, in these environments; later environments win. Errors call the text `shown`.
    ///
    /// # Errors
    /// A not-found error for an item that none of the environments has; a denied error for a reference to another
    /// environment; a failure for an expired item under strict settings.
    pub fn new(
        text: &'a [u8],
        shown: &'a str,
        session: &'a Session,
        environments: &'a [EnvironmentName],
    ) -> Result<Self> {
        let mut references = References::new(session, environments, Purpose::for_action(Action::Render));
        template::fill(text, shown, 1, |reference| references.want(reference))?;
        let expired = references.expired(Time::now())?;
        Ok(Self { text, shown, references, expired })
    }

    /// Returns the text with the values in place of the references, after logging one entry per environment.
    ///
    /// # Errors
    /// The same as for [`Session::read_all`]; a failure for a value that the text can't hold.
    pub fn fill(self) -> Result<SecretBytes> {
        let values = self.references.read()?;
        template::fill(self.text, self.shown, 1, |reference| values.value(reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn a_text_gets_the_values_it_refers_to_and_the_log_names_them() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/B=2"]);
        let dev = [environment("dev")];
        let template = Template::new(b"a=vault://A;", "file", &sandbox.session, &dev).unwrap();
        assert!(!sandbox.log().iter().any(|line| line.starts_with("render")), "nothing is read yet");
        assert_eq!(template.expired, [""; 0]);
        assert_eq!(&*template.fill().unwrap(), b"a=1;");
        assert_eq!(sandbox.log().last().unwrap(), "render dev A");
    }

    #[test]
    fn a_reference_to_a_missing_item_is_refused_before_any_value_is_read() {
        let sandbox = Sandbox::with(&["dev/A=1"]);
        let dev = [environment("dev")];
        let error = Template::new(b"vault://A\nvault://C", "file", &sandbox.session, &dev).err().unwrap();
        assert!(error.to_string().contains("dev/C"), "{error}");
        assert!(!sandbox.log().iter().any(|line| line.starts_with("render")));
    }
}

//! The logs that show what a user has read.

use crate::error::{Error, Result};
use crate::log::{Action, Exported, Extent, Logs};
use crate::name::UserName;
use crate::vault::Session;

/// Gathers the logs of a user: the log on this device, as far as this session can open it, and exported ones, each with
/// the name of its file. Entries that are in several of them count once.
///
/// A damaged log is no error: its entries count as far as they can be verified, and the front end warns of
/// [`DeviceLog::problem`](crate::log::DeviceLog::problem). Without any log, what the user has read is unknown.
///
/// # Errors
/// A usage error if an exported log belongs to another user; the errors of `exported`; the same as for
/// [`Session::read_log_of`].
pub fn logs(
    session: &Session,
    user: &UserName,
    exported: impl IntoIterator<Item = Result<(String, Exported)>>,
) -> Result<Logs> {
    let mut logs = Logs::default();
    let here = session.read_log_for(Action::Exposure, user, Extent::Whole)?;
    if here.entries > 0 {
        logs.add(user.clone(), here);
    }
    for exported in exported {
        let (file, exported) = exported?;
        if exported.user != *user {
            return Err(Error::usage(format!("{file} is the log of {}, not of {user}", exported.user)));
        }
        logs.add_exported(exported);
    }
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place};

    fn exported(sandbox: &Sandbox) -> Result<(String, Exported)> {
        let text = String::from_utf8(sandbox.session.export_log(Vec::new()).unwrap()).unwrap();
        Ok(("mia.log".to_owned(), sandbox.session.open_exported_log(&text, Extent::Whole)?))
    }

    #[test]
    fn an_entry_in_both_the_local_log_and_an_exported_one_counts_once() {
        let sandbox = Sandbox::with(&["dev/KEY=k"]);
        sandbox.item(&place("dev", "KEY"));
        let exported = exported(&sandbox);
        let logs = logs(&sandbox.session, sandbox.session.user(), [exported]).unwrap();
        assert_eq!(logs.iter().count(), 1);
        let gets = logs.lines().filter(|line| line.as_ref().unwrap().entry.action == Action::Get);
        assert_eq!(gets.count(), 1);
    }

    #[test]
    fn another_users_log_is_refused() {
        let sandbox = Sandbox::with(&["dev/KEY=k"]);
        let ben = UserName::new("ben").unwrap();
        let error = logs(&sandbox.session, &ben, [exported(&sandbox)]).unwrap_err();
        assert_eq!(error.to_string(), "mia.log is the log of mia, not of ben");
        assert!(logs(&sandbox.session, &ben, []).unwrap().is_empty());
    }
}

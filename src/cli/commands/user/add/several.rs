//! Adds all users of a file in one step. Each key is written once, to its own file or as JSON.

use super::{Args, new_user, rights};
use crate::cli::unlocking::context::Context;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::actions::user_add;
use vault::drivers::is_in_work_tree;
use vault::identity::Key;
use vault::name::UserName;
use vault::secret::ExposeSecret as _;
use vault::vault::Edit;
use vault::view::{Keys, User};
use vault::words::plural;
use vault::{Error, Result, fs};
use zeroize::Zeroizing;

pub fn add(args: &Args, context: &Context) -> Result<ExitCode> {
    let users = match (&args.names, &args.name) {
        (Some(file), _) => user_add::listed(&read(file)?, &file.display().to_string(), &rights(args))?,
        (None, name) => name.iter().map(|name| new_user(args, name, args.email.clone())).collect(),
    };
    if args.keys_to.is_none() && !context.ui.json {
        return Err(Error::usage("say where the keys of several users go").hint("--keys-to DIRECTORY, or --json"));
    }
    if context.ui.json && args.keys_to.is_none() {
        context.ui.check_kept("the new users' keys")?;
    }
    let names: Vec<UserName> = users.iter().map(|user| user.name().clone()).collect();
    let mut session = context.key_session()?;
    let mut written = Written::default();
    let added = user_add::add(&mut session, users, |keys, edit| {
        hand_out(keys, args.keys_to.as_deref(), edit, &mut written, context)
    });
    // The users may be saved even if something has failed after that.
    let is_saved =
        |name: &UserName| context.vault_of_any_age().is_ok_and(|vault| vault.roster().state().users.contains_key(name));
    if added.is_ok() || names.first().is_some_and(is_saved) {
        written.keep();
    }
    added?;
    context.show_warnings(session.vault());
    tell(&names, args.keys_to.as_deref(), context);
    Ok(ExitCode::SUCCESS)
}

fn tell(names: &[UserName], directory: Option<&Path>, context: &Context) {
    context.ui.done(&format!("Added {}.", plural(names.len(), "user")));
    let Some(directory) = directory else { return };
    let shown = directory.display();
    context.ui.done(&format!("Each key is in {shown}/NAME.key, and nowhere else."));
    context
        .ui
        .hint("give each person their own file by a channel you trust, then remove it; they run vault join with it");
    if is_in_work_tree(directory) {
        context.ui.warn(&format!("{shown} is in a git work tree: do not commit the keys"));
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    const MOST: usize = 1024 * 1024;
    if file != Path::new("-") {
        return fs::read_named(file, MOST);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(MOST as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::io("read", Path::new("standard input"), &error))?;
    if bytes.len() > MOST {
        return Err(Error::usage(format!("standard input is larger than {} MiB", MOST >> 20)));
    }
    Ok(bytes)
}

/// Writes the keys before the vault is saved. A user must not have a key that nobody got.
fn hand_out(
    keys: &[(UserName, Key)],
    directory: Option<&Path>,
    edit: &Edit<'_>,
    written: &mut Written,
    context: &Context,
) -> Result<()> {
    if let Some(directory) = directory {
        fs::create_private_directory(directory)?;
        for (name, key) in keys {
            written.write(directory.join(format!("{name}.key")), key)?;
        }
    }
    if !context.ui.json {
        return Ok(());
    }
    let texts: Vec<_> = keys.iter().map(|(_, key)| key.to_text()).collect();
    let mut objects = Vec::with_capacity(keys.len());
    for ((name, _), text) in keys.iter().zip(&texts) {
        let user = User::from_state(edit.roster().state(), edit.slots(), name)?;
        // Keys that are in files are not printed as well.
        let key = directory.is_none().then(|| text.expose_secret());
        objects.push(Keys { user, key, recovery_key: None });
    }
    context.ui.json_once(&objects)
}

/// The files that were written. They are removed if the vault can't be saved.
#[derive(Default)]
struct Written(Vec<PathBuf>);

impl Written {
    fn write(&mut self, path: PathBuf, key: &Key) -> Result<()> {
        let text = key.to_text();
        let line = Zeroizing::new(format!("{}\n", text.expose_secret()));
        fs::write_new(&path, line.as_bytes()).map_err(|error| match path.symlink_metadata().is_ok() {
            true => error.hint("nobody was added; name another directory: --keys-to"),
            false => error,
        })?;
        self.0.push(path);
        Ok(())
    }

    fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

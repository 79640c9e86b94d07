//! `--open`: opens the page in a browser, with a code that signs in once.
//!
//! Every user of the machine can see a command line. So the browser gets a file that only this user can read, and the
//! file redirects to the page. The code is in the URL's fragment, which browsers don't send to any server. The page
//! removes it from its address at once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vault::settings::programs::find;
use vault::{Error, Result};

/// The programs that open a file in the user's browser.
const OPENERS: [&str; 2] = if cfg!(target_os = "macos") { ["open", "xdg-open"] } else { ["xdg-open", "wslview"] };

/// A file that redirects to the page. It is removed on drop.
pub struct RedirectFile(PathBuf);

impl RedirectFile {
    /// Writes the file into the user's state directory.
    pub fn write(state: &Path, base: &str, code: &str) -> Result<Self> {
        vault::fs::create_state_directory(state)?;
        let path = state.join(format!("open-{}.html", vault::item::random_id()?));
        vault::fs::write_private(&path, page(base, code).as_bytes())?;
        Ok(Self(path))
    }

    /// Opens the file in the browser.
    pub fn open(&self) -> Result<()> {
        let none = || {
            Error::failed("no program was found that can open a browser")
                .hint("install xdg-utils, or open the address yourself and enter the code")
        };
        let opener = OPENERS.iter().find_map(|name| find(name)).ok_or_else(none)?;
        let mut command = Command::new(&opener);
        // The opener's output must not mix with the output of this program.
        command.arg(&self.0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| Error::io("start", &opener, &error))?;
        // Some openers run until the browser is closed. Without a thread, nobody waits for them, which does no harm.
        let _ = vault::thread::start(vault::thread::STACK, move || child.wait());
        Ok(())
    }
}

impl Drop for RedirectFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Returns the redirecting page. Neither `base` nor `code` has characters that are special in HTML: both are made here.
fn page(base: &str, code: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
        <meta http-equiv=\"refresh\" content=\"0; url={base}/#code={code}\"><title>vault</title>\n"
    )
}

//! `--open`: the page in a browser, with a code that signs in once.
//!
//! What stands on a command line is seen by every user of the machine. So the browser is given a file that only its user
//! can read, and that leads to the page; the code stands in the fragment of that address, which no browser sends anywhere.
//! The page takes it out of its address at once.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vault::settings::Variable;
use vault::{Error, Result};

/// The programs that open a file as its user likes it opened.
const OPENERS: [&str; 2] = if cfg!(target_os = "macos") { ["open", "xdg-open"] } else { ["xdg-open", "wslview"] };

/// A file that leads to the page; it goes when this is dropped.
pub struct Lead(PathBuf);

impl Lead {
    /// Writes it into a directory that is the user's own.
    pub fn write(state: &Path, base: &str, code: &str) -> Result<Self> {
        vault::fs::create_state_directory(state)?;
        let path = state.join(format!("open-{}.html", vault::item::random_id()?));
        vault::fs::write_private(&path, page(base, code).as_bytes())?;
        Ok(Self(path))
    }

    /// Opens it in the browser.
    pub fn open(&self) -> Result<()> {
        let none = || {
            Error::failed("no program was found that can open a browser")
                .hint("install xdg-utils, or open the address yourself and enter the code")
        };
        let opener = OPENERS.iter().find_map(|name| find(name)).ok_or_else(none)?;
        let mut command = Command::new(&opener);
        // What it prints is no part of what this program prints.
        command.arg(&self.0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| Error::io("start", &opener, &error))?;
        // Some of them end only with the browser.
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Base and code are made here, of letters that mean nothing in HTML.
fn page(base: &str, code: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
        <meta http-equiv=\"refresh\" content=\"0; url={base}/#code={code}\"><title>vault</title>\n"
    )
}

/// The program of this name on PATH. What is relative there means whatever directory this was started in, and is left out.
fn find(name: &str) -> Option<PathBuf> {
    let path = Variable::Path.value()?;
    let is_program = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(is_program)
}

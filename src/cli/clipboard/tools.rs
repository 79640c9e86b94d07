//! The programs that use a display's clipboard. None of them gets a value on its command line.

use super::fingerprint::Fingerprint;
use crate::cli::process::bounded::Bounded;
use crate::cli::process::programs::without_keys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;
use vault::settings::programs::find;
use vault::settings::{DisplayServer, Variable, runtime_directory};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// A program and its arguments.
type Line = &'static [&'static str];

/// A program, or a family of programs, that copies to the clipboard, reads it, and clears it.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// The name of this entry.
    pub word: &'static str,
    /// The kind of display that the program needs. `None` for an operating system's own programs.
    display: Option<DisplayServer>,
    /// Copies its standard input.
    copy: Line,
    /// Prints the clipboard's content.
    read: Line,
    /// Clears the clipboard. Its standard input is empty.
    clear: Line,
    /// Whether the input of `copy` and the output of `read` are in Base64. Something between vault and the program
    /// would change other bytes.
    is_base64: bool,
    /// How clipboard managers treat a value that this copies.
    pub discretion: Discretion,
}

/// How well a program keeps a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discretion {
    /// It marks the value, so that clipboard managers don't store it.
    Marks,
    /// It can't mark the value.
    Unmarked,
    /// It can't mark the value, and writes it to a file.
    InFile,
}

const READ_WAYLAND: Line = &["wl-paste", "--no-newline", "--type", "text/plain"];

/// From the best one to the last resort.
pub const ALL: &[Tool] = &[
    // Version 2.3 of wl-clipboard is the first with --sensitive (a hint for KDE's clipboard manager that others
    // respect, too). It also respects TMPDIR for its temporary file, and removes that file at once.
    Tool {
        word: "wl-copy",
        display: Some(DisplayServer::Wayland),
        copy: &["wl-copy", "--sensitive", "--type", "text/plain"],
        read: READ_WAYLAND,
        clear: &["wl-copy", "--clear"],
        is_base64: false,
        discretion: Discretion::Marks,
    },
    Tool {
        word: "xclip",
        display: Some(DisplayServer::X11),
        copy: &["xclip", "-selection", "clipboard", "-in"],
        read: &["xclip", "-selection", "clipboard", "-out"],
        clear: &["xclip", "-selection", "clipboard", "-in"],
        is_base64: false,
        discretion: Discretion::Unmarked,
    },
    Tool {
        word: "xsel",
        display: Some(DisplayServer::X11),
        copy: &["xsel", "--clipboard", "--input"],
        read: &["xsel", "--clipboard", "--output"],
        clear: &["xsel", "--clipboard", "--clear"],
        is_base64: false,
        discretion: Discretion::Unmarked,
    },
    Tool {
        word: "old-wl-copy",
        display: Some(DisplayServer::Wayland),
        copy: &["wl-copy", "--type", "text/plain"],
        read: READ_WAYLAND,
        clear: &["wl-copy", "--clear"],
        is_base64: false,
        discretion: Discretion::InFile,
    },
    // macOS. Clipboard managers respect the type from nspasteboard.org.
    Tool {
        word: "osascript",
        display: None,
        copy: &["osascript", "-l", "JavaScript", "-e", MACOS_COPY],
        read: &["pbpaste"],
        clear: &["pbcopy"],
        is_base64: false,
        discretion: Discretion::Marks,
    },
    Tool {
        word: "pbcopy",
        display: None,
        copy: &["pbcopy"],
        read: &["pbpaste"],
        clear: &["pbcopy"],
        is_base64: false,
        discretion: Discretion::Unmarked,
    },
    // WSL. clip.exe uses the console's code page and can't mark a value.
    Tool {
        word: "powershell",
        display: None,
        copy: &["powershell.exe", "-NoProfile", "-NonInteractive", "-STA", "-Command", WINDOWS_COPY],
        read: &["powershell.exe", "-NoProfile", "-NonInteractive", "-STA", "-Command", WINDOWS_READ],
        clear: &["powershell.exe", "-NoProfile", "-NonInteractive", "-STA", "-Command", WINDOWS_CLEAR],
        is_base64: true,
        discretion: Discretion::Marks,
    },
];

const MACOS_COPY: &str = "\
ObjC.import('AppKit');
const input = $.NSFileHandle.fileHandleWithStandardInput.readDataToEndOfFile;
const text = $.NSString.alloc.initWithDataEncoding(input, $.NSUTF8StringEncoding);
const board = $.NSPasteboard.generalPasteboard;
board.clearContents;
if (!board.setStringForType(text, 'public.utf8-plain-text')) throw new Error('not copied');
if (!board.setStringForType('', 'org.nspasteboard.ConcealedType')) throw new Error('not marked');";

/// These formats tell Windows to keep a value out of the clipboard's history, the cloud, and other programs' lists
/// (Microsoft, Clipboard Formats).
const WINDOWS_COPY: &str = "\
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Windows.Forms
$text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadToEnd()))
$data = New-Object Windows.Forms.DataObject
$data.SetText($text)
foreach ($format in 'ExcludeClipboardContentFromMonitorProcessing', 'CanIncludeInClipboardHistory', 'CanUploadToCloudClipboard') {
    $data.SetData($format, [IO.MemoryStream]::new([byte[]](0, 0, 0, 0)))
}
[Windows.Forms.Clipboard]::SetDataObject($data, $true)";

const WINDOWS_READ: &str = "\
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Windows.Forms
[Console]::Out.Write([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([Windows.Forms.Clipboard]::GetText())))";

const WINDOWS_CLEAR: &str = "\
Add-Type -AssemblyName System.Windows.Forms
[Windows.Forms.Clipboard]::Clear()";

impl Tool {
    /// Returns the name of the program that copies.
    pub fn program(&self) -> &'static str {
        self.copy[0]
    }

    /// Returns whether the programs and their display are available. Over ssh, the operating system's own clipboard is
    /// not that of the person.
    pub(super) fn is_there(&self) -> bool {
        let is_display_there = match self.display {
            Some(display) => display.is_there(),
            None => Variable::SshConnection.filled().is_none(),
        };
        is_display_there && [self.copy, self.read, self.clear].iter().all(|line| find(line[0]).is_some())
    }

    pub(super) fn copy(&self, text: &str) -> Result<(), Uncopied> {
        let encoded = match self.is_base64 {
            true => Zeroizing::new(STANDARD.encode(text)),
            false => Zeroizing::new(text.to_owned()),
        };
        run(self.copy, encoded.as_bytes())
    }

    /// Clears the clipboard if it still holds what was copied. Other content is left alone.
    pub(super) fn clear(&self, copied: &Fingerprint) {
        if self.holds(copied) {
            let _ = run(self.clear, b"");
        }
    }

    fn holds(&self, copied: &Fingerprint) -> bool {
        // Base64 is a third longer, and a line end may follow.
        let limit = if self.is_base64 { copied.length() / 3 * 4 + 8 } else { copied.length() };
        let Some(text) = printed(self.read, limit) else { return false };
        match self.is_base64 {
            true => STANDARD.decode(text.trim_ascii()).is_ok_and(|text| copied.is_of(&Zeroizing::new(text))),
            false => copied.is_of(&text),
        }
    }
}

/// How long one of these programs may take. A display that hangs would keep it waiting forever.
fn patience(line: &[&str]) -> Duration {
    // Windows may have to load the program and its libraries first.
    Duration::from_secs(if line[0].ends_with(".exe") { 20 } else { 5 })
}

/// Returns what a program prints; `None` if it fails or is not done in its time.
fn printed(line: &[&str], limit: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut program = Bounded::heard(command(line)?, patience(line)).ok()?;
    let printed = program.read(limit).ok()?;
    program.wait().is_ok_and(|status| status.success()).then_some(printed)
}

/// Returns a command that runs one of these programs. It is found in PATH, gets nothing that opens a vault, and prints
/// nothing. A program that serves a selection keeps running, and must not hold vault's output open.
pub(super) fn command(line: &[&str]) -> Option<Command> {
    let mut command = without_keys(find(line[0])?);
    command.args(&line[1..]).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    if line[0].starts_with("pb") {
        // Without this, they take text for MacRoman.
        command.env("LC_ALL", "en_US.UTF-8");
    }
    if let Some(memory) = runtime_directory().filter(|path| path.is_dir()) {
        command.env("TMPDIR", memory);
    }
    Some(command)
}

/// Why a program has not copied a text.
pub(super) struct Uncopied {
    pub error: Error,
    /// Whether the program was killed because it took too long. It may have copied the text before.
    pub is_late: bool,
}

/// Runs a program with this standard input.
pub(super) fn run(line: &[&str], input: &[u8]) -> Result<(), Uncopied> {
    const INSTEAD: &str = "to write a file: vault get NAME -o FILE";
    let (name, patience) = (line[0], patience(line));
    let cannot = |why: &str| Error::failed(format!("{name} could not copy: {why}"));
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::TimedOut => Uncopied {
            error: cannot(&format!("it did not end within {} seconds", patience.as_secs()))
                .hint(format!("does the display still answer? {INSTEAD}")),
            is_late: true,
        },
        _ => cannot(&vault::error::reason(&error)).hint(INSTEAD).into(),
    };
    let command = command(line).ok_or_else(|| cannot("it is not installed").hint(INSTEAD))?;
    let mut program = Bounded::fed(command, patience).map_err(failed)?;
    let written = program.write(input);
    let status = program.wait().map_err(failed)?;
    match status.success() {
        // A program that succeeds without reading its input has copied nothing.
        true => written.map_err(failed),
        false => Err(cannot(&status.to_string()).hint(format!("is the display still there? {INSTEAD}")).into()),
    }
}

impl From<Error> for Uncopied {
    fn from(error: Error) -> Self {
        Self { error, is_late: false }
    }
}

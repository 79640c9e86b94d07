//! The commands that are tested with their log entries, and those that are not.

/// A command line, and its log entries.
#[derive(Clone, Copy)]
pub struct Row {
    /// The command's man page, without `vault-`.
    pub page: &'static str,
    pub arguments: &'static [&'static str],
    pub input: &'static str,
    /// The entries as `action environment items`, one per environment. Empty if only names and dates are shown.
    pub logged: &'static [&'static str],
    /// The exit code if the command succeeds.
    pub done: i32,
    /// The exit code if the command is refused. `None` if somebody without rights only sees less.
    pub refused: Option<i32>,
    /// What is run before, on the same device.
    pub before: &'static [&'static str],
}

impl Row {
    /// Returns the action that the command is refused as.
    pub fn action(&self) -> &'static str {
        match (self.logged, self.page) {
            ([.., last], _) => last.split(' ').next().unwrap(),
            ([], "status") => "list",
            ([], "git-textconv") => "diff",
            ([], "log-show" | "log-stats" | "log-verify") => "log",
            ([], page) => page,
        }
    }

    /// Returns whether its entries name an environment.
    pub fn names_environments(&self) -> bool {
        self.logged.iter().all(|entry| entry.split(' ').nth(1) != Some(""))
    }
}

const fn row(page: &'static str, arguments: &'static [&'static str], logged: &'static [&'static str]) -> Row {
    Row { page, arguments, input: "", logged, done: 0, refused: Some(5), before: &[] }
}

const fn with_input(input: &'static str, row: Row) -> Row {
    Row { input, ..row }
}

const fn done_with(done: i32, row: Row) -> Row {
    Row { done, ..row }
}

const fn refused_with(code: i32, row: Row) -> Row {
    Row { refused: Some(code), ..row }
}

const fn exec(arguments: &'static [&'static str], logged: &'static [&'static str]) -> Row {
    refused_with(125, row("exec", arguments, logged))
}

const fn after(before: &'static [&'static str], row: Row) -> Row {
    Row { before, ..row }
}

const fn never_refused(row: Row) -> Row {
    Row { refused: None, ..row }
}

pub const ROWS: &[Row] = &[
    with_input("new", row("set", &["set", "dev/NEW"], &["set dev NEW"])),
    // The value is unchanged. Saying so would confirm a guess, so it is logged.
    with_input("dev-value", row("set", &["set", "dev/KEY"], &["set dev KEY"])),
    row("set", &["set", "dev/KEY", "--note", "n"], &["set dev KEY"]),
    row("get", &["get", "dev/KEY"], &["get dev KEY"]),
    row("get", &["get", "dev/KEY", "--json"], &["get dev KEY"]),
    row("get", &["get", "dev/KEY", "--version", "1"], &["get dev KEY"]),
    row("list", &["list", "-e", "dev"], &["list dev PORT"]),
    row("list", &["list", "-e", "dev", "--values", "--json"], &["list dev DUE,KEY,PORT"]),
    never_refused(row("list", &["list", "--due", "--values"], &["list dev DUE"])),
    row("rm", &["rm", "-y", "dev/KEY"], &["remove dev KEY"]),
    row("mv", &["mv", "dev/KEY", "prod/MOVED"], &["move dev KEY", "move prod MOVED"]),
    row("cp", &["cp", "dev/KEY", "dev/COPY"], &["copy dev KEY,COPY"]),
    row("edit", &["edit", "dev/KEY"], &["edit dev KEY"]),
    row("edit", &["edit", "-e", "dev"], &["edit dev DUE,KEY,PORT"]),
    row("history", &["history", "dev/KEY"], &[]),
    row("history", &["history", "dev/KEY", "--values"], &["history dev KEY"]),
    row("rollback", &["rollback", "dev/KEY", "--version", "1"], &["rollback dev KEY"]),
    row("rotate", &["rotate", "dev/KEY", "--generate"], &["rotate dev KEY"]),
    row("rotate", &["rotate", "dev/KEY", "--command", "echo new"], &["rotate-command dev KEY by sh", "rotate dev KEY"]),
    exec(&["exec", "-e", "dev", "--", "true"], &["exec dev DUE,KEY,PORT by true"]),
    exec(&["exec", "-e", "dev", "--only", "PORT", "--stdin", "KEY", "--", "true"], &["exec dev KEY,PORT by true"]),
    exec(
        &["exec", "-e", "dev", "--only", "PORT", "--env-file", "refers", "--", "true"],
        &["exec dev PORT,KEY by true"],
    ),
    refused_with(125, row("shell", &["shell", "-e", "dev"], &["exec dev DUE,KEY,PORT by sh"])),
    // A prompt must appear even after an error.
    refused_with(
        0,
        after(&["allow"], row("hook-env", &["hook-env", "bash", "-e", "dev"], &["hook dev DUE,KEY,PORT by bash"])),
    ),
    // Anybody may run its second example.
    row("env-add", &["env", "add", "new"], &["env-add new "]),
    row("env-copy", &["env", "copy", "dev", "prod", "--only", "PORT"], &["env-copy dev PORT", "env-copy prod PORT"]),
    row("env-copy", &["env", "copy", "dev", "prod", "--dry-run"], &["env-copy dev ", "env-copy prod "]),
    row("env-copy", &["env", "copy", "dev", "prod", "--only", "KEY"], &["env-copy dev ", "env-copy prod "]),
    row("import", &["import", "-e", "dev", "new.env"], &["import dev NEW"]),
    // Both show whether a guess is right.
    row("import", &["import", "-e", "dev", "same.env", "--dry-run"], &["import dev KEY"]),
    row("import", &["import", "-e", "dev", "same.env"], &["import dev KEY"]),
    row("import", &["import", "-e", "dev", "same.env", "--delete-source"], &["import dev KEY", "import dev KEY"]),
    row("export", &["export", "-e", "dev"], &["export dev DUE,KEY,PORT"]),
    row("render", &["render", "-e", "dev", "refers"], &["render dev KEY"]),
    done_with(1, row("scan", &["scan", "-e", "dev", "."], &["scan dev "])),
    row("scan", &["scan", "-e", "dev", "--staged"], &["scan dev "]),
    row("scan", &["scan", "-e", "dev", "--history"], &["scan dev "]),
    never_refused(done_with(1, row("scan", &["scan", "."], &["scan dev ", "scan prod "]))),
    never_refused(done_with(1, row("doctor", &["doctor"], &["doctor dev ", "doctor prod "]))),
    never_refused(row("diff", &["diff", "HEAD"], &[])),
    never_refused(row("git-textconv", &["git", "textconv", "secrets.vault"], &[])),
    never_refused(row("diff", &["diff", "HEAD", "--values"], &["diff dev DUE,KEY,PORT", "diff prod KEY"])),
    row("merge", &["merge", "base", "ours", "theirs", "-o", "merged"], &["merge dev ", "merge dev A,B"]),
    refused_with(
        1,
        row("merge", &["merge", "--driver", "base", "ours", "theirs", "x"], &["merge dev ", "merge dev A,B"]),
    ),
    never_refused(row("exposure", &["exposure", "mia"], &["exposure  "])),
    never_refused(row("status", &["status"], &[])),
    never_refused(row("log", &["log", "--item", "dev/KEY"], &[])),
    never_refused(row("log-show", &["log", "show", "--all-users"], &[])),
    never_refused(row("log-stats", &["log", "stats"], &[])),
    never_refused(row("log-verify", &["log", "verify"], &[])),
    never_refused(row("log-export", &["log", "export"], &["log-export  "])),
    row("user-add", &["user", "add", "new", "--read", "dev"], &["user-add  "]),
    row("user-renew", &["user", "renew", "mia"], &["user-renew  "]),
    row("revoke", &["revoke", "ben", "dev"], &["revoke dev "]),
];

/// Commands that are tested here only with a damaged vault. Their other tests are below, in `undo.rs` and in
/// `faults/log_archive.rs`.
pub const DAMAGED: &[Row] = &[
    row("passwd", &["passwd", "--key"], &["passwd  "]),
    row("log-archive", &["log", "archive", "--before", "2100-01-01", "-o", "archive"], &["log-archive dev "]),
    after(&["set", "dev/PORT=2"], row("undo", &["undo"], &["undo dev PORT"])),
    after(
        &["env", "protect", "prod"],
        row("env-unprotect", &["env", "unprotect", "prod", "--reason", "a test"], &["env-unprotect prod "]),
    ),
];

/// Commands that write an entry and decrypt no environment. Their tests are in `agent.rs`.
pub const ELSEWHERE: [&str; 2] = ["unlock", "lock"];

/// Commands that decrypt no environment.
pub const DECRYPT_NOTHING: &[&str] = &[
    "agent-process",
    "clear-clipboard",
    "allow",
    "deny",
    "init",
    "env",
    "env-list",
    "user",
    "user-list",
    "user-history",
    "generate",
    "hook",
    "verify",
    "git",
    "git-setup",
    "serve",
    "serve-sessions",
    "demo",
    "schema",
    "completions",
    "man",
    "help",
];

/// Commands without a man page. A unit test of the command line checks that the list is complete.
pub const HIDDEN: [&str; 4] = ["hook-env", "agent-process", "clear-clipboard", "git-textconv"];

//! Two examples for each command, which its `--help` and its man page end with.

/// A line to type, and what it does.
pub type Example = (&'static str, &'static str);

/// By the command's words.
const EXAMPLES: &[(&str, [Example; 2])] = &[
    (
        "init",
        [
            ("vault init --import .env", "Create a vault from the values in .env"),
            ("vault init -e dev -e prod", "Create one with two environments"),
        ],
    ),
    (
        "set",
        [
            ("vault set STRIPE_KEY", "Ask for the value, and store it"),
            ("vault set prod/SESSION_KEY --generate=32 --expires 90d", "Store a random value that expires"),
        ],
    ),
    (
        "get",
        [
            ("vault get prod/STRIPE_KEY", "Print the value in prod"),
            ("vault get STRIPE_KEY --clip", "Copy it to the clipboard for 30 seconds"),
        ],
    ),
    (
        "list",
        [
            ("vault list stripe", "Find items in every environment"),
            ("vault list prod --stale 90d", "List the items of prod whose values are older than 90 days"),
        ],
    ),
    (
        "rm",
        [
            ("vault rm OLD_KEY", "Remove an item, after a question"),
            ("vault rm -y dev/A dev/B", "Remove two items without one"),
        ],
    ),
    (
        "mv",
        [
            ("vault mv DB_PASS DB_PASSWORD", "Rename an item"),
            ("vault mv dev/SMTP_KEY prod/SMTP_KEY", "Move it to another environment"),
        ],
    ),
    (
        "cp",
        [
            ("vault cp dev/PORT prod/PORT", "Copy an item to another environment"),
            ("vault cp API_URL API_URL_OLD", "Copy it under another name"),
        ],
    ),
    (
        "edit",
        [
            ("vault edit -e prod", "Edit the environment prod in your editor"),
            ("vault edit TLS_KEY", "Edit one value, which may have several lines"),
        ],
    ),
    (
        "history",
        [
            ("vault history prod/STRIPE_KEY", "List who changed the value, and when"),
            ("vault history PORT --values", "Show the earlier values, too"),
        ],
    ),
    (
        "diff",
        [
            ("vault diff", "Show what changed since the last commit"),
            ("vault diff main --exit-code", "Compare with a branch; exit code 1 if anything differs"),
        ],
    ),
    (
        "rollback",
        [
            ("vault rollback PORT", "Go back to the value before the current one"),
            ("vault rollback prod/STRIPE_KEY --version 3", "Go back to version 3"),
        ],
    ),
    ("undo", [("vault undo --dry-run", "Show what would be undone"), ("vault undo", "Undo it")]),
    (
        "rotate",
        [
            ("vault rotate prod/SESSION_KEY --generate", "Replace a value with a random one"),
            ("vault rotate DB_PASSWORD --command ./new-password.sh", "Replace it with what a command prints"),
        ],
    ),
    (
        "exec",
        [
            ("vault exec -- npm start", "Run a program with the values of the usual environment"),
            ("vault exec -e prod --only 'AWS_*' -- aws s3 ls", "Run one with some values of prod"),
        ],
    ),
    (
        "shell",
        [
            ("vault shell", "Start a shell with the values of the usual environment"),
            ("vault shell -e prod --mask", "Start one with the values of prod, and mask secrets in its output"),
        ],
    ),
    ("env", [("vault env list", "List the environments, and who reads them"), ("vault env add staging", "Add one")]),
    (
        "env list",
        [("vault env list", "List all environments"), ("vault env list --reader ana", "List those that ana reads")],
    ),
    (
        "env add",
        [
            ("vault env add staging", "Add an environment that all admins read and write"),
            ("vault env add mine --private", "Add one that only you read"),
        ],
    ),
    (
        "env rm",
        [
            ("vault env rm staging", "Remove an environment, after a question"),
            ("vault env rm -y preview-17", "Remove one without a question"),
        ],
    ),
    (
        "env protect",
        [
            ("vault env protect prod", "Ask before values of prod are used"),
            ("vault exec -e prod --reason 'release 7' -- ./deploy", "Use them where nobody can be asked, as in CI"),
        ],
    ),
    (
        "env unprotect",
        [
            ("vault env unprotect preview", "Unprotect it, after a question"),
            (
                "vault env unprotect preview --reason 'moved to prod'",
                "Unprotect it where nobody can be asked, as in a script",
            ),
        ],
    ),
    (
        "env copy",
        [
            ("vault env copy dev staging", "Copy all items of dev to staging, which may be new"),
            ("vault env copy dev prod --only PORT,LOG_LEVEL", "Copy two items"),
        ],
    ),
    (
        "env diff",
        [
            ("vault env diff dev prod", "Show which items differ between dev and prod"),
            ("vault env diff dev prod --json", "Print the same for a program"),
        ],
    ),
    (
        "import",
        [
            ("vault import .env --delete-source", "Import a file, and remove it once the vault has its values"),
            ("op item get Stripe --format json | vault import - -e prod", "Import what another program prints"),
        ],
    ),
    (
        "export",
        [
            ("vault export -f json", "Print all values as JSON"),
            (
                "vault export -e prod -f k8s --name app | kubectl apply -f -",
                "Hand them to Kubernetes as a Secret called app",
            ),
        ],
    ),
    (
        "user",
        [
            ("vault user list", "List users and their rights"),
            ("vault user add ana --write dev --read prod", "Add a user"),
        ],
    ),
    ("user list", [("vault user list", "List all users"), ("vault user list -e prod", "List who reads prod")]),
    (
        "user add",
        [
            ("vault user add ana --write dev --read prod", "Add a person, who then runs vault join"),
            ("vault user add ci --read prod", "Add a machine, which uses the key as VAULT_KEY"),
        ],
    ),
    ("user rm", [("vault exposure ana", "See first what ana could read"), ("vault user rm ana", "Remove the user")]),
    (
        "user role",
        [
            ("vault user role ana admin", "Let ana add users and give rights"),
            ("vault user role ana member", "Make ana a member again"),
        ],
    ),
    (
        "user renew",
        [
            ("vault user renew ci", "Print a second key for a machine"),
            ("vault user renew ci --finish", "Remove the first one, once every job has the second"),
        ],
    ),
    (
        "user history",
        [
            ("vault user history", "List all changes of users and rights"),
            ("vault user history ana", "List those of ana"),
        ],
    ),
    (
        "grant",
        [
            ("vault grant ana prod", "Let ana read prod"),
            ("vault grant ana dev:write staging:write", "Let her change dev and staging"),
        ],
    ),
    (
        "revoke",
        [
            ("vault revoke ana prod", "Revoke all rights on prod"),
            ("vault revoke ana dev staging", "Revoke all rights on two environments"),
        ],
    ),
    (
        "join",
        [
            ("vault join", "Choose a passphrase, with the key that an admin gave you"),
            ("vault join --request --user ana", "Make keys, and print the line that an admin adds you with"),
        ],
    ),
    (
        "exposure",
        [
            ("vault exposure ana", "List the values that ana could read"),
            ("vault exposure ana ana.log", "Add what an exported log says she read"),
        ],
    ),
    (
        "render",
        [
            ("vault render nginx.conf.tmpl -o nginx.conf", "Write a file with the values filled in"),
            ("vault render -e prod app.yaml.tmpl | kubectl apply -f -", "Hand it to another program"),
        ],
    ),
    (
        "check",
        [
            ("vault check", "Compare with .env.example"),
            (
                "vault check -e prod --against compose.yaml --no-extra",
                "Compare prod with a compose file, and fail for unused items",
            ),
        ],
    ),
    (
        "scan",
        [
            ("vault scan", "Look for values in this directory"),
            ("vault scan --install-hook", "Make git refuse commits that hold a value"),
        ],
    ),
    (
        "generate",
        [
            ("vault generate 32", "Print 32 random characters"),
            ("vault generate --words", "Print a passphrase of words"),
        ],
    ),
    (
        "unlock",
        [
            ("vault unlock", "Unlock for an hour, or until it is unused for 15 minutes"),
            ("vault unlock --for 8h", "Unlock for a working day"),
        ],
    ),
    ("lock", [("vault lock", "Stop the agent of this vault"), ("vault lock --all", "Stop the agents of all vaults")]),
    ("hook", [("vault hook bash", "Print the hook for bash"), ("vault hook fish | source", "Try it in this fish")]),
    (
        "allow",
        [
            ("vault allow", "Let shells with the hook use the vault of this directory"),
            ("vault allow --name NODE_OPTIONS -e dev", "Give programs a variable that can make them load code"),
        ],
    ),
    (
        "deny",
        [
            ("vault deny", "Stop shells from using the vault"),
            ("vault deny --name NODE_OPTIONS", "Ask again for a name, in every environment"),
        ],
    ),
    (
        "passwd",
        [
            ("vault passwd", "Choose another passphrase"),
            ("vault passwd --new-passphrase-fd 3 3<new", "Take it from a file"),
        ],
    ),
    (
        "recovery",
        [
            ("vault recovery", "Print a new recovery key"),
            ("vault recovery --user ana", "Print one where several users have a passphrase"),
        ],
    ),
    (
        "status",
        [
            ("vault status", "Show which vault this is, and what is due"),
            ("vault status --short", "Print a few words for a prompt"),
        ],
    ),
    (
        "doctor",
        [
            ("vault doctor", "Check for problems"),
            ("vault doctor -e prod --json", "Check only the values of prod, for a program"),
        ],
    ),
    (
        "verify",
        [("vault verify", "Check the file"), ("vault verify --since origin/main", "Check what a branch changed")],
    ),
    (
        "log",
        [("vault log -n 20", "Show the last 20 entries"), ("vault log --follow", "Show entries as they are written")],
    ),
    (
        "log show",
        [
            ("vault log show --item prod/STRIPE_KEY --since 7d", "Show who used an item in a week"),
            ("vault log show ana.log --json", "Show an exported log, for a program"),
        ],
    ),
    (
        "log stats",
        [
            ("vault log stats", "Count all uses"),
            ("vault log stats --since 30d --item prod/STRIPE_KEY", "Count those of an item in a month"),
        ],
    ),
    (
        "log verify",
        [("vault log verify", "Check your log on this device"), ("vault log verify ana.log", "Check an exported one")],
    ),
    (
        "log export",
        [
            ("vault log export -o mia.log", "Write your log for the admins"),
            ("vault log export --for ben mia.log -o for-ben.log", "Seal it for a new admin"),
        ],
    ),
    (
        "log archive",
        [
            ("vault log archive --before 2026-01-01 -o 2025.log", "Move old entries into a file"),
            ("vault log show 2025.log", "Read them there"),
        ],
    ),
    (
        "git",
        [
            ("vault git setup", "Let git merge and show the file by item"),
            ("git diff secrets.vault", "See changes by item from then on"),
        ],
    ),
    ("git setup", [("vault git setup", "Configure this clone"), ("vault git setup --remove", "Undo that")]),
    (
        "merge",
        [
            ("vault merge", "Merge what git couldn't"),
            ("vault merge --ours 'prod/*' --theirs dev/PORT", "Decide conflicts by name"),
        ],
    ),
    ("demo", [("vault demo", "Show the main commands"), ("vault demo | less", "Read them page by page")]),
    (
        "serve",
        [
            ("vault serve --code", "Serve the vault, and sign in whoever starts it"),
            ("vault serve --listen 127.0.0.1:8080", "Serve it on a port of your choice"),
        ],
    ),
    (
        "serve sessions",
        [("vault serve sessions", "Show who is signed in"), ("vault serve sessions --end 3f9a01c2", "End a session")],
    ),
    ("schema", [("vault schema", "Print the schema"), ("vault schema > vault.schema.json", "Keep it in a file")]),
    (
        "completions",
        [
            ("vault completions --install", "Put the script where your shell looks"),
            ("vault completions zsh", "Print the script for zsh"),
        ],
    ),
    (
        "man",
        [("vault man exec", "Read about a command"), ("vault man format", "Read what every byte of the file means")],
    ),
    ("help", [("vault help", "List all commands"), ("vault help env add", "Read about one")]),
];

/// Those of a command, by its words.
pub fn of(words: &str) -> Option<&'static [Example; 2]> {
    EXAMPLES.iter().find(|(of, _)| *of == words).map(|(_, examples)| examples)
}

/// The last paragraph of the help.
pub fn text(examples: &[Example]) -> String {
    let mut text = String::from("Examples:");
    for (line, what) in examples {
        text += &format!("\n  {line}\n          {what}\n");
    }
    text.trim_end().to_owned()
}

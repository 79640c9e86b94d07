//! docs/ci.md is accurate: this test runs its commands, except for those that need a service.

use crate::harness::{Run, Sandbox, feed, finish, has, program};
use crate::readme::{Step, check, steps_of};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../docs/ci.md");

/// Returns the code block in this language under this heading.
fn block(heading: &str, language: &str) -> String {
    let section = PAGE.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let block = section.split_once(&format!("```{language}\n")).unwrap().1;
    block.split_once("```").unwrap().0.to_owned()
}

/// A repository with a vault of dev and prod, a machine user that reads prod, and programs that print the variables
/// they get.
struct Job {
    sandbox: Sandbox,
    key: String,
    pin: String,
}

impl Job {
    fn new() -> Self {
        let sandbox = Sandbox::with_environments(&["dev", "prod"]);
        for name in ["DATABASE_URL", "NPM_TOKEN"] {
            sandbox.set(&format!("prod/{name}"), format!("prod-{name}").as_bytes());
            sandbox.set(&format!("dev/{name}"), format!("dev-{name}").as_bytes());
        }
        let key = sandbox.run(["user", "add", "ci", "--read", "prod"]).ok().text().trim().to_owned();
        let pin = sandbox.run(["status", "--pin"]).ok().text().trim().to_owned();
        for name in ["deploy.sh", "build.sh", "job.sh", "server", "migrate.sh"] {
            let path = sandbox.write(name, "#!/bin/sh\necho \"$0 $DATABASE_URL $NPM_TOKEN ${VAULT_KEY-}\"\n");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { sandbox, key, pin }
    }

    /// Runs `sh` on a machine that has never seen the vault and has no key.
    fn shell(&self, script: &str) -> Command {
        let mut shell = self.sandbox.other("sh", ["-ec", script]);
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        shell.env_remove("VAULT_KEY").env("VAULT_STATE_DIR", self.sandbox.home().join("runner"));
        shell
    }

    fn key_file(&self, name: &str, mode: u32) -> String {
        let path = self.sandbox.write(name, format!("{}\n", self.key));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    }

    /// Runs the lines of a job with the key and pin in variables, and checks the log.
    fn run_lines(&self, lines: &[String]) {
        assert!(lines.len() == 3, "{lines:?}");
        let mut shell = self.shell(&lines.join("\n"));
        shell.env("VAULT_KEY", &self.key).env("VAULT_PIN", &self.pin).env("VAULT_STRICT", "1");
        let run = finish(shell).ok();
        assert!(run.text().contains("./deploy.sh prod-DATABASE_URL prod-NPM_TOKEN \n"), "{run:?}");
        let log = self.sandbox.run(["log", "show", "vault-log.age"]).ok().text();
        assert!(log.contains("exec") && log.contains("deploy.sh"), "{log}");
    }
}

fn got(run: &Run, program: &str) {
    assert!(run.text().contains(&format!("{program} prod-DATABASE_URL")), "{run:?}");
}

#[test]
fn the_commands_of_the_github_workflow_and_the_gitlab_job_run() {
    let job = Job::new();
    let workflow = block("GitHub Actions", "yaml");
    let steps: Vec<_> = workflow.split("\n      - ").collect();
    assert!(!steps[0].contains("VAULT_KEY"), "{workflow}");
    let mut lines = Vec::new();
    for step in &steps[1..] {
        let line = step.lines().next().unwrap().strip_prefix("run: ");
        let has_key = step.contains("VAULT_KEY: ${{ secrets.VAULT_KEY }}");
        // A step that doesn't get the key can't leak it.
        assert_eq!(has_key, line.is_some_and(|line| line.contains("exec") || line.contains("export")), "{step}");
        let without = if has_key { "" } else { "env -u VAULT_KEY " };
        lines.extend(line.map(|line| format!("{without}{line}")));
    }
    job.run_lines(&lines);
    let pipeline = block("GitLab CI", "yaml");
    let lines = pipeline.lines().filter_map(|line| line.strip_prefix("    - "));
    job.run_lines(&lines.filter(|line| line.starts_with("vault")).map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn the_pull_request_check_fails_until_every_variable_is_set() {
    if !has("jq") {
        return;
    }
    let job = Job::new();
    job.sandbox.write(".env.example", "DATABASE_URL=\nNPM_TOKEN=\nPORT=3000\n");
    let heading = "Check that nothing is missing";
    let workflow = block(heading, "yaml");
    let command = workflow.lines().find_map(|line| line.trim().strip_prefix("- run: ")).unwrap();
    let check = |command: &str| {
        let mut shell = job.shell(command);
        shell.env("VAULT_KEY", &job.key);
        finish(shell)
    };
    let run = check(command);
    assert_eq!((run.code, run.text().as_str()), (1, "missing  prod/PORT  .env.example:3\n"));
    job.sandbox.run(["set", "prod/PORT=3000", "--expires", "10d"]).ok();
    check(command).ok();
    let run = check(&block(heading, "sh")).ok();
    assert!(run.text().starts_with("PORT 20") && run.text().lines().count() == 1, "{run:?}");
}

#[test]
fn the_workflows_are_yaml() {
    if !has("python3") || !Command::new("python3").args(["-c", "import yaml"]).status().unwrap().success() {
        return;
    }
    for heading in ["Check that nothing is missing", "GitHub Actions", "GitLab CI"] {
        let mut python = Command::new("python3");
        python.args(["-c", "import sys, yaml; assert isinstance(yaml.safe_load(sys.stdin), dict)"]);
        python.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        feed(python, block(heading, "yaml").as_bytes()).ok();
    }
}

#[test]
fn the_commands_of_the_image_run_with_a_mounted_key() {
    let job = Job::new();
    let key = job.key_file("vault_key", 0o444);
    let state = job.sandbox.home().join("layer").display().to_string();
    let dockerfile = block("Docker", "dockerfile").replace("/run/secrets/vault_key", &key).replace("/state", &state);
    let step = dockerfile.split_once("RUN ").unwrap().1.split_once("\nENV").unwrap().0.replace("\\\n", " ");
    let command = step.split_whitespace().filter(|word| !word.starts_with("--mount=")).collect::<Vec<_>>().join(" ");
    let run = finish(job.shell(&command)).ok().says("can be read by other users");
    assert_eq!(run.text(), "./build.sh  prod-NPM_TOKEN \n");
    let list = |name: &str| -> Vec<String> {
        let line = dockerfile.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let command = [list("ENTRYPOINT "), list("CMD ")].concat().join(" ");
    let mut container = job.shell(&command);
    container.env("VAULT_KEY_FILE", &key);
    got(&finish(container).ok(), "./server");
}

#[test]
fn the_crontab_line_runs_in_crons_environment() {
    let job = Job::new();
    let line = block("cron", "crontab");
    let command = line.split_whitespace().skip(5).collect::<Vec<_>>().join(" ");
    let command = command
        .replace("/srv/app", &job.sandbox.project().display().to_string())
        .replace("/etc/vault/app.key", &job.key_file("app.key", 0o600))
        .replace("/usr/local/bin/vault", &program().display().to_string());
    let mut cron = Command::new("/bin/sh");
    cron.args(["-c", &command]).env_clear().current_dir(job.sandbox.home());
    cron.env("HOME", job.sandbox.home()).env("LOGNAME", "app").env("SHELL", "/bin/sh").env("PATH", "/usr/bin:/bin");
    let run = finish(cron).ok();
    got(&run, "./job.sh");
    // cron would mail anything on standard error.
    assert!(
        run.stderr.lines().all(|line| line.starts_with("warning: first use of this vault on this device")),
        "{run:?}"
    );
}

#[test]
fn the_systemd_unit_is_valid_and_its_command_runs_in_systemds_environment() {
    let job = Job::new();
    let unit = block("systemd", "ini");
    let here = job.sandbox.project().display().to_string();
    let unit = unit
        .replace("/srv/app", &here)
        .replace("/etc/vault/app.key", &job.key_file("app.key", 0o600))
        .replace("/usr/local/bin/vault", &program().display().to_string());
    if has_systemd_analyze() {
        let path = job.sandbox.write("app.service", &unit);
        let mut verify = Command::new("systemd-analyze");
        verify.args(["verify", "--man=no", path.to_str().unwrap()]);
        let run = finish(verify);
        let about_it: Vec<_> = run.stderr.lines().filter(|line| line.contains("app.service")).collect();
        assert!(about_it.is_empty(), "{run:?}");
    }
    let values = |key: &str| -> Vec<String> {
        unit.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect()
    };
    let credentials = job.sandbox.home().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    let credential = values("LoadCredential=").pop().unwrap();
    let (name, from) = credential.split_once(':').unwrap();
    std::fs::copy(from, credentials.join(name)).unwrap();
    std::fs::set_permissions(credentials.join(name), std::fs::Permissions::from_mode(0o400)).unwrap();
    let start = values("ExecStart=").pop().unwrap();
    let mut words = start.split_whitespace();
    let mut service = Command::new(words.next().unwrap());
    service.args(words).env_clear().current_dir(Path::new("/"));
    service.env("PATH", "/usr/bin:/bin").env("CREDENTIALS_DIRECTORY", &credentials);
    service.env("STATE_DIRECTORY", job.sandbox.home().join("state-of-app"));
    for variable in values("Environment=") {
        let (name, value) = variable.split_once('=').unwrap();
        service.env(name, value.replace("%d", credentials.to_str().unwrap()));
    }
    got(&finish(service).ok(), &format!("{here}/server"));
    assert!(job.sandbox.home().join("state-of-app").is_dir());
}

fn has_systemd_analyze() -> bool {
    let found = Command::new("systemd-analyze").arg("--version").output().is_ok();
    if !found {
        println!("skipped: systemd-analyze is not installed");
    }
    found
}

#[test]
fn the_makefile_runs() {
    if !has("make") {
        return;
    }
    let job = Job::new();
    job.sandbox.write("Makefile", block("Makefile", "make"));
    let make = |arguments: &str| {
        let mut shell = job.shell(&format!("make -s {arguments}"));
        shell.env("VAULT_KEY", job.sandbox.key());
        finish(shell).ok().text()
    };
    assert_eq!(make("run"), "./server dev-DATABASE_URL dev-NPM_TOKEN \n");
    assert_eq!(make("migrate ENV=prod"), "./migrate.sh prod-DATABASE_URL  \n");
}

#[test]
fn the_consoles_of_the_page_show_real_output() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let git = "git init -q -b main . && git add secrets.vault && git -c user.name=mia -c user.email=m@x.org commit -qm 1 \
               && git update-ref refs/remotes/origin/main HEAD";
    finish(sandbox.other("sh", ["-c", git])).ok();
    for Step { line, command, expected, .. } in steps_of(PAGE, &[""]) {
        let mut shell = sandbox.other("sh", ["-c", &format!("{{ {command}\n}} 2>&1")]);
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        check("docs/ci.md", line, command, expected, &finish(shell));
    }
}

//! STUB
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    command: Vec<std::ffi::OsString>,
}
pub fn run(args: &Args, context: &super::context::Context) -> vault::Result<std::process::ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let session = context.session()?;
    let mut c = std::process::Command::new(&args.command[0]);
    c.args(&args.command[1..]);
    for e in context.environments(session.vault())? {
        let items = session.read_injectables(&e, &|_| true)?;
        session.log(vec![
            vault::log::Entry::new(vault::log::Action::Exec).environment(&e).items(items.iter().map(|i| &i.name)),
        ])?;
        for i in items {
            c.env(i.name, std::ffi::OsStr::new(i.value.as_str().unwrap_or_default()));
        }
    }
    let _ = c.exec();
    Ok(std::process::ExitCode::from(127))
}

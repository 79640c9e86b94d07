//! STUB
#[derive(Debug, clap::Args)]
pub struct Args {}
pub fn run(_a: &Args, _c: &super::context::Context) -> vault::Result<std::process::ExitCode> {
    Ok(std::process::ExitCode::SUCCESS)
}

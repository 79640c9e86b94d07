//! STUB to be replaced by the merge.
use vault::{Error, Result, secret::SecretString};
pub fn is_available() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}
pub fn hidden(prompt: &str) -> Result<SecretString> {
    rpassword::prompt_password(prompt).map(SecretString::from).map_err(|_| Error::unlock("no"))
}
pub fn confirm(_q: &str) -> Result<bool> {
    Ok(false)
}
pub fn show(t: &str) -> Result<()> {
    use std::io::Write;
    let mut f = std::fs::File::options().write(true).open("/dev/tty").map_err(|_| Error::unlock("x"))?;
    let _ = f.write_all(t.as_bytes());
    Ok(())
}

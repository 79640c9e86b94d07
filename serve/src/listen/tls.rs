//! TLS for addresses that others can reach.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// How long the handshake may take.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The largest file with certificates or a key, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// Makes the TLS acceptor for these certificates.
pub fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor> {
    let read = |path: &Path| vault::fs::read_named(path, MAX_FILE).map(Zeroizing::new);
    let unreadable = |path: &Path| Error::usage(format!("{} can't be read as PEM", path.display()));
    let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&read(certificates)?).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| unreadable(certificates))?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| unreadable(key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private));
    let mut config = config.map_err(|error| {
        Error::usage(format!("{} and {} don't go together: {error}", certificates.display(), key.display()))
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

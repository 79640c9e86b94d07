//! TLS on an address that others can reach, with a real client.

use crate::harness::{MIA, Place};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes a key, and a certificate for vault.example signed with it.
fn certificate(directory: &Path, name: &str) -> [String; 2] {
    let [certificate, key] = ["crt", "key"].map(|end| directory.join(format!("{name}.{end}")));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=vault.example", "-addext", "subjectAltName=DNS:vault.example", "-keyout"]);
    let output = openssl.arg(&key).arg("-out").arg(&certificate).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [certificate, key].map(|path| path.to_str().unwrap().to_owned())
}

#[test]
fn a_client_that_trusts_the_certificate_connects_by_the_servers_name() {
    let place = Place::new();
    let [certificate, key] = certificate(place.path(), "own");
    let listen = ["--listen", "0.0.0.0:0", "--host", "vault.example", "--tls-cert", &certificate, "--tls-key", &key];
    let server = place.serve_with(&listen);
    let port = server.base.strip_prefix("https://vault.example:").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/tls.js");
    let output = Command::new("node").arg(script).args([port, &certificate, MIA]).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let expected = [
        "signed in TLSv1.3",
        "BINARY true",
        "another name 421",
        "by number 421",
        "not trusted DEPTH_ZERO_SELF_SIGNED_CERT",
        "TLS 1.1 is refused",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);

    // Without TLS, no request is answered and no connection hangs.
    let mut plain = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    plain.write_all(b"GET /parse/health HTTP/1.1\r\nHost: vault.example\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn an_invalid_or_mismatched_certificate_is_refused() {
    let place = Place::new();
    let ([own, key], [other, _]) = (certificate(place.path(), "own"), certificate(place.path(), "other"));
    let fails = |certificate: &str, key: &str| place.fails(&["--tls-cert", certificate, "--tls-key", key]);
    let (code, printed) = fails(&other, &key);
    assert!(code == Some(2) && printed.contains("don't go together"), "{printed}");
    let (code, printed) = fails(&key, &key);
    assert!(code == Some(2) && printed.contains("can't be read as PEM"), "{printed}");
    let (code, printed) = fails(&own, &own);
    assert!(code == Some(2) && printed.contains("can't be read as PEM"), "{printed}");
    let (code, printed) = fails(&own, "/nothing/there");
    assert!(code != Some(0) && printed.contains("/nothing/there"), "{printed}");
}

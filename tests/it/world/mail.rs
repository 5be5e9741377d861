//! Certificates of a throw-away authority, a web server for policies, and the
//! program run against them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;

/// An authority in a folder of its own; `ca.pem` is there.
pub struct Authority {
    pub folder: tempfile::TempDir,
    pub(super) issuer: Issuer<'static, KeyPair>,
}

/// A key and its chain, as files and for rustls.
pub struct Identity {
    pub key: PathBuf,
    pub chain: PathBuf,
    pub config: Arc<rustls::ServerConfig>,
}

impl Authority {
    pub fn new() -> Authority {
        let folder = tempfile::tempdir().unwrap();
        // Postfix reads the keys as root, yet walks there as its own user.
        set_mode(folder.path(), 0o755);
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Throw-away Test Root");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2090, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Authority { folder, issuer: Issuer::new(params, key) }
    }

    pub fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A certificate for these names that ends in this year.
    pub fn certify(&self, names: &[&str], last_year: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let stem = format!("{}-{last_year}", names.first().unwrap());
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "a test server");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 6, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let file = |end: &str| self.folder.path().join(format!("{stem}.{end}"));
        std::fs::write(file("key"), key.serialize_pem()).unwrap();
        std::fs::write(file("pem"), certificate.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Identity { key: file("key"), chain: file("pem"), config: Arc::new(config) }
    }
}

pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A web server that answers every GET with this, over TLS.
pub fn web(identity: &Identity, reply: &(impl AsRef<[u8]> + ?Sized)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (config, reply) = (identity.config.clone(), reply.as_ref().to_vec());
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let Ok(mut tls) = rustls::ServerConnection::new(config.clone()) else { continue };
            let mut stream = rustls::Stream::new(&mut tls, &mut socket);
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                request.push(byte[0]);
            }
            let _ = stream.write_all(&reply);
            tls.send_close_notify();
            let _ = tls.complete_io(&mut socket);
        }
    });
    address
}

/// A reply with a policy.
pub fn page(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The program with these arguments: its JSON and its exit code.
pub fn mailvet(args: &[&str]) -> (Value, i32) {
    mailvet_through("127.0.0.1:1", args)
}

/// The same with a resolver of its own.
pub fn mailvet_through(resolver: &str, args: &[&str]) -> (Value, i32) {
    let output = crate::cli::mailvet(&[args, &["--format", "json", "--resolver", resolver]].concat());
    let (text, shown) = (crate::cli::text(&output.stdout), crate::cli::text(&output.stderr));
    let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text} {shown}"));
    (json, output.status.code().unwrap())
}

/// The codes of a document's problems.
pub fn codes(json: &Value) -> Vec<String> {
    let list = json["problems"].as_array().unwrap_or_else(|| panic!("no problems: {json}"));
    list.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
}

/// The outcome of one check.
pub fn outcome(json: &Value, code: &str) -> String {
    let results = json["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["code"] == code);
    result.unwrap_or_else(|| panic!("no {code}"))["outcome"].as_str().unwrap().to_owned()
}

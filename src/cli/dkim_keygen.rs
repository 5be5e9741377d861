//! `mailvet dkim keygen`: a key pair, and the record to publish. The private key
//! goes to a file that only its owner can read, never to the screen.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use ring::signature::KeyPair as _;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::{self, AnswerFormat};
use crate::model::Name;
use crate::model::untrusted::Shown as _;
use crate::parse::dkim::signature::key_name;
use crate::render::dkim_keygen::{KeygenView, keygen};
use crate::render::json;

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  mailvet dkim keygen --domain example.com --selector s2
  mailvet dkim keygen --domain example.com --selector ed1 --algorithm ed25519")]
pub struct KeygenArgs {
    /// The domain that will sign
    #[arg(long, value_name = "DOMAIN")]
    pub domain: String,
    /// The new selector, such as s2 or 202611
    #[arg(long, value_name = "S")]
    pub selector: String,
    /// The kind of key; not all receivers verify Ed25519, so sign with RSA too
    #[arg(long, value_name = "KIND", value_enum, default_value_t = KeyKind::Rsa)]
    pub algorithm: KeyKind,
    /// Bits of an RSA key: 2048 to 4096
    #[arg(long, value_name = "BITS", default_value_t = 2048, value_parser = clap::value_parser!(u16).range(2048..=4096))]
    pub bits: u16,
    /// Write the private key there; default: SELECTOR.DOMAIN.key in this folder
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// What DKIM can sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyKind {
    Rsa,
    Ed25519,
}

pub(super) fn run(args: &KeygenArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let domain = Name::parse(&args.domain).context("--domain")?;
    let selector = Name::parse(&args.selector).context("--selector")?;
    let name = key_name(selector.as_str(), &domain);
    if name.is_unaskable() {
        bail!("{name} is too long for the DNS; choose a shorter selector");
    }
    let file = args.key_file.clone().unwrap_or_else(|| PathBuf::from(format!("{selector}.{domain}.key")));
    let (pem, record, bits) = match args.algorithm {
        KeyKind::Rsa => rsa_pair(args.bits)?,
        KeyKind::Ed25519 => ed25519_pair()?,
    };
    write_private(&file, &pem)?;
    let view = KeygenView {
        name,
        selector: selector.to_string(),
        domain: domain.to_string(),
        algorithm: if args.algorithm == KeyKind::Rsa { "rsa" } else { "ed25519" },
        bits,
        file: file.shown(),
        record,
    };
    for out in &outputs {
        let text = match out.format {
            AnswerFormat::Json => json::text(&view.json()),
            AnswerFormat::Terminal => keygen(&view, output::width(out)),
        };
        output::write(out, &text)?;
    }
    Ok(Exit::Clean)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// PEM of the private key, the record, and the bits.
fn rsa_pair(bits: u16) -> anyhow::Result<(String, String, usize)> {
    use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
    let key = rsa::PrivateKey::new(&mut SystemRng(ring::rand::SystemRandom::new()), usize::from(bits))
        .context("cannot make an RSA key")?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).context("cannot encode the RSA key")?;
    let public = key.to_public_key().to_public_key_der().context("cannot encode the RSA key")?;
    Ok((pem.to_string(), format!("v=DKIM1; k=rsa; p={}", base64(public.as_bytes())), usize::from(bits)))
}

/// The system's random numbers, in the form the `rsa` crate asks for.
struct SystemRng(ring::rand::SystemRandom);

/// The system gave no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
struct NoRandomNumbers;

impl rsa::rand_core::TryRng for SystemRng {
    type Error = NoRandomNumbers;

    fn try_next_u32(&mut self) -> Result<u32, NoRandomNumbers> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandomNumbers> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomNumbers> {
        use ring::rand::SecureRandom as _;
        self.0.fill(bytes).map_err(|_| NoRandomNumbers)
    }
}

impl rsa::rand_core::TryCryptoRng for SystemRng {}

fn ed25519_pair() -> anyhow::Result<(String, String, usize)> {
    let refused = |_| anyhow::anyhow!("the system gives no random numbers");
    let document =
        ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).map_err(refused)?;
    let pair = ring::signature::Ed25519KeyPair::from_pkcs8(document.as_ref())
        .map_err(|error| anyhow::anyhow!("the new key cannot be read back: {error}"))?;
    // OpenSSL and OpenDKIM read PKCS#8 version 1, which holds the seed alone.
    let mut version_one = ED25519_PKCS8.to_vec();
    let seed = document.as_ref().get(16..48).context("the new key has an unknown form")?;
    version_one.extend_from_slice(seed);
    let body = base64(&version_one);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    Ok((pem, format!("v=DKIM1; k=ed25519; p={}", base64(pair.public_key().as_ref())), 256))
}

/// The header of a version-1 PKCS#8 Ed25519 key (RFC 8410 section 7); 32 octets of seed follow.
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Never overwrites: a lost private key cannot be made again.
fn write_private(file: &Path, pem: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let shown = file.shown();
    let mut out = options.open(file).with_context(|| {
        format!("cannot create {shown}; an existing key is never overwritten, name another --key-file")
    })?;
    out.write_all(pem.as_bytes())
        .and_then(|()| out.sync_all())
        .with_context(|| format!("cannot write {shown}"))
}

//! Who vouches for a mark certificate: the signatures of its chain, verified as a
//! receiver does (RFC 5280 section 6.1), up to an authority the user trusts. No
//! list of public mark authorities exists that a program could ship, so without
//! `--ca` the last step stays unknown.

use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use crate::model::untrusted::{Width, plain};
use crate::parse::bimi::mark_certificate::MarkCertificate;
use crate::parse::transport::certificate::Certificate;

/// How far trust goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MarkTrust {
    /// An authority given by the user issued it, by way of the file's certificates.
    Anchored,
    /// Every signature in the file verifies; whether receivers trust the authority
    /// at its end is not known. Escaped.
    Open { authority: String },
    /// No receiver can verify it. Escaped.
    Broken(String),
}

/// DER of id-kp-BrandIndicatorforMessageIdentification, 1.3.6.1.5.5.7.3.31.
const BIMI_USAGE: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 31];

/// Judges the chain at `now`; the mark certificate's own dates are left aside.
pub(crate) fn judge(mark: &MarkCertificate, roots: &[Vec<u8>], now: i64) -> MarkTrust {
    // The dates of the mark are a question of their own: here the clock stands inside them.
    let at = now.clamp(mark.not_before, mark.not_after.max(mark.not_before));
    let Some((own, above)) = mark.ders.split_first() else {
        return MarkTrust::Broken("there is no certificate".to_owned());
    };
    let anchors: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
    if !anchors.is_empty() && verified(own, above, &anchors, at).is_ok() {
        return MarkTrust::Anchored;
    }
    let issuer_of = |der: &[u8]| Certificate::read(der).map(|read| plain(&read.issuer, Width::Line));
    let Some((top, between)) = above.split_last() else {
        return match Certificate::read(own) {
            Ok(read) if read.is_self_issued => {
                MarkTrust::Broken("it is self-signed: no authority vouches for it".to_owned())
            }
            Ok(read) => MarkTrust::Open { authority: plain(&read.issuer, Width::Line) },
            Err(why) => MarkTrust::Broken(why),
        };
    };
    match verified(own, between, &[top.as_slice()], at) {
        Ok(()) => MarkTrust::Open { authority: issuer_of(top).unwrap_or_default() },
        Err(error) => MarkTrust::Broken(in_words(&error)),
    }
}

fn verified(own: &[u8], between: &[Vec<u8>], anchors: &[&[u8]], at: i64) -> Result<(), Error> {
    let own = CertificateDer::from(own);
    let own = EndEntityCert::try_from(&own)?;
    let between: Vec<CertificateDer> =
        between.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let anchors: Vec<CertificateDer> = anchors.iter().map(|der| CertificateDer::from(*der)).collect();
    let anchors: Vec<_> = anchors.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
    let seconds = std::time::Duration::from_secs(u64::try_from(at).unwrap_or_default());
    // That the mark itself has the usage is looked at elsewhere; authorities may
    // do without, and where they have a list it must name this one.
    let usage = KeyUsage::required_if_present(BIMI_USAGE);
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    own.verify_for_usage(
        algorithms,
        &anchors,
        &between,
        UnixTime::since_unix_epoch(seconds),
        usage,
        None,
        None,
    )
    .map(|_| ())
}

fn in_words(error: &Error) -> String {
    match error {
        Error::InvalidSignatureForPublicKey => {
            "a signature in its chain does not verify with the next certificate's key".to_owned()
        }
        Error::UnknownIssuer => "the next certificate in the file did not issue it".to_owned(),
        Error::CertExpired { .. } => "a certificate above it in the file has expired".to_owned(),
        Error::CertNotValidYet { .. } => "a certificate above it in the file is not valid yet".to_owned(),
        Error::CaUsedAsEndEntity => "the first certificate is an authority's own, not a mark's".to_owned(),
        Error::EndEntityUsedAsCa => "it was issued with a certificate that is no authority's".to_owned(),
        Error::RequiredEkuNotFoundContext(_) => {
            "an authority in its chain may not issue mark certificates (extended key usage)".to_owned()
        }
        Error::PathLenConstraintViolated => "its chain is longer than its authority allows".to_owned(),
        Error::NameConstraintViolation => "its authority may not issue for this name".to_owned(),
        other => plain(&format!("its chain cannot be verified ({other})"), Width::Line),
    }
}

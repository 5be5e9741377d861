//! An ARC-Seal field and the instance number of all three ARC fields (RFC 8617
//! section 4.1). The ARC-Message-Signature is read by `signature`.

use crate::model::Name;
use crate::parse::dkim::signature::Algorithm;
use crate::parse::tag_list::{TagList, base64};

/// `cv=`: what the sealer found of the chain before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainValidation {
    /// `none`: the sealer's is the first set of the chain.
    None,
    /// `pass`: the chain before it was valid.
    Pass,
    /// `fail`: the chain before it was broken; it stays so.
    Fail,
}

/// A seal as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// `i=`, the number of its ARC set, 1 to 50.
    pub instance: u32,
    /// `a=`.
    pub algorithm: Algorithm,
    /// `cv=`.
    pub validation: ChainValidation,
    /// `d=`, whose key made the seal.
    pub domain: Name,
    /// `s=`.
    pub selector: String,
    /// `b=`, decoded.
    pub signature: Vec<u8>,
}

/// More sets than this and the chain fails (RFC 8617 section 4.2.1).
pub const MAX_INSTANCES: u32 = 50;

/// The `i=` of an ARC field; of an ARC-Authentication-Results it comes first.
pub fn instance(text: &str) -> Option<u32> {
    let list = TagList::parse(text);
    let value = list.value("i")?;
    // In an ARC-Authentication-Results a comment may follow the number.
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|number| (1..=MAX_INSTANCES).contains(number))
}

impl Seal {
    /// The seal, or why it is none; for people.
    ///
    /// # Errors
    /// What RFC 8617 asks for and the field lacks, for people.
    pub fn parse(text: &str) -> Result<Seal, String> {
        let list = TagList::parse(text);
        if let Some(fault) = list.faults.iter().find(|fault| fault.fatal) {
            return Err(fault.text.clone());
        }
        if list.get("h").is_some() {
            return Err("a seal has no h= tag".to_owned());
        }
        let value = |name: &str| {
            list.value(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("there is no {name}= tag"))
        };
        let validation = match value("cv")?.to_ascii_lowercase().as_str() {
            "none" => ChainValidation::None,
            "pass" => ChainValidation::Pass,
            "fail" => ChainValidation::Fail,
            _ => return Err("cv= is none of none, pass, fail".to_owned()),
        };
        Ok(Seal {
            instance: instance(text).ok_or("i= is no number from 1 to 50")?,
            algorithm: Algorithm::from_name(value("a")?),
            validation,
            domain: Name::parse(value("d")?).map_err(|_| "d= is no domain name".to_owned())?,
            selector: value("s")?.to_owned(),
            signature: base64(value("b")?).map_err(|_| "b= is no base64".to_owned())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seals_are_read() {
        let text = " i=2; a=rsa-sha256; cv=pass; d=Example.org; s=arc; t=1; b=AAAA\r\n";
        let seal = Seal::parse(text).unwrap();
        assert_eq!(
            (seal.instance, seal.validation, seal.domain.as_str()),
            (2, ChainValidation::Pass, "example.org")
        );
        for (from, to) in [
            ("cv=pass", "cv=x"),
            ("i=2", "i=51"),
            ("b=AAAA", "b=A"),
            ("t=1", "h=from"),
            ("d=Example.org; ", ""),
        ] {
            assert!(Seal::parse(&text.replace(from, to)).is_err(), "{to}");
        }
        assert_eq!(instance(" i=1; mx.example.org; spf=pass"), Some(1));
    }
}

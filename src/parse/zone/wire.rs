//! Wire-form data: whether it fits a type, and into the model's `Rdata`.

use super::grammar::{self, Fields, Kind};
use crate::model::{Name, Rdata, RecordType};

/// Reads wire data from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// An uncompressed name within 255 octets.
    fn labels(&mut self) -> Option<Vec<&'a [u8]>> {
        let (mut labels, mut total) = (Vec::new(), 0);
        loop {
            let length = usize::from(self.u8()?);
            total += length + 1;
            if length > 63 || total > 255 {
                return None;
            }
            if length == 0 {
                return Some(labels);
            }
            labels.push(self.take(length)?);
        }
    }

    fn name(&mut self) -> Option<Name> {
        self.labels().map(Name::from_labels)
    }

    fn texts(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        while !self.0.is_empty() {
            all.push(self.text()?.to_vec());
        }
        (!all.is_empty()).then_some(all)
    }
}

/// Whether the octets are data of these fields (RFC 3597 section 5: `\#` may
/// be used for a known type, but means that type's data).
pub(super) fn fits(fields: Fields, data: &[u8]) -> bool {
    let mut reader = Reader(data);
    fields.iter().all(|(_, kind)| fits_one(&mut reader, *kind).is_some()) && reader.0.is_empty()
}

fn fits_one(reader: &mut Reader, kind: Kind) -> Option<()> {
    match kind {
        Kind::Name => drop(reader.labels()?),
        Kind::U8 | Kind::Algorithm | Kind::Scheme => drop(reader.u8()?),
        Kind::U16 | Kind::CertType | Kind::RecordType => drop(reader.u16()?),
        Kind::U32 | Kind::Seconds | Kind::Time | Kind::Ip4 => drop(reader.u32()?),
        Kind::Ip6 => drop(reader.take(16)?),
        Kind::Text | Kind::Salt => drop(reader.text()?),
        Kind::OptionalText => {
            if !reader.0.is_empty() {
                reader.text()?;
            }
        }
        Kind::Texts => drop(reader.texts()?),
        Kind::Tag | Kind::Hash => drop(reader.text().filter(|t| !t.is_empty())?),
        Kind::Hex | Kind::Base64 => drop(Some(reader.rest()).filter(|r| !r.is_empty())?),
        Kind::LongText | Kind::OptionalBase64 => drop(reader.rest()),
        Kind::Types => {
            let mut before = None;
            while !reader.0.is_empty() {
                let window = reader.u8()?;
                let bits = reader.text().filter(|b| (1..=32).contains(&b.len()) && b.last() != Some(&0))?;
                (before < Some(window)).then_some(bits)?;
                before = Some(window);
            }
        }
        Kind::Eui48 => drop(reader.take(6)?),
        Kind::Eui64 | Kind::Locator64 => drop(reader.take(8)?),
        Kind::Loc => {
            // Another version has another length (RFC 1876 section 2).
            let length = if reader.0.first() == Some(&0) { 16 } else { reader.0.len().max(1) };
            reader.take(length)?;
        }
        Kind::Apl => {
            while !reader.0.is_empty() {
                reader.take(3)?;
                let length = reader.u8()? & 0x7f;
                reader.take(usize::from(length))?;
            }
        }
        Kind::Parameters => {
            let mut before = None;
            while !reader.0.is_empty() {
                let key = reader.u16()?;
                let length = reader.u16()?;
                reader.take(usize::from(length))?;
                (before < Some(key)).then_some(())?;
                before = Some(key);
            }
        }
        Kind::Gateway => {
            let form = reader.take(3)?[1];
            endpoint(reader, form)?;
            reader.rest();
        }
        Kind::Relay => {
            let form = reader.take(2)?[1] & 0x7f;
            endpoint(reader, form)?;
        }
        Kind::Hip => {
            let hit = reader.u8().filter(|n| *n > 0)?;
            reader.u8()?;
            let key = reader.u16().filter(|n| *n > 0)?;
            reader.take(usize::from(hit) + usize::from(key))?;
            while !reader.0.is_empty() {
                reader.labels()?;
            }
        }
        Kind::Nsap => drop(Some(reader.rest()).filter(|r| !r.is_empty())?),
        Kind::Wks => {
            reader.take(5)?;
            reader.rest();
        }
    }
    Some(())
}

fn endpoint(reader: &mut Reader, form: u8) -> Option<()> {
    match form {
        0 => {}
        1 => drop(reader.take(4)?),
        2 => drop(reader.take(16)?),
        3 => drop(reader.labels()?),
        _ => return None,
    }
    Some(())
}

/// The model's form of wire data; None where it does not fit the type.
pub(super) fn rdata(number: u16, data: Vec<u8>) -> Option<Rdata> {
    let rtype = RecordType::from_number(number);
    let mut reader = Reader(&data);
    let r = &mut reader;
    let rdata = match rtype {
        RecordType::A => Rdata::A(r.u32()?.into()),
        RecordType::Aaaa => Rdata::Aaaa(<[u8; 16]>::try_from(r.take(16)?).ok()?.into()),
        RecordType::Mx => Rdata::Mx { preference: r.u16()?, exchange: r.name()? },
        RecordType::Txt => Rdata::Txt(r.texts()?),
        RecordType::Spf => Rdata::Spf(r.texts()?),
        RecordType::Ptr => Rdata::Ptr(r.name()?),
        RecordType::Cname => Rdata::Cname(r.name()?),
        RecordType::Dname => Rdata::Dname(r.name()?),
        RecordType::Ns => Rdata::Ns(r.name()?),
        RecordType::Soa => Rdata::Soa {
            mname: r.name()?,
            rname: r.name()?,
            serial: r.u32()?,
            refresh: r.u32()?,
            retry: r.u32()?,
            expire: r.u32()?,
            minimum: r.u32()?,
        },
        RecordType::Tlsa => {
            Rdata::Tlsa { usage: r.u8()?, selector: r.u8()?, matching: r.u8()?, data: r.rest().to_vec() }
        }
        RecordType::Caa => Rdata::Caa {
            flags: r.u8()?,
            tag: String::from_utf8(r.text()?.to_vec()).ok()?,
            value: r.rest().to_vec(),
        },
        _ => {
            if let Some(fields) = grammar::fields(number)
                && !fits(fields, &data)
            {
                return None;
            }
            return Some(Rdata::Other { rtype, data });
        }
    };
    reader.0.is_empty().then_some(rdata)
}

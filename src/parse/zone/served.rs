//! A zone as certain servers publish it, where they take what others refuse.

use std::collections::BTreeMap;

use super::{Diagnostic, Lost, Parsed, Zone, ZoneRecord};
use crate::model::{Rdata, RecordType};

/// What the servers of a zone do with its entries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serving {
    /// Strings over 255 octets are published in pieces.
    pub splits_strings: bool,
    /// An alias at the apex is answered with the addresses of its target, beside other records.
    pub flattens_apex: bool,
}

impl Parsed {
    /// The zone as these servers publish it; `None` where that is what stands in the file.
    pub fn as_served(&self, serving: Serving) -> Option<Parsed> {
        let zone = &self.zone;
        let is_split = |lost: &Lost| serving.splits_strings && lost.split.is_some();
        let apex = zone.origin().filter(|_| serving.flattens_apex);
        let is_flat =
            |record: &ZoneRecord| matches!(record.rdata, Rdata::Cname(_)) && Some(&record.owner) == apex;
        if !zone.lost().iter().any(is_split) && !zone.records().iter().any(is_flat) {
            return None;
        }
        let (flattened, mut records): (Vec<_>, Vec<_>) = zone.records().iter().cloned().partition(is_flat);
        let (split, mut lost): (Vec<Lost>, Vec<Lost>) = zone.lost().iter().cloned().partition(is_split);
        // The addresses are the target's, which another zone may hold.
        lost.extend(flattened.iter().flat_map(|record| {
            [RecordType::A, RecordType::Aaaa].map(|rtype| Lost {
                owner: Some(record.owner.clone()),
                rtype: Some(rtype),
                location: record.location(),
                split: None,
                is_open: false,
            })
        }));
        let published: Vec<ZoneRecord> =
            split.into_iter().filter_map(|lost| lost.split).map(|one| *one).collect();
        let entries: BTreeMap<(&str, usize), usize> = published
            .iter()
            .map(|record| {
                ((&*record.place.file, record.place.span.range().start), record.place.span.range().end)
            })
            .collect();
        let settled = |one: &Diagnostic| {
            let before = entries.range(..=(&*one.file, one.span.start)).next_back();
            before.is_some_and(|((file, _), end)| *file == &*one.file && one.span.end <= *end)
        };
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.retain(|one| one.code != "string-too-long" || !settled(one));
        records.extend(published);
        let zone = Zone::new(zone.origin().cloned(), records, lost);
        Some(Parsed { zone, diagnostics, sources: self.sources.clone(), provider: self.provider })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Name;
    use crate::parse::zone::{NoFiles, ZoneAnswer, parse};

    #[test]
    fn only_texts_are_split_and_each_entry_by_itself() {
        let long = "k".repeat(300);
        let text = format!(
            "$ORIGIN example.com.\n$TTL 60\n@ SOA ns.example.net. h 1 1 1 1 1\n@ NS ns.example.net.\n\
             a TXT \"{long}\"\na NAPTR 1 1 \"u\" \"x\" \"{long}\" .\na HINFO \"{long}\" \"x\"\n"
        );
        let parsed = parse("z", text.as_bytes(), None, &mut NoFiles);
        let lines = |parsed: &Parsed| parsed.errors().map(|one| (one.code, one.line)).collect::<Vec<_>>();
        assert_eq!(lines(&parsed).iter().map(|one| one.1).collect::<Vec<_>>(), [5, 6, 7]);
        let served = parsed.as_served(Serving { splits_strings: true, flattens_apex: false }).unwrap();
        assert_eq!(lines(&served), lines(&parsed)[1..]);
        assert_eq!(served.zone.at(&Name::lenient("a.example.com")).count(), 1);
    }

    #[test]
    fn what_one_server_refuses_another_publishes() {
        let long = "k".repeat(300);
        let text = format!(
            "$ORIGIN example.com.\n$TTL 60\n@ SOA ns.example.net. h 1 1 1 1 1\n@ NS ns.example.net.\n\
             @ CNAME site.example.net.\n@ MX 10 mx.example.net.\n\
             s._domainkey TXT ( \"v=DKIM1; \"\n  \"p={long}\" ) ; a key\nbad TXT \"{long}\n"
        );
        let parsed = parse("z", text.as_bytes(), None, &mut NoFiles);
        assert!(parsed.as_served(Serving::default()).is_none());
        let codes = |parsed: &Parsed| parsed.errors().map(|one| one.code).collect::<Vec<_>>();
        assert_eq!(codes(&parsed), ["string-too-long", "unclosed-quote"]);
        let served = parsed.as_served(Serving { splits_strings: true, flattens_apex: true }).unwrap();
        assert_eq!(codes(&served), ["unclosed-quote"]);
        let key = served.zone.at(&Name::lenient("s._domainkey.example.com")).next().unwrap();
        assert_eq!(key.place.line, 7);
        let Rdata::Txt(strings) = &key.rdata else { panic!("{:?}", key.rdata) };
        assert_eq!(strings.iter().map(Vec::len).collect::<Vec<_>>(), [9, 255, 47]);
        let apex = Name::lenient("example.com");
        assert!(matches!(served.zone.lookup(&apex, RecordType::Mx), ZoneAnswer::Records(_)));
        assert!(matches!(served.zone.lookup(&apex, RecordType::A), ZoneAnswer::Unreadable(_)));
        assert!(matches!(parsed.zone.lookup(&apex, RecordType::A), ZoneAnswer::Cname(..)));
    }
}

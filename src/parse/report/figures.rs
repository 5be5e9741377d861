//! Figures that receivers show of a sender on a page, as their exports hold them:
//! Microsoft's SNDS (CSV) and Google's Postmaster Tools (JSON of its API, v1 and v2).
//!
//! Sources: sendersupport.olc.protection.outlook.com/snds/FAQ (columns in the order of "View data"); the references of
//! domains.trafficStats (v1) and domains.domainStats (v2) on developers.google.com/workspace/gmail/postmaster.

use jiff::civil::Date;
use serde_json::Value;

use crate::model::reports::Figure;

/// Figures taken from one file.
const MOST: usize = 50_000;
/// Columns of SNDS, of which the last are often empty.
const COLUMNS: usize = 11;

/// Whether the text begins with a line of SNDS: an address, two times, three counts and a colour.
pub(crate) fn is_snds(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| columns(line).is_ok())
}

/// The lines of an SNDS export.
pub(crate) fn snds(text: &str) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if figures.len() >= MOST {
            return Err(format!("the SNDS export has more than {MOST} lines: not read"));
        }
        let figure =
            snds_line(line).map_err(|why| format!("line {} of the SNDS export: {why}", number + 1))?;
        figures.push(figure);
    }
    Ok(figures)
}

/// The fields of a line whose address and colour say that it is one of SNDS.
fn columns(line: &str) -> Result<(std::net::IpAddr, Vec<&str>), String> {
    let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
    if fields.len() < COLUMNS {
        return Err(format!("{} columns where {COLUMNS} are needed", fields.len()));
    }
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let address = field(0).parse().map_err(|_| "no address in the first column".to_owned())?;
    if !matches!(field(6), "GREEN" | "YELLOW" | "RED") {
        return Err("no filter result (GREEN, YELLOW, RED) in the seventh column".to_owned());
    }
    Ok((address, fields))
}

fn snds_line(line: &str) -> Result<Figure, String> {
    let (address, fields) = columns(line)?;
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    Ok(Figure {
        receiver: "outlook.com".to_owned(),
        subject: address.to_string(),
        day: american(field(1)).ok_or("no day in the second column")?,
        messages: filled(field(5), |text| text.parse().ok()).ok_or("no count in the sixth column")?,
        complaints: filled(field(7), share).ok_or("no rate of complaints in the eighth column")?,
        verdict: Some(field(6).to_owned()),
        traps: filled(field(10), |text| text.parse().ok())
            .ok_or("no count of traps in the eleventh column")?
            .unwrap_or(0),
    })
}

/// `None` where the field holds what cannot be read, which may be the worst.
fn filled<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

/// `1/6/2026 1:00 AM`, as days since 1970.
fn american(text: &str) -> Option<i64> {
    let mut parts = text.split_whitespace().next()?.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    days(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn days(year: i16, month: i8, day: i8) -> Option<i64> {
    let date = Date::new(year, month, day).ok()?;
    Some(i64::from(date.since(Date::constant(1970, 1, 1)).ok()?.get_days()))
}

/// `0.3%` or `< 0.1%`, as parts of a million: the least and the most.
fn share(text: &str) -> Option<(u64, u64)> {
    let (below, number) = match text.strip_prefix('<') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let percent: f64 = number.trim().strip_suffix('%')?.trim().parse().ok()?;
    let most = million(percent / 100.0)?;
    Some((if below { 0 } else { most }, most))
}

fn million(ratio: f64) -> Option<u64> {
    (0.0..=1.0).contains(&ratio).then(|| (ratio * 1_000_000.0).round() as u64)
}

/// What Postmaster Tools' API gave. A row that cannot be read refuses all: it may be the worst.
pub(crate) fn postmaster(value: &Value) -> Result<Vec<Figure>, String> {
    let nothing = "the export of Postmaster Tools holds no rate of spam and no standing that can be read";
    let rows = match value {
        Value::Array(rows) => rows.as_slice(),
        Value::Object(of) => match of.get("trafficStats").or_else(|| of.get("domainStats")) {
            Some(rows) => rows.as_array().ok_or(nothing)?.as_slice(),
            None => std::slice::from_ref(value),
        },
        _ => return Err(nothing.to_owned()),
    };
    if rows.len() > MOST {
        return Err(format!("the export of Postmaster Tools has more than {MOST} rows: not read"));
    }
    let mut figures = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let figure = if named(row, "trafficStats").is_some() { traffic(row).map(Some) } else { metric(row) };
        let figure =
            figure.map_err(|why| format!("row {} of the export of Postmaster Tools: {why}", number + 1))?;
        figures.extend(figure);
    }
    if figures.is_empty() { Err(nothing.to_owned()) } else { Ok(figures) }
}

/// The parts of `domains/example.com/trafficStats/20261101`.
fn named<'v>(row: &'v Value, room: &str) -> Option<(&'v str, &'v str)> {
    let rest = row.get("name")?.as_str()?.strip_prefix("domains/")?;
    let (domain, rest) = rest.split_once('/')?;
    Some((domain, rest.strip_prefix(room)?.strip_prefix('/')?))
}

fn gmail(domain: &str, day: i64, complaints: Option<(u64, u64)>, verdict: Option<&str>) -> Figure {
    Figure {
        receiver: "gmail.com".to_owned(),
        subject: domain.to_ascii_lowercase(),
        day,
        messages: None,
        complaints,
        verdict: verdict.map(str::to_owned),
        traps: 0,
    }
}

/// A row of v1. Gmail leaves out what a day with little mail does not tell.
fn traffic(row: &Value) -> Result<Figure, String> {
    let (domain, day) = named(row, "trafficStats").ok_or("no name")?;
    let digits = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    let day = digits
        .then(|| days(day[..4].parse().ok()?, day[4..6].parse().ok()?, day[6..].parse().ok()?))
        .flatten()
        .ok_or("no day in its name")?;
    let ratio = |name: &str| match row.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_f64()
            .and_then(million)
            .map(Some)
            .ok_or_else(|| format!("{name} is no number from 0 to 1")),
    };
    let exact = ratio("userReportedSpamRatio")?;
    let ends = ratio("userReportedSpamRatioLowerBound")?.zip(ratio("userReportedSpamRatioUpperBound")?);
    let reputation = match row.get("domainReputation") {
        None | Some(Value::Null) => None,
        Some(Value::String(word)) if word == "REPUTATION_CATEGORY_UNSPECIFIED" => None,
        Some(Value::String(word)) if STANDINGS.contains(&word.as_str()) => Some(word.as_str()),
        Some(_) => return Err("domainReputation is none of HIGH, MEDIUM, LOW, BAD".to_owned()),
    };
    Ok(gmail(domain, day, ends.or(exact.zip(exact)), reputation))
}

/// Words of v1 for the standing of a domain.
const STANDINGS: [&str; 4] = ["HIGH", "MEDIUM", "LOW", "BAD"];

/// A row of v2; `None` where its metric, which the asker names, is another than the rate of spam.
fn metric(row: &Value) -> Result<Option<Figure>, String> {
    let (domain, _) = named(row, "domainStats").ok_or("no name of a day or a metric")?;
    let name = row.get("metric").and_then(Value::as_str).ok_or("no metric")?.to_ascii_lowercase();
    if !name.contains("spam") || !name.contains("rate") {
        return Ok(None);
    }
    let day = row.get("date").and_then(date).ok_or("no date")?;
    let value =
        row.get("value").and_then(|value| value.get("doubleValue").or_else(|| value.get("floatValue")));
    let ratio =
        value.and_then(Value::as_f64).and_then(million).ok_or("its rate of spam is no number from 0 to 1")?;
    Ok(Some(gmail(domain, day, Some((ratio, ratio)), None)))
}

fn date(value: &Value) -> Option<i64> {
    let number = |name: &str| value.get(name).and_then(Value::as_i64);
    let (year, month, day) = (number("year")?, number("month")?, number("day")?);
    days(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snds_as_its_page_exports_it() {
        let text = "192.0.2.25,11/30/2026 1:00 AM,12/1/2026 12:00 AM,1204,1188,1190,RED,0.4%,11/30/2026 3:00 AM,11/30/2026 3:00 AM,2,mail.example.com,bounce@example.com,\n\
                    192.0.2.26,11/30/2026,12/1/2026,10,10,10,GREEN,< 0.1%,,,0,,,\n";
        assert!(is_snds(text));
        let figures = snds(text).unwrap();
        assert_eq!(figures[0].complaints, Some((4000, 4000)));
        assert_eq!((figures[0].traps, figures[0].messages, figures[0].day), (2, Some(1190), 20_787));
        assert_eq!((figures[1].complaints, figures[1].verdict.as_deref()), (Some((0, 1000)), Some("GREEN")));
        // A line that cannot be read is said: it may be the worst.
        assert!(snds(&format!("{text}192.0.2.27,x\n")).is_err());
        for worse in ["> 5.0%,,,0", "0.1%,,,many", "nan%,,,0"] {
            let line = format!("192.0.2.25,11/30/2026,12/1/2026,10,10,10,GREEN,{worse},,,");
            assert!(is_snds(&line) && snds(&line).is_err(), "{worse}");
        }
        for other in ["", "a,b,c", "address,start,end\n", "192.0.2.1,1/1/2026,1/2/2026,1,1,1,BLUE,0%,,,0"] {
            assert!(!is_snds(other), "{other}");
        }
    }

    #[test]
    fn postmaster_tools_of_both_versions() {
        let one = serde_json::json!({"trafficStats": [{
            "name": "domains/Example.com/trafficStats/20261130", "userReportedSpamRatio": 0.0035, "domainReputation": "LOW",
            "userReportedSpamRatioLowerBound": 0.003, "userReportedSpamRatioUpperBound": 0.004
        }, {"name": "domains/example.com/trafficStats/20261129", "userReportedSpamRatio": 0.001}]});
        let figures = postmaster(&one).unwrap();
        assert_eq!((figures[0].subject.as_str(), figures[0].complaints), ("example.com", Some((3000, 4000))));
        assert_eq!((figures[1].day, figures[1].complaints), (20_786, Some((1000, 1000))));
        let two = serde_json::json!({"domainStats": [
            {"name": "domains/example.com/domainStats/a", "metric": "SPAM_RATE", "date": {"year": 2026, "month": 11, "day": 30},
             "value": {"doubleValue": 0.002}},
            {"name": "domains/example.com/domainStats/b", "metric": "TLS_RATE", "date": {"year": 2026, "month": 11, "day": 30},
             "value": {"doubleValue": 0.9}}]});
        let figures = postmaster(&two).unwrap();
        assert_eq!((figures.len(), figures[0].day, figures[0].complaints), (1, 20_787, Some((2000, 2000))));
        for other in [serde_json::json!({"policies": []}), serde_json::json!([1, 2]), serde_json::json!(7)] {
            assert!(postmaster(&other).is_err());
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_not_left_out() {
        let good = serde_json::json!({"name": "domains/a.example/trafficStats/20261130", "userReportedSpamRatio": 0.0001});
        assert!(postmaster(&serde_json::json!([good])).is_ok());
        for bad in [
            serde_json::json!({"name": "domains/a.example/trafficStats/2026-12-01", "userReportedSpamRatio": 0.09}),
            serde_json::json!({"name": "domains/a.example/trafficStats/20261129", "userReportedSpamRatio": "0.9"}),
            serde_json::json!({"name": "domains/a.example/trafficStats/20261129", "domainReputation": "bad"}),
            serde_json::json!({"name": "domains/a.example/domainStats/a", "metric": "SPAM_RATE", "value": {"doubleValue": 0.9}}),
            serde_json::json!(7),
        ] {
            assert!(postmaster(&serde_json::json!([good, bad])).is_err(), "{bad}");
        }
    }
}

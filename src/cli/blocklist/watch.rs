//! `--watch`: the same pass again and again, and only what has changed.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;

use super::ListingFormat;
use super::pass::Pass;
use crate::cli::exit::Exit;
use crate::cli::output::{Output, Stream, name};
use crate::facts::listings::Identity;
use crate::judge::report::rfc3339;
use crate::model::untrusted::Width;

/// One change, a line in every format.
#[derive(Serialize)]
struct Change<'a> {
    schema: &'static str,
    at: String,
    subject: &'a str,
    zone: &'a str,
    /// Absent for what the first pass found.
    from: Option<&'a str>,
    to: &'a str,
    code: Option<&'a str>,
    meaning: Option<&'a str>,
    reason: Option<&'a str>,
}

type Seen = BTreeMap<(String, String), (String, Option<String>)>;

/// Runs for ever, or for so many passes. The first pass reports what is not clean; the last decides the exit code, as
/// a pass without `--watch` does.
pub(super) fn watch(
    pass: &mut Pass,
    subjects: &[Identity],
    interval: Duration,
    passes: Option<u64>,
    outputs: &[Output<ListingFormat>],
) -> anyhow::Result<Exit> {
    if let Some(other) =
        outputs.iter().find(|out| !matches!(out.format, ListingFormat::Terminal | ListingFormat::Json))
    {
        bail!(
            "--watch writes lines; --format {} is no format of lines: use terminal or json",
            name(other.format)
        );
    }
    if pass.session().global.replay.is_some() {
        bail!("--watch asks again and again, and a recording never changes: leave one of the two out");
    }
    let mut streams =
        outputs.iter().map(|out| Ok((out, Stream::growing(out)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut seen = Seen::new();
    let mut count = 0;
    let (mut heaviest, mut summary);
    loop {
        let started = std::time::Instant::now();
        let at = rfc3339(jiff::Timestamp::now().as_second());
        heaviest = None;
        summary = pass.run(subjects, &mut |rows| {
            heaviest = heaviest.max(super::worst(rows));
            for row in rows {
                let key = (row.subject.clone(), row.zone.clone());
                let now = (row.outcome.to_owned(), row.code.clone());
                let before = seen.insert(key, now.clone());
                let news = match &before {
                    Some(before) => *before != now,
                    None => row.outcome != "clean",
                };
                if !news {
                    continue;
                }
                let change = Change {
                    schema: "mailvet/blocklist-change/1",
                    at: at.clone(),
                    subject: &row.subject,
                    zone: &row.zone,
                    from: before.as_ref().map(|(outcome, _)| outcome.as_str()),
                    to: row.outcome,
                    code: row.code.as_deref(),
                    meaning: row.meaning.as_deref(),
                    reason: row.reason.as_deref(),
                };
                for (out, stream) in &mut streams {
                    stream.write(&line(&change, out.format))?;
                }
            }
            Ok(())
        })?;
        for (_, stream) in &mut streams {
            stream.flush()?;
        }
        count += 1;
        if passes.is_some_and(|passes| count >= passes) {
            break;
        }
        std::thread::sleep(interval.saturating_sub(started.elapsed()));
    }
    for (out, stream) in streams {
        stream.close(out)?;
    }
    super::exit(pass.session(), heaviest, &summary)
}

fn line(change: &Change, format: ListingFormat) -> String {
    if format == ListingFormat::Json {
        return serde_json::to_string(change).unwrap_or_default() + "\n";
    }
    let from = change.from.map(|from| format!("{from} -> ")).unwrap_or_default();
    let why = match (change.code, change.meaning, change.reason) {
        (Some(code), Some(meaning), _) => format!(" ({code}, {meaning})"),
        (_, _, Some(reason)) => format!(" ({reason})"),
        _ => String::new(),
    };
    format!("{} {} {}: {from}{}{why}\n", change.at, change.subject, change.zone, change.to)
}

/// `90`, `90s`, `30m`, `6h`, `1d`.
pub(super) fn interval(text: &str) -> anyhow::Result<Duration> {
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit)) {
        Some(seconds @ 1..=31_536_000) => Ok(Duration::from_secs(seconds)),
        _ => {
            let shown = crate::model::untrusted::plain(text, Width::Word);
            bail!("--watch {shown:?} is no interval; write 90s, 30m, 6h or 1d")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        assert_eq!(interval("30m").unwrap().as_secs(), 1800);
        assert_eq!(interval("90").unwrap().as_secs(), 90);
        for wrong in ["", "0", "m", "1w", "-5s", "99999999999999999999h", "9223372036854775807d", "1hm"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}

//! The warm-up plan as a table, CSV, JSON and a drawing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::data::warmup::warmup;
use crate::facts::warmup::{Day, PACES, Plan, Start, Verdict};
use crate::model::untrusted::Width;
use crate::render::escape;
use crate::render::style::{Look, table, wrap};

/// A table of days, then what the log says, then where the figures come from.
pub(crate) fn terminal(plan: &Plan, look: Look) -> String {
    let mut out = String::new();
    let start = match plan.start {
        Start::Given => "",
        Start::FirstSighting => ", from the first mail in the log",
        Start::Today => ", from today",
    };
    let days = plan.days.len();
    out.push_str(&wrap(
        &format!("Warm-up to {} a day in {days} days, {} pace{start}", plan.target, plan.pace.name()),
        look.width,
        "",
        "",
    ));
    let shown = Columns::of(plan);
    out.push_str(&format!("{}\n", days_table(plan, shown, look)));
    if shown == Columns::Paces {
        let text = "At this pace no provider's own limit is below the day's: all of it may go to one.";
        out.push_str(&wrap(text, look.width, "", ""));
    }
    out.push_str(&log_says(plan, look));
    if !look.quiet {
        out.push('\n');
        out.push_str(&figures(plan, look));
    }
    out
}

/// What stands beside a day's limit.
#[derive(Clone, Copy, PartialEq)]
enum Columns {
    /// What the log holds.
    Sent,
    /// The limits by provider, where one is below the day's.
    Providers,
    /// The limits of the other paces.
    Paces,
}

impl Columns {
    fn of(plan: &Plan) -> Columns {
        let split = plan.days.iter().any(|day| day.limits.iter().any(|limit| *limit < day.limit));
        match (plan.compared.is_some(), split) {
            (true, _) => Columns::Sent,
            (false, true) => Columns::Providers,
            (false, false) => Columns::Paces,
        }
    }
}

fn days_table(plan: &Plan, shown: Columns, look: Look) -> comfy_table::Table {
    let mut rows = comfy_table::Table::new();
    rows.load_style(table());
    rows.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    rows.set_width(u16::try_from(look.width).unwrap_or(80));
    let mut header = vec!["day".to_owned(), "date".to_owned(), "at most".to_owned()];
    match shown {
        Columns::Sent => header.extend(["sent".to_owned(), "remarks".to_owned()]),
        Columns::Providers => header.extend(plan.providers.iter().map(|provider| provider.name.clone())),
        Columns::Paces => {
            let others = PACES.iter().filter(|pace| **pace != plan.pace);
            header.extend(others.map(|pace| format!("{} pace", pace.name())));
        }
    }
    rows.set_header(header);
    if let Some(dates) = rows.column_mut(1) {
        dates.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
    }
    for day in &plan.days {
        let mut row = vec![day.day.to_string(), day.date.to_string(), day.limit.to_string()];
        match shown {
            Columns::Sent => {
                row.push(day.sent.map_or("-".to_owned(), |sent| sent.to_string()));
                row.push(remark(day));
            }
            Columns::Providers => row.extend(day.limits.iter().map(ToString::to_string)),
            Columns::Paces => {
                let paces = PACES.iter().zip(day.paces);
                row.extend(paces.filter(|(pace, _)| **pace != plan.pace).map(|(_, limit)| limit.to_string()));
            }
        }
        rows.add_row(row);
    }
    rows
}

/// Where the figures come from.
fn figures(plan: &Plan, look: Look) -> String {
    let mut out = String::new();
    for provider in plan.providers.iter().filter_map(|provider| provider.known) {
        let mut text = provider.name.clone();
        let mut parts = Vec::new();
        parts.extend(provider.connections.map(|count| format!("at most {count} connections")));
        parts.extend(provider.messages_per_connection.map(|count| format!("{count} messages a connection")));
        parts.extend(provider.note.clone());
        text.push_str(&format!(": {} [{}]", parts.join("; "), provider.source));
        out.push_str(&wrap(&text, look.width, "  ", "    "));
    }
    let schedule = warmup().schedule(plan.pace);
    for source in schedule.sources.iter().chain(&warmup().threshold.sources) {
        out.push_str(&wrap(source, look.width, "  source: ", "    "));
    }
    out.push_str(&wrap(
        "Send to those who opened or answered lately first. Do not raise on a day with deferrals or complaints.",
        look.width,
        "",
        "",
    ));
    out
}

fn remark(day: &Day) -> String {
    match &day.verdict {
        Verdict::Open => String::new(),
        Verdict::Within => "within".to_owned(),
        Verdict::Above => "ABOVE the plan".to_owned(),
        Verdict::AboveAt(names) => format!("ABOVE at {}", names.join(", ")),
        Verdict::Hold(why) => format!("HOLD: {why}"),
    }
}

fn log_says(plan: &Plan, look: Look) -> String {
    let Some(compared) = &plan.compared else { return String::new() };
    let mut out = String::new();
    let mut line = |text: &str| out.push_str(&wrap(text, look.width, "", "  "));
    line(&format!("The log holds mail out from {} to {}.", compared.first, compared.last));
    if compared.is_new {
        line("It begins before the first mail out: the sender is new.");
    }
    for provider in &plan.providers {
        if let Some(first) = provider.first_seen {
            line(&format!("First mail to {}: {first}.", provider.name));
        }
    }
    if !compared.sources.is_empty() {
        let sources: Vec<String> = compared
            .sources
            .iter()
            .take(10)
            .map(|(name, count)| format!("{} ({count})", crate::model::untrusted::plain(name, Width::Name)))
            .collect();
        line(&format!("Sent from: {}.", sources.join(", ")));
    }
    match compared.above.len() {
        0 => line("No day is above the plan."),
        1 => line(&format!("One day is above the plan: {}.", compared.above[0])),
        count => {
            line(&format!("{count} days are above the plan, the last on {}.", compared.above[count - 1]))
        }
    }
    if let Some(hold) = &compared.hold {
        line(&format!(
            "Hold at {} a day (day {} of the plan) until a week has gone well: {}.",
            hold.limit, hold.day, hold.why
        ));
    }
    if let Some(days) = compared.idle {
        line(&format!("{days} days without mail: reputation has faded, start again at day 1."));
    }
    out
}

/// A row a day; one column a provider.
pub(crate) fn csv(plan: &Plan) -> String {
    let mut out = String::from("day,date,limit,sent,remarks");
    for provider in &plan.providers {
        out.push_str(&format!(",{}", escape::csv(&provider.name)));
    }
    out.push_str("\r\n");
    for day in &plan.days {
        let sent = day.sent.map(|sent| sent.to_string()).unwrap_or_default();
        let remark = escape::csv(&remark(day));
        out.push_str(&format!("{},{},{},{sent},{remark}", day.day, day.date, day.limit));
        for limit in &day.limits {
            out.push_str(&format!(",{limit}"));
        }
        out.push_str("\r\n");
    }
    out
}

#[derive(Serialize)]
struct PlanV1<'a> {
    schema: &'static str,
    target: u64,
    pace: &'static str,
    start: &'static str,
    plan: Vec<DayV1<'a>>,
    providers: Vec<ProviderV1<'a>>,
    log: Option<LogV1>,
    sources: Vec<&'a str>,
}

#[derive(Serialize)]
struct DayV1<'a> {
    day: u32,
    date: String,
    limit: u64,
    /// The limit at each pace.
    paces: BTreeMap<&'static str, u64>,
    sent: Option<u64>,
    /// open, within, above, above-at-provider or hold.
    verdict: &'static str,
    remark: String,
    providers: Vec<DayProviderV1<'a>>,
}

#[derive(Serialize)]
struct DayProviderV1<'a> {
    name: &'a str,
    limit: u64,
    sent: Option<u64>,
}

#[derive(Serialize)]
struct ProviderV1<'a> {
    name: &'a str,
    share: Option<f64>,
    first_seen: Option<String>,
    connections: Option<u32>,
    messages_per_connection: Option<u32>,
    note: Option<&'a str>,
    source: Option<&'a str>,
}

#[derive(Serialize)]
struct LogV1 {
    first: String,
    last: String,
    new_sender: bool,
    sources: Vec<String>,
    days_above: Vec<String>,
    hold_at: Option<u64>,
    hold_day: Option<u32>,
    hold_why: Option<String>,
    idle_days: Option<u32>,
}

/// `mailvet/warmup/1`.
pub(crate) fn json(plan: &Plan) -> serde_json::Value {
    let days = plan.days.iter().map(|day| day_v1(plan, day));
    let providers = plan.providers.iter().map(|provider| ProviderV1 {
        name: &provider.name,
        share: provider.share,
        first_seen: provider.first_seen.map(|date| date.to_string()),
        connections: provider.known.and_then(|known| known.connections),
        messages_per_connection: provider.known.and_then(|known| known.messages_per_connection),
        note: provider.known.and_then(|known| known.note.as_deref()),
        source: provider.known.map(|known| known.source.as_str()),
    });
    let log = plan.compared.as_ref().map(|compared| LogV1 {
        first: compared.first.to_string(),
        last: compared.last.to_string(),
        new_sender: compared.is_new,
        sources: compared.sources.iter().map(|(name, _)| name.clone()).collect(),
        days_above: compared.above.iter().map(ToString::to_string).collect(),
        hold_at: compared.hold.as_ref().map(|hold| hold.limit),
        hold_day: compared.hold.as_ref().map(|hold| hold.day),
        hold_why: compared.hold.as_ref().map(|hold| hold.why.clone()),
        idle_days: compared.idle,
    });
    let document = PlanV1 {
        schema: "mailvet/warmup/1",
        target: plan.target,
        pace: plan.pace.name(),
        start: match plan.start {
            Start::Given => "given",
            Start::FirstSighting => "first-sighting",
            Start::Today => "today",
        },
        plan: days.collect(),
        providers: providers.collect(),
        log,
        sources: warmup().schedule(plan.pace).sources.iter().map(String::as_str).collect(),
    };
    serde_json::to_value(document).unwrap_or_default()
}

fn day_v1<'p>(plan: &'p Plan, day: &Day) -> DayV1<'p> {
    DayV1 {
        day: day.day,
        date: day.date.to_string(),
        limit: day.limit,
        paces: PACES.iter().map(|pace| pace.name()).zip(day.paces).collect(),
        sent: day.sent,
        verdict: match &day.verdict {
            Verdict::Open => "open",
            Verdict::Within => "within",
            Verdict::Above => "above",
            Verdict::AboveAt(_) => "above-at-provider",
            Verdict::Hold(_) => "hold",
        },
        remark: remark(day),
        providers: plan
            .providers
            .iter()
            .zip(day.limits.iter().zip(&day.sent_to))
            .map(|(provider, (limit, sent))| DayProviderV1 {
                name: &provider.name,
                limit: *limit,
                sent: *sent,
            })
            .collect(),
    }
}

/// Width, height and margin of the drawing, in its own units.
const SIZE: (f64, f64, f64) = (860.0, 420.0, 70.0);

/// A line at each power of ten up to `most`.
fn decade_lines(most: u64, y: impl Fn(u64) -> f64) -> String {
    let (width, _, margin) = SIZE;
    let steps = std::iter::successors(Some(1u64), |step| step.checked_mul(10));
    let line = |step: u64| {
        let at = y(step);
        format!(
            "<line x1=\"{margin}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{step}</text>\n",
            width - margin,
            margin - 8.0,
            at + 4.0
        )
    };
    steps.take_while(|step| *step <= most).map(line).collect()
}

/// Plan as a line, mail sent as bars, on a logarithmic scale; days above in red.
pub(crate) fn svg(plan: &Plan) -> String {
    let (width, height, margin) = SIZE;
    let most = plan.days.iter().map(|day| day.limit.max(day.sent.unwrap_or(0))).max().unwrap_or(1).max(10);
    let decades = (most as f64).log10();
    let count = plan.days.len().max(1) as f64;
    let x = |day: u32| margin + (f64::from(day) - 0.5) / count * (width - 2.0 * margin);
    // One message stands on the axis; none below it.
    let y = |value: u64| {
        let share = (value.max(1) as f64).log10() / decades;
        height - margin - share * (height - 2.0 * margin)
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>Warm-up to {} messages a day, {} pace</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
        plan.target,
        plan.pace.name()
    );
    out.push_str(&decade_lines(most, y));
    let bar = ((width - 2.0 * margin) / count * 0.7).max(1.0);
    for day in &plan.days {
        let Some(sent) = day.sent.filter(|sent| *sent > 0) else { continue };
        let above = matches!(day.verdict, Verdict::Above | Verdict::AboveAt(_));
        let fill = if above { "#c0392b" } else { "#7fb3d5" };
        let top = y(sent);
        out.push_str(&format!(
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{bar:.1}\" height=\"{:.1}\" fill=\"{fill}\">\
             <title>{}: {sent} sent, {} planned</title></rect>\n",
            x(day.day) - bar / 2.0,
            (height - margin - top).max(0.5),
            day.date,
            day.limit
        ));
    }
    let points: Vec<String> =
        plan.days.iter().map(|day| format!("{:.1},{:.1}", x(day.day), y(day.limit))).collect();
    out.push_str(&format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1b4f72\" stroke-width=\"2\"/>\n",
        points.join(" ")
    ));
    for day in [plan.days.first(), plan.days.last()].into_iter().flatten() {
        out.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
            x(day.day),
            height - margin + 20.0,
            day.date
        ));
    }
    out.push_str(&format!(
        "<text x=\"{margin}\" y=\"30\" font-size=\"15\">Warm-up to {} a day, {} pace: line at most, bars sent, \
         red above</text>\n</svg>\n",
        plan.target,
        plan.pace.name()
    ));
    out
}

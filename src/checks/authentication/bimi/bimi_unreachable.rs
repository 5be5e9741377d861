//! Do the web servers give the logo and the certificate the record names?

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Failure, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-unreachable",
    area: Area::Authentication,
    title: "the logo or mark certificate is not served",
    severity: Severity::Low,
    why: "\
        A receiver that cannot fetch the logo or its certificate over HTTPS shows no logo, and keeps \
        that result for days.",
    fix: "Serve the file at the very address of the record, with status 200 and without a redirect.",
    references: &[pages::BIMI_DRAFT],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

/// The media type of a logo, its parameters left aside; an absent one says nothing.
fn is_svg(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.is_empty() || media.to_ascii_lowercase().starts_with("image/svg")
}

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(bimi) = facts.bimi()? else {
        return Ok(Verdict::NotApplicable("the domain publishes no BIMI record"));
    };
    let exchanges = facts.brand_exchanges()?;
    if exchanges.is_empty() {
        return Ok(Verdict::NotApplicable("the BIMI record names no file"));
    }
    let (mut problems, mut gap) = (Vec::new(), None);
    for exchange in exchanges {
        let url = plain(&exchange.url, Width::Line);
        let what = match &exchange.said {
            // Without trust in the web server nothing else it says counts.
            Ok(_) if exchange.untrusted.is_some() => {
                let why = exchange.untrusted.as_deref().unwrap_or_default();
                format!("{url} cannot be fetched safely, the web server's certificate does not count: {why}")
            }
            Ok(said) if said.status == 200 && exchange.tag == "l" && !is_svg(&said.content_type) => {
                format!("{url} is served as {}, not as image/svg+xml", plain(&said.content_type, Width::Name))
            }
            Ok(said) if said.status == 200 => continue,
            Ok(said) if (300..400).contains(&said.status) => {
                format!("{url} answers {} and points to {}", said.status, plain(&said.location, Width::Line))
            }
            Ok(said) => format!("{url} answers with HTTP status {}", said.status),
            // The web server's own doing; a silent network is none of it.
            Err(Gap::Failed { failure: Failure::Protocol(why), .. }) => {
                format!("{url} cannot be fetched: {}", plain(why, Width::Line))
            }
            Err(unknown) => {
                gap = gap.or_else(|| Some(unknown.clone()));
                continue;
            }
        };
        problems.push(Problem::at(bimi.subject(None), format!("{}=: {what}", exchange.tag)));
    }
    Verdict::so_far(problems, gap)
}

//! `mailvet reply TEXT`: what an SMTP reply means and who must act.

use std::path::Path;

use anyhow::bail;
use clap::Args;

use super::asking::Asking;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::TicketFormat;
use super::session::Session;
use super::{confirm, input, output};
use crate::render::{json, reply};
use crate::triage::cause::Cause;
use crate::triage::confirm::{Circumstances, Claim};
use crate::triage::reply::explain;

/// Longest text read from standard input, in bytes.
const LONGEST: u64 = 1 << 20;

#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  mailvet reply \"550 5.1.1 <a@example.net>: User unknown\"\n  \
                        mailvet reply --mx mx.example.net \"421 4.7.0 try again later\"\n  \
                        tail -1 bounce.txt | mailvet reply -\n\n\
                        Where the reply says what the DNS can show (a list that names the address, a missing\n\
                        PTR name, failed SPF or DMARC, a domain without a server) this is looked up, within\n\
                        5 seconds, and the answer says whether it is still so. --offline asks nothing.\n\n\
                        Exit codes: 0 the cause is known; 2 usage, or the text cannot be read;\n\
                        3 neither words nor codes tell the cause.")]
pub struct ReplyArgs {
    /// The reply as a log or a bounce quotes it, wrapping included; - reads standard input
    #[arg(value_name = "TEXT|-")]
    pub text: String,
    /// The host that replied, or the recipient's domain: tells the provider
    #[arg(long, value_name = "HOST")]
    pub mx: Option<String>,
    /// Our sending address, where the reply does not name it
    #[arg(long, value_name = "ADDR")]
    pub ip: Option<String>,
    /// Envelope sender or its domain: for SPF, DMARC and lists of names
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Recipient or its domain: for a domain said not to exist
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

pub(super) fn run(args: &ReplyArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let text = if args.text == "-" {
        String::from_utf8_lossy(&input::read(Path::new("-"), "reply", LONGEST)?).into_owned()
    } else {
        args.text.clone()
    };
    if text.trim().is_empty() {
        bail!("the reply is empty; give its text in quotes, or - to read standard input");
    }
    let session = Session::new(global)?;
    let known = Circumstances {
        own: confirm::own_address(args.ip.as_deref())?,
        sender: args.from.clone().unwrap_or_default(),
        recipient: args.to.clone().unwrap_or_default(),
        remote: None,
    };
    let mut verdict = explain(&text, args.mx.as_deref());
    let claim = Claim::of(&verdict, &known);
    let mut asking = Asking::new(&session)?;
    let mut confirmed = confirm::confirm(asking.as_mut(), claim.iter().cloned().collect())?;
    if let Some(asking) = asking {
        asking.finish()?;
    }
    verdict.confirmation = claim.and_then(|claim| confirmed.remove(&claim));
    let waits = verdict.permanent == Some(false);
    if let Some(step) = verdict.confirmation.as_ref().and_then(|seen| seen.step(waits)) {
        verdict.action.insert(0, step.to_owned());
    }
    for out in &outputs {
        let rendered = match out.format {
            TicketFormat::Json => json::text(&json::reply::reply(&verdict)),
            TicketFormat::Markdown => reply::markdown(&verdict),
            TicketFormat::Terminal => {
                let look = output::look(global, out);
                reply::terminal(&verdict, look)
            }
        };
        output::write(out, &rendered)?;
    }
    // What the text does not say is unknown, as where `spf` or `mx` get no answer.
    Ok(if verdict.cause == Cause::Undetermined { Exit::Unknown } else { Exit::Clean })
}

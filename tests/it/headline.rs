//! The first sentence of a report and its exit code, in the situations that people meet.

use std::process::Command;

use crate::root;

/// The report's first sentence, or the first line where the answer is no report, and the exit code.
fn headline(args: &[&str]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailvet"));
    command.args(args).current_dir(root().join("fixtures/headlines")).env("NO_COLOR", "1");
    if args.first() == Some(&"audit") && args.len() > 1 {
        command.args(["--format", "json"]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(!shown.contains("panicked"), "{args:?}: {shown}");
    let report: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let first = match report.as_ref().and_then(|report| report["headline"].as_str()) {
        Some(sentence) => sentence,
        None => text.lines().chain(shown.lines()).next().unwrap_or_default(),
    };
    (first.to_owned(), output.status.code().unwrap())
}

#[test]
fn situations_read_as_they_are() {
    let mut wrong = Vec::new();
    for (situation, args, wanted, exit) in SITUATIONS {
        let args: Vec<&str> = args
            .split(' ')
            .flat_map(|arg| if arg == "@" { WORLD.split(' ') } else { arg.split(' ') })
            .collect();
        let (line, code) = headline(&args);
        if line != *wanted || code != *exit {
            wrong.push(format!("{situation}: exit {code}\n{line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_monitor_hears_of_findings_beside_an_answer_that_is_missing() {
    let args = "audit example.com --zone good.zone --zone reverse.zone --offline --helo mail.example.com --selector s1 \
                --ip 198.51.100.27 --list dnsbl.example.net --format nagios";
    let folder = root().join("fixtures/headlines");
    let output = crate::cli::mailvet_in(&folder, &args.split_whitespace().collect::<Vec<_>>());
    let line = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{line}");
    assert!(line.starts_with("MAILVET UNKNOWN - example.com: not scored: Reverse DNS: "), "{line}");
    assert!(line.contains("; found so far: spf-ip-unauthorised"), "{line}");
}

/// All of the world that a sender's audit asks for, so that nothing is asked of a network.
const WORLD: &str =
    "--zone ../demo/world.zone --zone reverse.zone --offline --helo mail.example.com --selector s1";

/// Situation, arguments (`@` is the world), first sentence, exit code.
const SITUATIONS: &[(&str, &str, &str, i32)] = &[
    (
        "all well",
        "audit example.com @ --zone good.zone --ip 198.51.100.26",
        "Nothing found stands against mail from example.com. 10 of 18 receivers should take it.",
        0,
    ),
    (
        "refused",
        "audit example.com @ --zone good.zone --ip 198.51.100.27",
        "Mail from example.com will be refused by Google, GMX and WEB.DE, T-Online and 8 more: 198.51.100.27 has no \
         PTR record, so receivers cannot tell whose host it is (first fix: ptr-missing; the address's provider acts).",
        1,
    ),
    (
        "half unknown",
        "audit example.com --zone good.zone --zone reverse.zone --offline --helo mail.example.com --selector s1 \
         --ip 198.51.100.26 --list dnsbl.example.net",
        "Too little is known to say what becomes of mail from example.com: IP reputation: 1 of 1 verdicts are unknown: \
         dnsbl.example.net was not asked: the run is offline (run with the network allowed) (ip-blocklisted).",
        3,
    ),
    (
        "found, and half unknown",
        "audit example.com --zone good.zone --zone reverse.zone --offline --helo mail.example.com --selector s1 \
         --ip 198.51.100.27 --list dnsbl.example.net",
        "Mail from example.com will be refused by GMX and WEB.DE, Orange, La Poste and 1 more: 198.51.100.27 gets SPF fail \
         for example.com, by -all of example.com (first fix: spf-ip-unauthorised; whoever runs the domain's DNS acts). Not \
         all is known: Reverse DNS: 27.100.51.198.in-addr.arpa PTR was not asked: the run is offline (ptr-missing).",
        3,
    ),
    (
        "parked",
        "audit example.com --zone parked.zone --offline",
        "example.com is parked and locked: it sends no mail, and receivers refuse what is sent as it.",
        0,
    ),
    (
        "typo",
        "audit exmaple.example --zone ../demo/world.zone --offline",
        "exmaple.example does not exist (NXDOMAIN): nothing can be sent from it; is it misspelt?",
        1,
    ),
    (
        "offline zone",
        "audit example.com --zone good.zone --offline",
        "Nothing found stands against mail from example.com. Give --ip and --message to judge the mail itself.",
        0,
    ),
    (
        "no network",
        "audit example.com --ip 198.51.100.26 --offline",
        "Too little is known to say what becomes of mail from example.com: Authentication: example.com TXT was not \
         asked: the run is offline (domain-missing).",
        3,
    ),
    (
        "ignored",
        "audit example.com @ --zone watching.zone --ip 198.51.100.26 --config ignore.toml",
        "Nothing but what was set aside (1) stands against mail from example.com.",
        0,
    ),
    ("lint of a phish", "lint phish.eml", "phish.eml  34 of 100, grade F, 8 findings", 1),
    ("lint of a good quote", "lint quote.eml", "quote.eml  100 of 100, grade A+, nothing found", 0),
    (
        "nothing given",
        "audit",
        "error: nothing to audit: give a DOMAIN, --message FILE, --log FILE or --ibmi FILE, or write [[target]] in \
         mailvet.toml",
        2,
    ),
    (
        "IPv6 only",
        "audit example.com @ --zone good.zone --ip 2001:db8::26",
        "Mail from example.com will be refused by Google, Microsoft 365, GMX and WEB.DE and 6 more: 2001:db8::26 has no \
         PTR record, so receivers cannot tell whose host it is (first fix: ptr-missing; the address's provider acts).",
        1,
    ),
];

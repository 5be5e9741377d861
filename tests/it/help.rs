//! Help, completion and manual pages: one screen, whole, and the same for every command.

use clap::CommandFactory as _;

use crate::cli::{mailvet, text};

/// Every command that is typed, as its words: `audit`, `zone check`.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, words: &[String], all: &mut Vec<Vec<String>>) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let words: Vec<String> = words.iter().cloned().chain([sub.get_name().to_owned()]).collect();
            below(sub, &words, all);
            all.push(words);
        }
    }
    let mut all = Vec::new();
    below(&mailvet::cli::Cli::command(), &[], &mut all);
    assert!(all.len() > 30, "{all:?}");
    all
}

fn run(words: &[String], more: &[&str]) -> std::process::Output {
    let args: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    mailvet(&args)
}

#[test]
fn short_help_is_one_screen_with_examples() {
    let mut wrong = Vec::new();
    for words in commands() {
        let name = words.join(" ");
        let page = text(&run(&words, &["-h"]).stdout);
        let lines = page.lines().count();
        if !(8..=24).contains(&lines) {
            wrong.push(format!("{name} -h has {lines} lines"));
        }
        if !page.contains(&format!("mailvet {name}")) || !page.contains("Example") {
            wrong.push(format!("{name} -h shows no example of {name}"));
        }
        for line in page.lines().filter(|line| line.chars().count() > 96) {
            wrong.push(format!("{name} -h is wider than 96 columns: {line}"));
        }
        let whole = text(&run(&words, &["--help"]).stdout);
        for shared in ["--format", "--color", "--quiet", "--jobs"] {
            let has_formats = !["completions", "man"].contains(&name.as_str()) || shared != "--format";
            if whole.contains(shared) != has_formats {
                wrong.push(format!("{name} --help and {shared}"));
            }
            if page.contains(&format!("      {shared}")) {
                wrong.push(format!("{name} -h lists {shared}, which every command has"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn first_screen_names_every_command() {
    for args in [&[][..], &["-h"]] {
        let out = mailvet(args);
        let page = text(&out.stdout) + &text(&out.stderr);
        assert!(page.lines().count() <= 24, "{page}");
        for words in
            commands().iter().filter(|words| !["dkim keygen", "zone"].contains(&words.join(" ").as_str()))
        {
            let name = words.join(" ");
            let found = page.split([',', '\n']).any(|item| {
                let item = item.trim();
                item == name || item.ends_with(&format!("  {name}")) || item.contains(&format!("{name} ("))
            });
            assert!(found, "the first screen does not name {name}:\n{page}");
        }
    }
}

/// The table of formats is what the commands take: each says its own when asked for one that is none.
#[test]
fn formats_in_the_help_are_those_of_the_command() {
    let minimal: &[(&str, &[&str])] = &[
        ("audit", &["--demo"]),
        ("portfolio", &["/dev/null"]),
        ("dkim", &["example.com"]),
        ("dkim keygen", &["--domain", "example.com", "--selector", "s1"]),
        ("dmarc", &["example.com"]),
        ("bimi", &["example.com"]),
        ("reply", &["550 no"]),
        ("bounce", &["/dev/null"]),
        ("lint", &["/dev/null"]),
        ("spf", &["example.com"]),
        ("ptr", &["192.0.2.1"]),
        ("blocklist", &["192.0.2.1"]),
        ("mx", &["example.com"]),
        ("transport", &["example.com"]),
        ("relay", &["localhost"]),
        (
            "send",
            &[
                "--relay",
                "localhost",
                "--from",
                "a@example.com",
                "--to",
                "b@example.com",
                "--message",
                "/dev/null",
                "--dry-run",
            ],
        ),
        ("listen", &["127.0.0.1:0"]),
        ("warmup", &["--target", "1000/day"]),
        ("triage", &["/dev/null"]),
        ("queue", &["/dev/null"]),
        ("suppress", &["/dev/null"]),
        ("traffic", &["/dev/null"]),
        ("zone check", &["/dev/null"]),
        ("zone fix", &["/dev/null"]),
        ("zone records", &["/dev/null"]),
        ("reports", &["/dev/null"]),
        ("explain", &["spf-missing"]),
        ("schema", &["config"]),
    ];
    for words in commands() {
        let name = words.join(" ");
        if ["zone", "completions", "man"].contains(&name.as_str()) {
            continue;
        }
        let Some((_, args)) = minimal.iter().find(|(command, _)| *command == name) else {
            panic!("{name} is missing in this test")
        };
        let more: Vec<&str> = args.iter().copied().chain(["--offline", "--format", "nonsense"]).collect();
        let out = run(&words, &more);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{name}: {said}");
        let own =
            said.split("this command offers ").nth(1).unwrap_or_else(|| panic!("{name}: {said}")).trim();
        let page = text(&run(&words, &["-h"]).stdout);
        assert!(page.contains(&format!("Formats: {own}\n")), "{name} takes {own}:\n{page}");
    }
}

/// A flag that would do nothing is refused, with its reason; where it works it is not.
#[test]
fn idle_flags_are_refused() {
    let idle: &[&[&str]] = &[
        &["warmup", "--target", "1000/day", "--record", "x.json"],
        &["traffic", "x.log", "--replay", "x.json"],
        &["lint", "x.eml", "--resolver", "127.0.0.1"],
        &["lint", "x.eml", "--record", "x.json"],
        &["bounce", "x.eml", "--fail-on", "low"],
        &["explain", "spf-missing", "--zone", "x.zone"],
        &["reply", "550 no", "--only", "authentication"],
        &["zone", "check", "x.zone", "--replay", "x.json"],
        &["dkim", "keygen", "--domain", "example.com", "--selector", "s1", "--resolver", "127.0.0.1"],
        &["man", "--format", "json"],
        // Before the command, too.
        &["--record", "x.json", "suppress", "x.log"],
    ];
    for args in idle {
        let out = mailvet(args);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains("does nothing for mailvet") && said.contains("leave the flag out"),
            "{args:?}: {said}"
        );
        assert!(out.stdout.is_empty(), "{args:?}");
    }
    let whole = text(&mailvet(&["traffic", "--help"]).stdout);
    assert!(!whole.contains("--replay") && whole.contains("--jobs"), "{whole}");
}

#[test]
fn values_are_completed() {
    for (shell, words) in [
        (
            "bash",
            &["authentication", "spf-missing", "postfix", "google", "sarif", "critical", "prometheus"][..],
        ),
        ("zsh", &["authentication", "spf-missing", "postfix", "google", "sarif"]),
        ("fish", &["authentication", "spf-missing", "postfix", "google", "sarif"]),
    ] {
        let script = text(&mailvet(&["completions", shell]).stdout);
        for word in words {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
}

#[test]
fn manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("man1");
    let out = mailvet(&["man", "--dir", dir.to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    for words in commands() {
        let file = dir.join(format!("mailvet-{}.1", words.join("-")));
        let page = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        for section in
            [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH FILES", "mailvet.toml", ".SH EXIT STATUS"]
        {
            assert!(page.contains(section), "{}: {section}", file.display());
        }
    }
    let one = text(&mailvet(&["man", "zone", "check"]).stdout);
    assert_eq!(one, std::fs::read_to_string(dir.join("mailvet-zone-check.1")).unwrap());
    assert_eq!(mailvet(&["man", "nonsense"]).status.code(), Some(2));
}

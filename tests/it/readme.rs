//! The README shows real output and names every command.

use crate::cli::{mailvet_in, text};
use crate::root;

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

fn run(args: &[&str]) -> String {
    text(&mailvet_in(root(), args).stdout)
}

/// Every `console` block: its `$ mailvet ...` line is run, and what follows must
/// be in the output, in order; a line of three dots stands for any lines.
#[test]
fn readme_output_is_real() {
    let text = readme();
    let mut blocks = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut lines = block.lines();
        let command =
            lines.next().unwrap().strip_prefix("$ mailvet ").expect("a block starts with $ mailvet");
        let args: Vec<&str> = command.split(' ').collect();
        let output = run(&args);
        let found: Vec<&str> = output.lines().collect();
        let (mut at, mut skipping) = (0, false);
        for wanted in lines {
            if wanted == "..." {
                skipping = true;
                continue;
            }
            let place = found[at..].iter().position(|line| *line == wanted);
            let place =
                place.unwrap_or_else(|| panic!("{wanted:?} is not in the output of {command}:\n{output}"));
            assert!(skipping || place == 0, "{wanted:?} does not follow at once in {command}:\n{output}");
            at += place + 1;
            skipping = false;
        }
        blocks += 1;
    }
    assert!(blocks >= 1);
    let first_screen: String = text.lines().take(30).collect();
    assert!(first_screen.contains("$ mailvet audit --demo"), "real output on the first screen");
}

#[test]
fn readme_names_every_command() {
    let help = run(&["--help"]);
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let text = readme();
    for line in commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        assert!(
            name == "help" || text.contains(&format!("`{name}")),
            "README does not name the command {name}"
        );
    }
}

#[test]
fn readme_set_up_is_two_commands() {
    let text = readme();
    assert!(text.contains("cargo run --release -- audit --demo") && text.contains("tests/run"));
    let run = root().join("tests/run");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert!(std::fs::metadata(run).unwrap().permissions().mode() & 0o111 != 0, "tests/run is executable");
    }
}

#[test]
fn every_command_explains_itself() {
    let help = run(&["--help"]);
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    for line in commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        if name == "help" || name == "man" {
            continue;
        }
        let page = run(&[name, "--help"]);
        assert!(page.contains("Example"), "{name} --help shows no example:\n{page}");
    }
}

//! What others run without reading it: the GitHub Action, the hooks of pre-commit, the GitLab
//! template, the units of systemd. Each is run as its host would run it, with a made-up event.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use saphyr::{LoadableYamlNode as _, Yaml};

use crate::cli::{ZONE, text};
use crate::git::git;

/// A repository whose first commit is sound, and the commit.
fn repository() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zones")).unwrap();
    std::fs::write(folder.path().join("zones/example.com.zone"), ZONE).unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "zones"]);
    let base = git(folder.path(), &["rev-parse", "HEAD"]);
    (folder, base)
}

fn yaml(path: &str) -> String {
    std::fs::read_to_string(crate::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A step of the action: its script, and its environment with the expressions filled in.
struct Step {
    id: String,
    script: String,
    environment: Vec<(String, String)>,
}

fn steps(action: &Yaml<'_>, values: &BTreeMap<String, String>) -> Vec<Step> {
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let filled = |text: &str| {
        let mut text = text.to_owned();
        for (name, value) in values {
            text = text.replace(&format!("${{{{ {name} }}}}"), value);
        }
        assert!(!text.contains("${{"), "no value for {text}");
        text
    };
    let step = |step: &Yaml<'_>| Step {
        id: step["id"].as_str().unwrap().to_owned(),
        script: step["run"].as_str().unwrap().to_owned(),
        environment: step["env"]
            .as_mapping()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str().unwrap().to_owned(), filled(value.as_str().unwrap())))
            .collect(),
    };
    steps.iter().map(step).collect()
}

/// What the action left behind.
struct Ran {
    code: Option<i32>,
    said: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

/// Runs the action's steps as a runner does: each in bash, one after the other, until one fails.
fn run(folder: &Path, inputs: &[(&str, &str)]) -> Ran {
    let source = yaml(".github/actions/mailvet/action.yml");
    let action = Yaml::load_from_str(&source).unwrap().remove(0);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, input) in action["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let default = input.as_mapping_get("default").and_then(|value| value.as_str()).unwrap_or_default();
        values.insert(format!("inputs.{name}"), default.to_owned());
    }
    for (name, value) in inputs {
        let known = values.insert(format!("inputs.{name}"), (*value).to_owned());
        assert!(known.is_some(), "the action has no input {name}");
    }
    values.insert("github.action_path".to_owned(), "/nowhere".to_owned());
    let temporary = tempfile::tempdir().unwrap();
    let (outputs, summary) = (temporary.path().join("outputs"), temporary.path().join("summary"));
    std::fs::write(&summary, "").unwrap();
    let mut ran = Ran { code: None, said: String::new(), outputs: BTreeMap::new(), summary: String::new() };
    // Each step's outputs are known only once it has run.
    for at in 0..action["runs"]["steps"].as_sequence().unwrap().len() {
        values.entry("steps.binary.outputs.path".to_owned()).or_default();
        let step = steps(&action, &values).remove(at);
        std::fs::write(&outputs, "").unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script])
            .envs(step.environment)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("RUNNER_TEMP", temporary.path())
            .current_dir(folder)
            .output()
            .unwrap();
        ran.said += &(text(&output.stdout) + &text(&output.stderr));
        ran.code = output.status.code();
        for line in std::fs::read_to_string(&outputs).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            values.insert(format!("steps.{}.outputs.{name}", step.id), value.to_owned());
            ran.outputs.insert(name.to_owned(), value.to_owned());
        }
        if ran.code != Some(0) {
            break;
        }
    }
    ran.summary = std::fs::read_to_string(&summary).unwrap();
    ran
}

fn inputs<'i>(base: &'i str, paths: &'i str) -> Vec<(&'static str, &'i str)> {
    let binary = env!("CARGO_BIN_EXE_mailvet");
    vec![("paths", paths), ("against", base), ("binary", binary), ("offline", "true")]
}

/// The expressions of an action that stand in a script are filled in before the shell reads it:
/// a branch named `$(...)` would run.
#[test]
fn no_script_of_the_action_or_the_workflow_holds_an_expression() {
    for path in [".github/actions/mailvet/action.yml", ".github/workflows/release.yml"] {
        let source = yaml(path);
        let document = Yaml::load_from_str(&source).unwrap().remove(0);
        let mut scripts = 0;
        let jobs: Vec<&Yaml<'_>> = match document.as_mapping_get("jobs") {
            Some(jobs) => jobs.as_mapping().unwrap().values().map(|job| &job["steps"]).collect(),
            None => vec![&document["runs"]["steps"]],
        };
        for step in jobs.iter().flat_map(|steps| steps.as_sequence().unwrap()) {
            if let Some(script) = step.as_mapping_get("run").and_then(|script| script.as_str()) {
                scripts += 1;
                assert!(!script.contains("${{"), "{path}: {script}");
            }
            if let Some(uses) = step.as_mapping_get("uses").and_then(|uses| uses.as_str()) {
                let commit = uses.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
                let pinned = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(pinned, "{path}: {uses} may change under us");
            }
        }
        assert!(scripts >= 2, "{path}");
    }
}

#[test]
fn the_action_annotates_a_pull_request_that_breaks_mail() {
    let (folder, base) = repository();
    let zone = folder.path().join("zones/example.com.zone");
    std::fs::write(&zone, ZONE.replace("p=reject", "p=none")).unwrap();
    git(folder.path(), &["commit", "-qam", "weaker"]);
    let ran = run(folder.path(), &inputs(&base, "zones/\n"));
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert!(ran.said.contains("::error file=zones/example.com.zone,line=8,"), "{}", ran.said);
    assert_eq!(ran.outputs["exit-code"], "1");
    let sarif = std::fs::read_to_string(folder.path().join(&ran.outputs["sarif"])).unwrap();
    assert!(sarif.contains("change-policy-weakened"), "{sarif}");
    assert!(ran.summary.starts_with("## mailvet: "), "{}", ran.summary);
    assert!(ran.summary.contains("zones/example.com.zone:8"), "{}", ran.summary);
}

#[test]
fn the_action_lets_a_sound_pull_request_pass() {
    let (folder, base) = repository();
    let zone = folder.path().join("zones/example.com.zone");
    std::fs::write(&zone, ZONE.replace(" 1 7200", " 2 7200") + "www A 203.0.113.80\n").unwrap();
    git(folder.path(), &["commit", "-qam", "a web server"]);
    let ran = run(folder.path(), &inputs(&base, "zones/"));
    assert_eq!((ran.code, ran.outputs["exit-code"].as_str()), (Some(0), "0"), "{}", ran.said);
    assert!(!ran.said.contains("::error"), "{}", ran.said);
}

/// Nothing of a pull request is run, and nothing that cannot be judged passes.
#[test]
fn the_action_fails_closed_and_runs_nothing_of_the_pull_request() {
    let (folder, base) = repository();
    let hostile = "$(touch owned);`touch owned`\n-h\n";
    let ran = run(folder.path(), &inputs(&base, hostile));
    assert_eq!(ran.code, Some(2), "{}", ran.said);
    assert!(!folder.path().join("owned").exists());
    for (against, paths) in [("no-such-branch", "zones/"), (base.as_str(), "gone/"), (base.as_str(), "")] {
        let ran = run(folder.path(), &inputs(against, paths));
        assert!(matches!(ran.code, Some(2 | 3)), "{against} {paths}: {:?} {}", ran.code, ran.said);
    }
}

fn hook(entry: &str, folder: &Path, files: &[&str]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_mailvet"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut words = entry.split(' ');
    Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\"", words.next().unwrap()])
        .args(words)
        .args(files)
        .env("PATH", path)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_hooks_of_pre_commit_judge_the_files_that_they_are_given() {
    let source = yaml(".pre-commit-hooks.yaml");
    let document = Yaml::load_from_str(&source).unwrap().remove(0);
    let hooks = document.as_sequence().unwrap();
    assert_eq!(hooks.len(), 2);
    let (folder, _) = repository();
    for one in hooks {
        let files = regex::Regex::new(one["files"].as_str().unwrap()).unwrap();
        assert!(files.is_match("zones/example.com.zone") && files.is_match("db.example.com"));
        assert!(!files.is_match("src/main.rs") && !files.is_match("notes.txt"));
        let entry = one["entry"].as_str().unwrap();
        let good = hook(entry, folder.path(), &["zones/example.com.zone"]);
        assert_eq!(good.status.code(), Some(0), "{}{}", text(&good.stdout), text(&good.stderr));
    }
    let broken = ZONE.replace("v=spf1 ip4", "v=spf1 include:https://x ip4");
    std::fs::write(folder.path().join("zones/example.com.zone"), broken).unwrap();
    let bad = hook(hooks[0]["entry"].as_str().unwrap(), folder.path(), &["zones/example.com.zone"]);
    assert_eq!(bad.status.code(), Some(1), "{}", text(&bad.stdout));
}

#[test]
fn the_gitlab_template_leaves_its_reports() {
    let source = yaml("packaging/gitlab.yml");
    let document = Yaml::load_from_str(&source).unwrap().remove(0);
    let job = &document[".mailvet"];
    let (folder, base) = repository();
    let zone = folder.path().join("zones/example.com.zone");
    std::fs::write(&zone, ZONE.replace("p=reject", "p=none")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_mailvet"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    for (name, value) in job["variables"].as_mapping().unwrap() {
        command.env(name.as_str().unwrap(), value.as_str().unwrap());
    }
    let script = job["script"].as_sequence().unwrap()[0].as_str().unwrap();
    // A test may ask nobody; the template itself may.
    let script = script.replace("zone check", "zone check --offline");
    let output = command
        .args(["-ec", &script])
        .env("PATH", path)
        .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let reports = job["artifacts"]["reports"].as_mapping().unwrap();
    for (_, file) in reports {
        let report = std::fs::read_to_string(folder.path().join(file.as_str().unwrap())).unwrap();
        assert!(report.contains("change-policy-weakened"), "{report}");
    }
    assert_eq!(reports.len(), 2);
}

/// What the units start is a command line that this binary takes.
#[test]
fn the_units_start_commands_that_exist() {
    let folder = crate::root().join("packaging");
    let mut started = 0;
    for unit in crate::files_below(&folder) {
        if unit.extension().is_none_or(|extension| extension != "service") {
            continue;
        }
        let source = std::fs::read_to_string(&unit).unwrap();
        assert!(source.contains("DynamicUser=yes") && source.contains("NoNewPrivileges=yes"));
        let line = source.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/mailvet ")).unwrap();
        // The parser names the first word that it does not know: all before it are known.
        let words: Vec<&str> = line.split(' ').collect();
        let state = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailvet"));
        command.args(words.iter().map(|word| word.replace("/var/lib/mailvet", "/nonexistent")));
        let output = command.arg("--no-such-option").current_dir(state.path()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{unit:?}: {said}");
        assert!(said.contains("'--no-such-option'"), "{unit:?}: {said}");
        started += 1;
    }
    assert_eq!(started, 3);
}

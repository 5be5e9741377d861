//! The suites of area 8 that need no message: host names and attachments.

use std::collections::BTreeSet;
use std::path::Path;

use mailvet::parse::attachment::{Budget, SignKind, examine};
use mailvet::parse::idn;

use super::record;
use crate::{cases, files_below};

#[test]
fn idn_chromium() {
    let Some(folder) = cases("idn-chromium") else { return };
    let text = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let host = case["ascii"].as_str().unwrap();
        let spoofs = idn::spoofs(host);
        let expected = case["expect"].as_str().unwrap();
        // An invalid label is no spoof: it is shown as it is, and reported as invalid.
        let right = match expected {
            "unsafe" => !spoofs.is_empty(),
            "safe" => spoofs.is_empty(),
            _ => !idn::decode(host).invalid.is_empty() || !spoofs.is_empty(),
        };
        if !right {
            wrong.push(format!("{host} {} should be {expected}: {spoofs:?}", case["unicode"]));
        }
    }
    eprintln!("{}", wrong.join("\n"));
    record(
        "idn-chromium",
        cases.len() - wrong.len(),
        cases.len(),
        55,
        "a homograph finding if and only if unsafe",
    );
}

/// What a file of the oletools suite must show, by its folder and name.
fn expected(path: &Path) -> Option<Vec<SignKind>> {
    let shown = path.to_str().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    Some(match () {
        () if name.ends_with(".md") => return None,
        () if name.contains("harmless") || name == "empty" => vec![],
        () if shown.contains("/encrypted/") || name.starts_with("encrypted") => vec![SignKind::Encrypted],
        () if shown.contains("/excel4-macros/") => vec![SignKind::XlmMacro],
        () if name.starts_with("dde-") => vec![SignKind::Dde],
        () if shown.contains("/oleform/") => vec![SignKind::Macro],
        () if shown.contains("/external_link/") => vec![SignKind::ExternalObject],
        () => vec![SignKind::EmbeddedObject, SignKind::EmbeddedProgram],
    })
}

#[test]
fn attachments_oletools() {
    let Some(folder) = cases("attachments-oletools") else { return };
    let (mut right, mut total) = (0, 0);
    for file in files_below(&folder) {
        let Some(expected) = expected(&file) else { continue };
        total += 1;
        let name = file.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let found = examine(name, &bytes, &mut Budget::default());
        let walked = found.walk(name);
        let kinds: BTreeSet<SignKind> =
            walked.iter().flat_map(|(_, e)| e.signs.iter().map(|s| s.kind)).collect();
        let ok = if expected.is_empty() {
            kinds.is_empty()
        } else {
            expected.iter().any(|kind| kinds.contains(kind))
        };
        right += usize::from(ok);
        if !ok {
            eprintln!("{name}: wanted {expected:?}, found {found:?}");
        }
    }
    record("attachments-oletools", right, total, 47, "the right class, harmless files quiet");
}

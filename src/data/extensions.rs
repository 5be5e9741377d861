//! File name extensions by what the reader's system does with them, and by who refuses them:
//! `extensions.toml`, with the sources.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::HashSet;
use serde::Deserialize;

#[derive(Deserialize)]
struct Group {
    extensions: String,
}

#[derive(Default)]
struct Catalogue {
    gmail: HashSet<String>,
    outlook: HashSet<String>,
    carriers: HashSet<String>,
    runs: HashSet<String>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let groups: HashMap<String, Group> = toml::from_str(include_str!("extensions.toml"))
        .expect("the embedded lists are valid, a test reads them");
    let of = |name: &str| {
        let words = groups.get(name).map(|group| group.extensions.as_str()).unwrap_or_default();
        words.split_whitespace().map(str::to_owned).collect()
    };
    Catalogue { gmail: of("gmail"), outlook: of("outlook"), carriers: of("carriers"), runs: of("runs") }
});

/// Documents whose name says that they may carry macros.
pub(crate) const MACRO_ENABLED: &[&str] =
    &["docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam", "sldm", "xlm"];

/// File systems in a file: what is inside escapes the mark of the web.
pub(crate) const DISK_IMAGE: &[&str] = &["iso", "img", "vhd", "vhdx", "udf", "dmg", "vmdk", "wim", "vdi"];

/// What people take for a document or picture, and what hides before the real extension.
pub(crate) const HARMLESS_LOOK: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "csv", "jpg", "jpeg", "png", "gif",
    "bmp", "tif", "tiff", "mp3", "mp4", "wav", "avi", "mov", "xml", "odt", "ods", "eml", "msg", "htm",
    "html", "zip",
];

/// True for an extension, lower case without dot, that runs on a double click.
pub(crate) fn is_executable(extension: &str) -> bool {
    CATALOGUE.runs.contains(extension)
}

/// Who refuses files of this extension by their name, in words.
pub(crate) fn refused_by(extension: &str) -> Option<&'static str> {
    let of = |group: &HashSet<String>| group.contains(extension);
    Some(match (of(&CATALOGUE.gmail), of(&CATALOGUE.outlook)) {
        (true, true) => "Gmail and Outlook refuse",
        (true, false) => "Gmail refuses",
        (false, true) => "Outlook refuses",
        (false, false) if of(&CATALOGUE.carriers) => "attacks use, and careful receivers refuse",
        (false, false) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_documents_differ() {
        assert!(is_executable("exe") && is_executable("hta") && is_executable("js"));
        assert!(!is_executable("pdf") && !is_executable(""));
        assert_eq!(refused_by("diagcab"), Some("Gmail and Outlook refuse"));
        assert!(refused_by("mjs").is_some() && refused_by("ex_").is_some() && refused_by("rdp").is_some());
        assert_eq!(refused_by("pdf"), None);
        for list in [&CATALOGUE.gmail, &CATALOGUE.outlook, &CATALOGUE.carriers, &CATALOGUE.runs] {
            assert!(
                list.len() > 20
                    && list
                        .iter()
                        .all(|e| e.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
            );
        }
    }
}

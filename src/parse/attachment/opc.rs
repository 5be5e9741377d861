//! Documents in ZIP containers: Office Open XML and OpenDocument. Parts are
//! judged by name and relationship; text only for field codes.

use super::{Budget, Examination, Format, SignKind, between, biff};

/// True for member names that make a ZIP file a document.
pub(super) fn is_document(names: &[String]) -> bool {
    names.iter().any(|name| name == "[Content_Types].xml" || name == "META-INF/manifest.xml")
        && names.iter().any(|name| {
            ["word/", "xl/", "ppt/", "visio/", "content.xml", "_rels/"]
                .iter()
                .any(|start| name.starts_with(start))
        })
}

/// Judges by the parts' names alone.
pub(super) fn names(names: &[String], found: &mut Examination) {
    for name in names {
        let lower = name.to_ascii_lowercase();
        let leaf = lower.rsplit('/').next().unwrap_or_default();
        if leaf == "vbaproject.bin" || (lower.starts_with("basic/") && leaf.ends_with(".xml")) {
            if !lower.starts_with("basic/") || !matches!(leaf, "script-lc.xml" | "script-lb.xml") {
                found.sign(SignKind::Macro, &format!("macros in {name}"));
            }
        } else if lower.starts_with("scripts/") && !leaf.is_empty() {
            found.sign(SignKind::Macro, &format!("a script in {name}"));
        } else if lower.contains("/macrosheets/") && leaf.starts_with("sheet") {
            found.sign(SignKind::XlmMacro, &format!("an Excel 4.0 macro sheet in {name}"));
        } else if lower.contains("/activex/") && leaf.ends_with(".bin") {
            found.sign(SignKind::EmbeddedObject, &format!("an ActiveX control in {name}"));
        } else if lower.contains("/embeddings/") || is_open_document_object(name) {
            found.sign(SignKind::EmbeddedObject, &format!("an embedded object in {name}"));
        }
    }
}

fn is_open_document_object(name: &str) -> bool {
    name.strip_prefix("Object ").is_some_and(|rest| rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}

/// True for parts whose content is read.
pub(super) fn is_read(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".rels")
        || lower == "[content_types].xml"
        || lower == "meta-inf/manifest.xml"
        || lower == "content.xml"
        || lower.contains("/externallinks/externallink")
        || lower.ends_with("vbaproject.bin")
        || lower.contains("/embeddings/")
        || is_open_document_object(name)
        || (lower.starts_with("word/") && lower.ends_with(".xml") && !lower.contains("theme"))
        || (lower.starts_with("xl/worksheets/sheet") && lower.ends_with(".xml"))
        || lower == "xl/workbook.xml"
        || (lower.contains("/media/")
            && [".png", ".jpg", ".jpeg", ".gif"].iter().any(|end| lower.ends_with(end)))
}

/// Judges a part's content.
pub(super) fn part(name: &str, bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let lower = name.to_ascii_lowercase();
    if lower.contains("/media/") {
        if found.images.len() < 4 {
            found.images.push(bytes.to_vec());
        }
        return;
    }
    if lower.contains("/embeddings/") || lower.ends_with("vbaproject.bin") || is_open_document_object(name) {
        let kind = Format::of(name, bytes);
        if matches!(kind, Format::Ole) {
            super::examine_member(name, false, Some(bytes), budget, found);
            merge_up(found);
        } else if kind == Format::Program {
            found.sign(SignKind::EmbeddedProgram, &format!("a program in {name}"));
        }
        return;
    }
    if lower.ends_with(".bin") {
        biff::examine_external_link(bytes, found);
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    if lower.ends_with(".rels") {
        relationships(&text, found);
    } else if lower == "[content_types].xml" {
        content_types(&text, found);
    } else if lower == "meta-inf/manifest.xml" {
        if text.contains("manifest:encryption-data") {
            found.sign(SignKind::Encrypted, "the document needs a password (encryption-data)");
        }
    } else {
        fields(&text, found);
        formulas(&text, found);
    }
}

/// What the member says of itself, the document is answerable for.
fn merge_up(found: &mut Examination) {
    let Some(member) = found.members.last() else { return };
    let signs = member.examination.signs.clone();
    for sign in signs {
        found.sign(sign.kind, &sign.detail);
    }
}

fn content_types(text: &str, found: &mut Examination) {
    if text.contains("vnd.ms-office.vbaProject") {
        found.sign(SignKind::Macro, "the content types declare a VBA project");
    }
    if text.contains("vnd.ms-excel.macrosheet") || text.contains("vnd.ms-excel.intlmacrosheet") {
        found.sign(SignKind::XlmMacro, "the content types declare an Excel 4.0 macro sheet");
    }
}

/// Relationships that lead out of the document (ECMA-376 part 2 section 9.3).
pub(super) fn relationships(text: &str, found: &mut Examination) {
    for element in text.split('<').filter(|element| element.starts_with("Relationship ")).take(5000) {
        let attribute = |name: &str| {
            between(element, &format!("{name}=\""), "\"")
                .or_else(|| between(element, &format!("{name}='"), "'"))
        };
        if !attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external")) {
            continue;
        }
        let target = attribute("Target").unwrap_or_default().replace("&amp;", "&");
        let kind =
            attribute("Type").unwrap_or_default().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let remote = is_remote(&target);
        match kind.as_str() {
            "attachedtemplate" if remote => found.sign(SignKind::ExternalTemplate, &target),
            "attachedtemplate" => {}
            "oleobject" | "frame" | "subdocument" | "externallinkpath" if remote || kind == "oleobject" => {
                found.sign(SignKind::ExternalObject, &format!("{kind} {target}"));
            }
            "hyperlink" => found.link(&target),
            _ => {}
        }
    }
}

/// A template on the author's own disk is a habit, one on a server is loaded from there.
fn is_remote(target: &str) -> bool {
    let lower = target.trim().to_ascii_lowercase();
    lower.starts_with("http:")
        || lower.starts_with("https:")
        || lower.starts_with("\\\\")
        || lower.starts_with("ftp:")
        || lower.starts_with("mhtml:")
        || lower.starts_with("file://") && !lower.starts_with("file:///")
        || lower.starts_with("file:///\\\\")
}

/// Field codes of a Word part: `w:instrText` runs joined, and `w:fldSimple`.
pub(super) fn fields(text: &str, found: &mut Examination) {
    let mut code = String::new();
    for element in text.split('<').take(400_000) {
        if let Some(rest) = element.strip_prefix("w:instrText") {
            if let Some((_, content)) = rest.split_once('>') {
                code.push_str(content);
            }
        } else if element.starts_with("w:fldChar") {
            if element.contains("begin") || element.contains("end") || element.contains("separate") {
                field(&unescape(&code), found);
                code.clear();
            }
        } else if element.starts_with("w:fldSimple") {
            field(&unescape(between(element, "w:instr=\"", "\"").unwrap_or_default()), found);
        } else if element.starts_with("ddeLink") {
            let service = between(element, "ddeService=\"", "\"").unwrap_or_default();
            let topic = between(element, "ddeTopic=\"", "\"").unwrap_or_default();
            found.sign(SignKind::Dde, &format!("link to {service}|{topic}"));
        } else if element.starts_with("text:dde-connection-decl") || element.starts_with("table:dde-link") {
            found.sign(SignKind::Dde, "a DDE connection");
        }
        if code.len() > 20_000 {
            code.clear();
        }
    }
    field(&unescape(&code), found);
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// One field code.
pub(super) fn field(code: &str, found: &mut Examination) {
    let trimmed = code.trim_start();
    let word: String =
        trimmed.chars().take_while(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
    match word.as_str() {
        "DDE" | "DDEAUTO" => found.sign(SignKind::Dde, trimmed),
        "INCLUDETEXT" | "LINK"
            if trimmed.to_ascii_lowercase().contains("http") || trimmed.contains("\\\\\\\\") =>
        {
            found.sign(SignKind::ExternalObject, trimmed);
        }
        "HYPERLINK" => {
            if let Some(target) = between(trimmed, "\"", "\"") {
                found.link(target);
            }
        }
        _ => {}
    }
}

/// A formula that calls a DDE server: `cmd|'/c calc'!A0` (Excel user documentation).
pub(super) fn is_dde_formula(formula: &str) -> bool {
    let formula = formula.trim().trim_matches('"').trim_start();
    let Some(rest) = formula.strip_prefix(['=', '+', '-', '@']) else { return false };
    let rest = rest.trim_start_matches(['=', '+', '-', '@', ' ']);
    let Some((server, topic)) = rest.split_once('|') else { return false };
    // Calls may hide it in an argument: SUM(1+1)*cmd|' /C calc'!A0
    let server =
        server.rsplit(['*', '+', '-', '(', ',', '&', ' ']).next().unwrap_or_default().trim_matches('\'');
    let named = !server.is_empty()
        && server.len() < 60
        && server.chars().all(|c| c.is_ascii_alphanumeric() || "_.:\\$".contains(c));
    named && topic.contains('!')
}

fn formulas(text: &str, found: &mut Examination) {
    for element in
        text.split('<').filter(|element| element.starts_with("f>") || element.starts_with("f ")).take(200_000)
    {
        let Some((_, formula)) = element.split_once('>') else { continue };
        let formula = format!("={}", unescape(formula).replace("&apos;", "'"));
        // In a workbook [1] refers to the external link, which is judged by its own part.
        if is_dde_formula(&formula) && !formula.contains('[') {
            found.sign(SignKind::Dde, &formula);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_codes() {
        let mut found = Examination::default();
        fields(
            "<w:fldChar w:fldCharType=\"begin\"/><w:instrText>DD</w:instrText><w:instrText xml:space='preserve'>EAUTO c:\\\\x</w:instrText><w:fldChar w:fldCharType=\"separate\"/>",
            &mut found,
        );
        assert!(found.has(SignKind::Dde));
        let mut found = Examination::default();
        fields("<w:instrText> PAGE </w:instrText><w:t>DDE is an old protocol</w:t>", &mut found);
        assert!(found.signs.is_empty());
    }

    #[test]
    fn formulas_of_dde() {
        for formula in ["=cmd|'/c calc'!A0", "+SUM(1)*cmd|' /C calc'!A0", "@MSEXCEL|'x'!''"] {
            assert!(is_dde_formula(formula), "{formula}");
        }
        for formula in ["=A1+B2", "a|b", "=IF(A1,\"x|y\",0)", "-5"] {
            assert!(!is_dde_formula(formula), "{formula}");
        }
    }

    #[test]
    fn templates() {
        let mut found = Examination::default();
        relationships(
            "<Relationship Id=\"r\" Type=\"http://x/attachedTemplate\" Target=\"https://t.example/x.dotm\" TargetMode=\"External\"/>",
            &mut found,
        );
        assert!(found.has(SignKind::ExternalTemplate));
        let mut found = Examination::default();
        relationships(
            "<Relationship Type=\"http://x/attachedTemplate\" Target=\"file:///C:\\Users\\a\\Normal.dotm\" TargetMode=\"External\"/><Relationship Type=\"a/hyperlink\" Target=\"https://example.com/\" TargetMode=\"External\"/>",
            &mut found,
        );
        assert!(found.signs.is_empty());
        assert_eq!(found.links, ["https://example.com/"]);
    }
}

//! Office documents without a container: Word and Excel XML, SYLK, CSV.

use base64::Engine as _;

use super::opc::{field, fields, is_dde_formula, relationships};
use super::{Budget, Examination, SignKind, between};

pub(super) fn examine_xml(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(super::LARGEST_PART)).unwrap_or_default());
    if bytes.len() > super::LARGEST_PART {
        found.doubt("not inspected to its end: over the limit");
    }
    fields(&text, found);
    relationships(&text, found);
    for element in text.split('<').take(400_000) {
        if let Some(formula) =
            between(element, "ss:Formula=\"", "\"").or_else(|| between(element, "ss:HRef=\"", "\""))
        {
            let formula = formula.replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&");
            if is_dde_formula(&formula) {
                found.sign(SignKind::Dde, &formula);
            }
        } else if element.starts_with("w:docOleData") {
            found.sign(SignKind::EmbeddedObject, "OLE data in the document");
        } else if element.starts_with("w:binData") && element.contains("editdata.mso") {
            found.sign(SignKind::Macro, "macros in editdata.mso");
        } else if element.starts_with("ss:MacroSheet") || element.starts_with("MacroSheet") {
            found.sign(SignKind::XlmMacro, "an Excel 4.0 macro sheet");
        } else if element.starts_with("pkg:part ") {
            let name =
                between(element, "pkg:name=\"", "\"").unwrap_or_default().trim_start_matches('/').to_owned();
            super::opc::names(&[name], found);
        }
    }
    // Binary parts of a flat package are base64.
    for chunk in text.split("<pkg:part ").skip(1).take(500) {
        let name = between(chunk, "pkg:name=\"", "\"").unwrap_or_default();
        let wanted = name.contains("/embeddings/") || name.ends_with("vbaProject.bin");
        let Some(data) = between(chunk, "<pkg:binaryData>", "</pkg:binaryData>").filter(|_| wanted) else {
            continue;
        };
        let packed: String = data.split_whitespace().collect();
        if packed.len() > budget.bytes {
            found.doubt(format!("not inspected: {name} is over the limit"));
        } else if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) {
            budget.bytes = budget.bytes.saturating_sub(bytes.len());
            super::opc::part(name, &bytes, budget, found);
        }
    }
}

/// A SYLK sheet: `NN;NAuto_Open` names a macro, `O;E` switches macros on.
pub(super) fn examine_sylk(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(4 << 20)).unwrap_or_default());
    for line in text.lines().take(100_000) {
        let mut fields = line.split(';');
        match fields.next() {
            Some("O") if fields.any(|field| field == "E") => {
                found.sign(SignKind::XlmMacro, "the sheet's options switch macros on (O;E)");
            }
            Some("NN") if line.to_ascii_lowercase().contains(";nauto_") => {
                found.sign(SignKind::AutoRun, line);
            }
            Some("C") => {
                let expression = fields.find_map(|field| field.strip_prefix('E')).unwrap_or_default();
                if is_dde_formula(&format!("={expression}")) {
                    found.sign(SignKind::Dde, expression);
                }
            }
            _ => {}
        }
    }
}

/// A cell that a spreadsheet would run.
pub(super) fn examine_csv(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(4 << 20)).unwrap_or_default());
    for line in text.lines().take(100_000) {
        for cell in line.split([',', ';', '\t']).take(2000) {
            let cell = cell.trim().trim_matches('"').trim();
            if is_dde_formula(cell) {
                found.sign(SignKind::Dde, cell);
            } else if cell.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("=DDE")) {
                field(cell.trim_start_matches('='), found);
            }
        }
    }
}

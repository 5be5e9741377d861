//! RTF: embedded and linked objects, remote templates, DDE fields. Control
//! words are read as Word reads them, so that padding inside hex does not hide.

use super::{Budget, Examination, SignKind, u32_at};

const MOST_OBJECTS: usize = 50;
const LARGEST_OBJECT: usize = 4 << 20;

pub(super) fn examine(bytes: &[u8], budget: &mut Budget, found: &mut Examination) {
    let mut at = 0;
    let mut objects = 0;
    while let Some(found_at) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found_at + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
        let word = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        match word.to_ascii_lowercase().as_slice() {
            b"objdata" => {
                objects += 1;
                if objects > MOST_OBJECTS {
                    found.doubt("not inspected to its end: more RTF objects than the limit");
                    return;
                }
                let data = hex(after, budget, found);
                object(&data, budget, found);
            }
            b"objupdate" | b"objautlink" => {
                found.sign(SignKind::AutoRun, "an object that updates itself when the document is opened");
            }
            b"objlink" => found.sign(SignKind::ExternalObject, "a linked object"),
            b"objemb" | b"objocx" => found.sign(SignKind::EmbeddedObject, "an embedded object"),
            b"template" => {
                let target = group_text(after);
                if target.contains("://") || target.starts_with("\\\\") {
                    found.sign(SignKind::ExternalTemplate, &target);
                }
            }
            b"fldinst" => super::opc::field(&group_text(after), found),
            _ => {}
        }
        at += length;
    }
}

/// The text of the group that follows, without control words.
fn group_text(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut depth = 1;
    let mut at = 0;
    while at < bytes.len().min(2000) && depth > 0 {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'\\' => {
                let next = bytes.get(at + 1).copied().unwrap_or(b' ');
                if matches!(next, b'\\' | b'{' | b'}') {
                    out.push(char::from(next));
                    at += 1;
                } else if next == b'\'' {
                    let code = bytes.get(at + 2..at + 4).and_then(|h| std::str::from_utf8(h).ok());
                    out.extend(code.and_then(|h| u8::from_str_radix(h, 16).ok()).map(char::from));
                    at += 3;
                } else {
                    let word = bytes.get(at + 1..).unwrap_or_default();
                    let length = word.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
                    at += length;
                    if bytes.get(at + 1) == Some(&b' ') {
                        at += 1;
                    }
                }
            }
            byte if byte >= b' ' => out.push(char::from(byte)),
            _ => {}
        }
        at += 1;
    }
    out.trim().to_owned()
}

/// Hex digits up to the group's end; anything else between them is skipped.
fn hex(bytes: &[u8], budget: &mut Budget, found: &mut Examination) -> Vec<u8> {
    let mut out = Vec::new();
    let mut half = None;
    let mut at = 0;
    let mut depth = 0_i32;
    let limit = LARGEST_OBJECT.min(budget.bytes);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b'\\' => {
                let word = bytes.get(at..).unwrap_or_default();
                // \bin: raw bytes follow.
                at += word
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-' || **b == b'\'' || **b == b'*')
                    .count();
            }
            _ => {
                let Some(digit) = char::from(byte).to_digit(16) else { continue };
                match half.take() {
                    None => half = Some(digit),
                    Some(high) => out.push(u8::try_from(high * 16 + digit).unwrap_or(0)),
                }
            }
        }
        if out.len() >= limit {
            found.doubt("not inspected to its end: an RTF object is over the limit");
            break;
        }
    }
    budget.bytes = budget.bytes.saturating_sub(out.len());
    out
}

/// OLE 1.0 object header (MS-OLEDS 2.2.4): version, format, class name.
fn object(data: &[u8], budget: &mut Budget, found: &mut Examination) {
    let format = u32_at(data, 4);
    let length = u32_at(data, 8).and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(200);
    let class = data.get(12..12_usize.saturating_add(length)).unwrap_or_default();
    let class = String::from_utf8_lossy(class).trim_end_matches('\0').to_owned();
    match format {
        Some(1) => found.sign(SignKind::ExternalObject, &format!("a linked object of class {class}")),
        _ => found.sign(SignKind::EmbeddedObject, &format!("an embedded object of class {class}")),
    }
    if class.to_ascii_lowercase().starts_with("equation") {
        found.sign(SignKind::AutoRun, "an Equation Editor object, the classic exploit of CVE-2017-11882");
    }
    if let Some(at) = memchr::memmem::find(data, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let inner = data.get(at..).unwrap_or_default();
        super::examine_member(&class, false, Some(inner), budget, found);
        if let Some(member) = found.members.last() {
            for sign in member.examination.signs.clone() {
                found.sign(sign.kind, &sign.detail);
            }
        }
    } else if class.eq_ignore_ascii_case("package") {
        // Topic and item names (empty), then the native data with its own size.
        let native = data.get(12 + length + 8..).unwrap_or_default();
        super::ole::package(native, budget, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Examination {
        let mut found = Examination::default();
        examine(text.as_bytes(), &mut Budget::default(), &mut found);
        found
    }

    #[test]
    fn objects_templates_and_fields() {
        let class: String = "Equation.3\0".bytes().map(|b| format!("{b:02x}")).collect();
        let found = of(&format!(
            "{{\\rtf1{{\\object\\objemb{{\\*\\objdata 01050000{{\\x}} 02000000 0b000000 {class}}}}}}}"
        ));
        assert!(found.has(SignKind::EmbeddedObject) && found.has(SignKind::AutoRun), "{found:?}");
        assert!(of("{\\rtf1{\\*\\template https://t.example/x.dot}}").has(SignKind::ExternalTemplate));
        assert!(of("{\\rtf1{\\field{\\*\\fldinst { DDEAUTO c:\\\\\\\\cmd.exe \"/k\"}}}}").has(SignKind::Dde));
        assert!(of("{\\rtf1 Hello \\b world\\b0}").signs.is_empty());
    }
}

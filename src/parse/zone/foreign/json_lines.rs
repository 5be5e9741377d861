//! On which line of a JSON text a value begins: the readers of JSON keep no places.

/// Lines of the values of a key, in the order of the text.
pub(super) fn lines_of_key(bytes: &[u8], key: &str) -> Vec<u32> {
    let mut lines = Vec::new();
    let (mut line, mut at) = (1, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => line += 1,
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let after = bytes.get(at + 1..).unwrap_or_default();
                let is_key = after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                if is_key && bytes.get(start..at) == Some(key.as_bytes()) {
                    lines.push(line);
                }
            }
            _ => {}
        }
        at += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_no_values() {
        let text = b"{\n\"a\": \"Value\",\n\"Value\": \"Value\\\"\", \"x\":\n[{\"Value\" : 1}]}";
        assert_eq!(lines_of_key(text, "Value"), [3, 4]);
        assert_eq!(lines_of_key(b"\"Val", "Val"), [0u32; 0]);
    }
}

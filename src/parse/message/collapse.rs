//! White space as HTML shows it: any run of it is one blank.

/// Appends a text; `gap` says whether what is there ends in white space, and is kept so.
pub(super) fn collapse(out: &mut String, gap: &mut bool, text: &str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            if !*gap {
                out.push(' ');
                *gap = true;
            }
            at += 1;
            continue;
        }
        // Words with the single blanks between them are taken at once.
        let start = at;
        while at < bytes.len()
            && (!bytes[at].is_ascii_whitespace()
                || (bytes[at] == b' ' && bytes.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace())))
        {
            at += 1;
        }
        out.push_str(&text[start..at]);
        *gap = false;
    }
}

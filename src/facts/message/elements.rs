//! What HTML elements are: void, block, shown, closed by others (WHATWG HTML).

/// Elements without content (HTML, void elements).
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// XML vocabularies that Office and SVG bring, where `/>` does close.
pub(super) fn is_foreign(name: &str) -> bool {
    name.contains(':')
        || matches!(name, "svg" | "path" | "circle" | "rect" | "g" | "line" | "polygon" | "use")
}

/// Elements whose text no reader sees.
pub(super) fn is_unshown(name: &str) -> bool {
    matches!(name, "head" | "title" | "style" | "script" | "template" | "noembed" | "noframes")
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "center"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
            | "body"
    )
}

/// Elements whose end tag may be left out.
pub(super) fn is_optional_end(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dt"
            | "dd"
            | "option"
            | "optgroup"
            | "td"
            | "th"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "html"
            | "head"
            | "body"
            | "colgroup"
            | "caption"
    ) || name.contains(':')
}

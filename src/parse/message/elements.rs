//! What HTML elements are: void, block, shown, closed by others (WHATWG HTML).

use std::borrow::Cow;

/// The name of an element or attribute, without a copy where mail uses it often.
pub(super) fn name_of(bytes: &[u8]) -> Cow<'static, str> {
    Cow::Borrowed(match bytes {
        b"a" => "a",
        b"b" => "b",
        b"i" => "i",
        b"p" => "p",
        b"br" => "br",
        b"h1" => "h1",
        b"h2" => "h2",
        b"h3" => "h3",
        b"hr" => "hr",
        b"id" => "id",
        b"li" => "li",
        b"td" => "td",
        b"th" => "th",
        b"tr" => "tr",
        b"ul" => "ul",
        b"alt" => "alt",
        b"div" => "div",
        b"img" => "img",
        b"rel" => "rel",
        b"src" => "src",
        b"body" => "body",
        b"face" => "face",
        b"font" => "font",
        b"head" => "head",
        b"href" => "href",
        b"meta" => "meta",
        b"name" => "name",
        b"role" => "role",
        b"size" => "size",
        b"span" => "span",
        b"type" => "type",
        b"align" => "align",
        b"class" => "class",
        b"color" => "color",
        b"style" => "style",
        b"table" => "table",
        b"tbody" => "tbody",
        b"title" => "title",
        b"width" => "width",
        b"border" => "border",
        b"center" => "center",
        b"height" => "height",
        b"strong" => "strong",
        b"target" => "target",
        b"valign" => "valign",
        b"bgcolor" => "bgcolor",
        b"colspan" => "colspan",
        b"content" => "content",
        b"cellpadding" => "cellpadding",
        b"cellspacing" => "cellspacing",
        other => return Cow::Owned(String::from_utf8_lossy(other).into_owned()),
    })
}

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

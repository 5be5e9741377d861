//! A short document of headings, lines and tables, as Markdown for a ticket or
//! as one page of HTML. Texts are taken as they came and escaped here.

use super::escape;

/// One part of a [`Document`].
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(String),
    Line(String),
    List(Vec<String>),
    /// Columns named by `head`; those of numbers stand to the right.
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
}

/// What is shown, in order.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub title: String,
    pub blocks: Vec<Block>,
}

impl Document {
    /// For a ticket: signs escaped by a backslash, addresses stay addresses.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n", escape::ticket(&self.title));
        for block in &self.blocks {
            match block {
                Block::Heading(text) => out.push_str(&format!("### {}\n", escape::ticket(text))),
                Block::Line(text) => out.push_str(&format!("{}\n", escape::ticket(text))),
                Block::List(items) => {
                    for item in items {
                        out.push_str(&format!("- {}\n", escape::ticket(item)));
                    }
                }
                Block::Table { head, rows } => {
                    out.push_str(&row(head.iter().map(|name| (*name).to_owned())));
                    out.push_str(&row(head.iter().map(|_| "---".to_owned())));
                    for cells in rows {
                        out.push_str(&row(cells.iter().map(|cell| escape::ticket(cell))));
                    }
                }
            }
            out.push('\n');
        }
        out
    }

    /// One page without scripts and without anything loaded from elsewhere.
    pub(crate) fn html(&self) -> String {
        let title = escape::html(&self.title);
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        for block in &self.blocks {
            match block {
                Block::Heading(text) => out.push_str(&format!("<h2>{}</h2>\n", escape::html(text))),
                Block::Line(text) => out.push_str(&format!("<p>{}</p>\n", escape::html(text))),
                Block::List(items) => {
                    let items: Vec<String> =
                        items.iter().map(|item| format!("<li>{}</li>\n", escape::html(item))).collect();
                    out.push_str(&format!("<ul>\n{}</ul>\n", items.concat()));
                }
                Block::Table { head, rows } => table(&mut out, head, rows),
            }
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;\
    border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}td.n{text-align:right}";

fn table(out: &mut String, head: &[&'static str], rows: &[Vec<String>]) {
    let cells: Vec<String> = head.iter().map(|name| format!("<th>{}</th>", escape::html(name))).collect();
    out.push_str(&format!("<table>\n<tr>{}</tr>\n", cells.concat()));
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let number = !cell.is_empty()
                && cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' ' | b'%'));
            let class = if number { " class=\"n\"" } else { "" };
            out.push_str(&format!("<td{class}>{}</td>", escape::html(cell)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_texts_in_both_forms() {
        let hostile =
            "<script>alert(1)</script> | [x](http://example.net) \u{1b}[31m\nGET & \"q\" a@example.org";
        let document = Document {
            title: hostile.to_owned(),
            blocks: vec![
                Block::Heading(hostile.to_owned()),
                Block::Line(hostile.to_owned()),
                Block::List(vec![hostile.to_owned()]),
                Block::Table { head: vec!["a", "b"], rows: vec![vec![hostile.to_owned(), "12".to_owned()]] },
            ],
        };
        let (markdown, html) = (document.markdown(), document.html());
        for text in [&markdown, &html] {
            assert!(!text.replace("\\<", "").contains("<script") && !text.contains('\u{1b}'), "{text}");
            assert!(text.contains("a@example.org"), "{text}");
        }
        assert!(
            !markdown.replace("\\]", "").contains("](http") && html.contains("&quot;q&quot;"),
            "{markdown}{html}"
        );
        assert_eq!(markdown.lines().filter(|line| line.starts_with("| ")).count(), 3, "{markdown}");
    }
}

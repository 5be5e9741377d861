//! One code, `https://e.example/a1`, in every form that it is drawn in without a picture.

use super::{Attachments, QrCode};
use crate::evidence::MessageEvidence;
use crate::facts::message::MessageFacts;

/// Version 2, level L.
const CODE: [&str; 25] = [
    "#######.#..##.#.#.#######",
    "#.....#.###.###.#.#.....#",
    "#.###.#...####.#..#.###.#",
    "#.###.#...#..##...#.###.#",
    "#.###.#.####.##...#.###.#",
    "#.....#.#..#......#.....#",
    "#######.#.#.#.#.#.#######",
    "........#.###.#.#........",
    "###..##.###...#.#####..##",
    "####.#.####...###.#..#.##",
    "...#..###..#.####...###.#",
    "..##...###....#...##.#...",
    "#######..#.#####..##....#",
    ".##.........#..##.##...##",
    "##....##....####..#..##.#",
    "...###...#.##...##.###...",
    "#######......##.#####..#.",
    "........#....#..#...#...#",
    "#######..#.#....#.#.#...#",
    "#.....#.##...#.##...#....",
    "#.###.#..#####.######...#",
    "#.###.#...#.#..#.#..#.##.",
    "#.###.#.##..#####..###.##",
    "#.....#.#####.#.#.###....",
    "#######.##...##.###..#..#",
];

fn modules() -> impl Iterator<Item = (usize, usize, bool)> {
    CODE.iter()
        .enumerate()
        .flat_map(|(y, row)| row.bytes().enumerate().map(move |(x, byte)| (x, y, byte == b'#')))
}

/// For each dark module.
fn each(form: impl Fn(usize, usize) -> String) -> String {
    modules().filter(|(.., dark)| *dark).map(|(x, y, _)| form(x, y)).collect()
}

/// Runs of dark modules of each row: column, row, length.
fn runs() -> Vec<(usize, usize, usize)> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (x, y, _) in modules().filter(|(.., dark)| *dark) {
        match found.last_mut() {
            Some((from, row, length)) if *row == y && *from + *length == x => *length += 1,
            _ => found.push((x, y, 1)),
        }
    }
    found
}

fn read(content_type: &str, encoding: &str, body: &str) -> Vec<QrCode> {
    let raw = format!(
        "From: a@example.com\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
    );
    let evidence = MessageEvidence { file: "a.eml".to_owned(), raw: raw.into_bytes().into() };
    Attachments::read(&MessageFacts::read(&evidence)).qr_codes
}

fn is_read(what: &str, content_type: &str, body: &str) {
    let found = read(content_type, "8bit", body);
    assert!(found.iter().any(|code| code.text == "https://e.example/a1"), "{what}: {found:?}");
}

fn of_svg(what: &str, inner: &str) {
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 33 33\">{inner}</svg>");
    is_read(what, "image/svg+xml; name=a.svg", &svg);
    is_read(what, "text/html; charset=utf-8", &format!("<html><body><p>Scan</p>{svg}</body></html>"));
}

#[test]
fn svg_of_any_maker() {
    let paper = "<rect width=\"33\" height=\"33\" fill=\"#fff\"/>";
    let rects = each(|x, y| format!("<rect x=\"{}\" y=\"{}\" width=\"1\" height=\"1\"/>", x + 4, y + 4));
    of_svg("rectangles", &format!("{paper}{rects}"));
    let styled = each(|x, y| format!("<rect style='fill:navy' x='{x}' y='{y}' width='1px' height='1px'/>"));
    of_svg("styled rectangles", &styled);
    let group = format!("{paper}<g transform='translate(4,4)' fill='#123'>{styled}</g>");
    of_svg("in a group", &group.replace(" style='fill:navy'", ""));
    let path: String = runs().iter().map(|(x, y, n)| format!("M{} {}h{n}v1h-{n}z", x + 4, y + 4)).collect();
    of_svg("a path of runs", &format!("{paper}<path d=\"{path}\"/>"));
    let path: String = runs().iter().map(|(x, y, n)| format!("M{x},{y}H{}V{}H{x}Z ", x + n, y + 1)).collect();
    of_svg("a path of absolute runs", &format!("<path d='{path}' fill='black'/>"));
    let path: String = runs().iter().map(|(x, y, n)| format!("M{x} {y}.5h{n}")).collect();
    of_svg("strokes", &format!("{paper}<path stroke=\"#000\" d=\"{path}\"/>"));
    let uses = each(|x, y| format!("<use x=\"{x}\" y=\"{y}\" xlink:href=\"#m\"/>"));
    of_svg("uses of a rectangle", &format!("<defs><rect id=\"m\" width=\"1\" height=\"1\"/></defs>{uses}"));
    of_svg("uses of a symbol", &format!("<symbol id=\"m\"><path d=\"M0 0h1v1h-1z\"/></symbol>{uses}"));
    let circles = each(|x, y| format!("<circle cx=\"{x}.5\" cy=\"{y}.5\" r=\".5\"/>"));
    of_svg("dots", &circles);
    let light: String = modules()
        .filter(|(.., dark)| !*dark)
        .map(|(x, y, _)| {
            format!("<rect x=\"{}\" y=\"{}\" width=\"1\" height=\"1\" fill=\"white\"/>", x + 1, y + 1)
        })
        .collect();
    of_svg(
        "light on a dark ground",
        &format!("<rect x=\"1\" y=\"1\" width=\"25\" height=\"25\" fill=\"#000\"/>{light}"),
    );
    let inverted = rects.replace("/>", " fill=\"#ffffff\"/>");
    of_svg("inverted", &format!("<rect width=\"33\" height=\"33\" fill=\"midnightblue\"/>{inverted}"));
}

#[test]
fn text_of_any_glyph() {
    let lines = |dark: &str, light: &str| -> String {
        CODE.map(|row| row.replace('#', dark).replace('.', light)).join("\n")
    };
    is_read("blocks", "text/plain; charset=utf-8", &lines("██", "  "));
    is_read("squares", "text/plain; charset=utf-8", &lines("⬛", "⬜"));
    is_read("inverted squares", "text/plain; charset=utf-8", &lines("⬜", "⬛"));
    let halves: String = CODE
        .chunks(2)
        .map(|rows| {
            let lower = rows.get(1).map_or("", |row| row);
            let both = rows[0].bytes().zip(lower.bytes().chain(std::iter::repeat(b'.')));
            let glyph = |(up, down): (u8, u8)| match (up == b'#', down == b'#') {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                _ => ' ',
            };
            both.map(glyph).chain(['\n']).collect::<String>()
        })
        .collect();
    is_read("half blocks", "text/plain; charset=utf-8", &halves);
    let page = |inner: &str| format!("<html><body><p>Scan this</p>{inner}</body></html>");
    is_read("pre", "text/html; charset=utf-8", &page(&format!("<pre>{}</pre>", lines("██", "  "))));
    is_read(
        "half blocks in pre",
        "text/html; charset=utf-8",
        &page(&format!("<pre style='line-height:1'>{halves}</pre>")),
    );
    let entities = lines("&#9608;&#x2588;", "&nbsp;&nbsp;").replace('\n', "<br>");
    is_read(
        "entities",
        "text/html; charset=utf-8",
        &page(&format!("<div style='white-space: pre'>{entities}</div>")),
    );
}

#[test]
fn tables_of_any_ground() {
    let table = |head: &str, open: &str, cell: &dyn Fn(bool) -> String| -> String {
        let rows: String = CODE
            .iter()
            .map(|row| format!("<tr>{}</tr>", row.bytes().map(|byte| cell(byte == b'#')).collect::<String>()))
            .collect();
        format!("<html><head>{head}</head><body><p>Scan</p><table {open}>{rows}</table></body></html>")
    };
    let html = "text/html; charset=utf-8";
    for dark in ["#000", "navy", "#1a2b5c", "darkgreen", "rgb(40, 0, 80)", "#333333 !important"] {
        let cell = |is: bool| match is {
            true => format!("<td style=\"background:{dark}\"></td>"),
            false => "<td></td>".to_owned(),
        };
        is_read(dark, html, &table("", "", &cell));
    }
    let cell = |is: bool| format!("<td class=\"{}\">&nbsp;</td>", if is { "d" } else { "l" });
    is_read(
        "classes",
        html,
        &table("<style>.l{background:#fff} td.d{background-color:navy}</style>", "", &cell),
    );
    let cell = |is: bool| if is { "<td></td>" } else { "<td bgcolor=white></td>" }.to_owned();
    is_read("a dark table", html, &table("", "bgcolor=\"#000000\"", &cell));
    let cell = |is: bool| format!("<td bgcolor=\"{}\"></td>", if is { "#ffffff" } else { "#101040" });
    is_read("inverted", html, &table("", "", &cell));
}

#[test]
fn boxes_of_any_layout() {
    let html = "text/html; charset=utf-8";
    let page =
        |head: &str, inner: &str| format!("<html><head>{head}</head><body><p>Scan</p>{inner}</body></html>");
    let rows = |row: &str, after: &str, cell: &dyn Fn(bool) -> String| -> String {
        let of = |line: &&str| line.bytes().map(|byte| cell(byte == b'#')).collect::<String>();
        CODE.iter().map(|line| format!("<div {row}>{}</div>{after}", of(line))).collect()
    };
    let float = |is: bool| {
        let ground = if is { "#000" } else { "#fff" };
        format!("<div style=\"float:left;width:4px;height:4px;background-color:{ground}\"></div>")
    };
    is_read(
        "floats",
        html,
        &page("", &format!("<div>{}</div>", rows("", "<div style='clear:both'></div>", &float))),
    );
    let cell = |is: bool| format!("<span class={}></span>", if is { "d" } else { "l" });
    for sheet in [
        ".d,.l{display:inline-block;width:4px;height:4px} .d{background:navy} .l{background:#fff}",
        ".r{line-height:0} .r span{display:inline-block;width:4px;height:4px} #q .r > span.d{background:#111 !important}",
        "span{display:block;width:.3em;height:.3em}.r{display:flex}.d{background-color:rgb(20,0,60)}",
    ] {
        let head = format!("<style>{sheet}</style>");
        is_read(sheet, html, &page(&head, &format!("<div id=q>{}</div>", rows("class=r", "", &cell))));
        // All in one, broken by its width, a grid or line ends.
        for around in
            ["style='width:100px;font-size:0'", "style='display:grid;grid-template-columns:repeat(25,4px)'"]
        {
            let all: String = modules().map(|(.., dark)| cell(dark)).collect();
            is_read(around, html, &page(&head, &format!("<div {around}>{all}</div>")));
        }
        let broken: String =
            CODE.map(|line| line.bytes().map(|byte| cell(byte == b'#')).collect::<String>()).join("<br>");
        is_read("line ends", html, &page(&head, &format!("<div>{broken}</div>")));
    }
    let runs_of = |line: &str| -> String {
        let bytes = line.as_bytes();
        let run = |run: &[u8]| {
            let ground = if run[0] == b'#' { "background:#000;" } else { "" };
            format!("<i style='{ground}display:inline-block;height:3px;width:{}px'></i>", 3 * run.len())
        };
        bytes.chunk_by(|a, b| a == b).map(run).collect()
    };
    let wide = CODE.map(|line| format!("<div style='height:3px'>{}</div>", runs_of(line))).concat();
    is_read("runs", html, &page("", &format!("<div style='background:white'>{wide}</div>")));
    let placed = each(|x, y| {
        let (left, top) = (20 + 5 * x, 5 * y);
        format!(
            "<div style='position:absolute;left:{left}px;top:{top}px;width:5px;height:5px;background:#000'></div>"
        )
    });
    is_read("each at its place", html, &page("", &format!("<div style='position:relative'>{placed}</div>")));
    let light =
        |is: bool| if is { "<b class=c></b>" } else { "<b class=c style='background:#fff'></b>" }.to_owned();
    let dark = format!("<div style='background:#002'>{}</div>", rows("", "", &light));
    is_read("light on dark", html, &page("<style>.c{width:4px;height:4px;float:left}</style>", &dark));
}

#[test]
fn a_page_of_a_pdf() {
    let pdf = |content: &str| {
        format!("%PDF-1.4\n1 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n%%EOF", content.len())
    };
    let kind = "application/pdf; name=a.pdf";
    let rectangles = each(|x, y| format!("{} {} 3 3 re\n", 100 + 3 * x, 700 - 3 * y));
    is_read("rectangles", kind, &pdf(&format!("0 g\n50 50 400 0.5 re f\n{rectangles}f")));
    let placed = each(|x, y| {
        format!("q 1 0 0 -1 {} {} cm 0 0 2.5 2.5 re f Q\n", 2.5 * x as f64, 700.0 - 2.5 * y as f64)
    });
    is_read("rectangles by place", kind, &pdf(&format!("0.1 0.1 0.4 rg\n{placed}")));
    let runs: String = runs().iter().map(|(x, y, n)| format!("{x} {} {n} 1 re f\n", 50 - y)).collect();
    is_read("runs", kind, &pdf(&format!("4 0 0 4 0 0 cm\n{runs}")));
}

#[test]
fn what_is_no_code_is_quiet() {
    let html = "text/html; charset=utf-8";
    let bars: String = (0..40)
        .map(|n| format!("<tr>{}</tr>", "<td bgcolor=navy></td><td></td>".repeat(10 + n % 9)))
        .collect();
    assert!(read(html, "8bit", &format!("<table>{bars}</table>")).is_empty());
    let chart: String =
        (0..90).map(|n| format!("<rect x=\"{n}\" y=\"0\" width=\"1\" height=\"{}\"/>", n % 20 + 1)).collect();
    assert!(read(html, "8bit", &format!("<svg>{chart}</svg>")).is_empty());
    let rules =
        "<div><span style='background:#eee;width:9px'></span><i style='width:4px'></i></div>".repeat(900);
    assert!(read(html, "8bit", &rules).is_empty());
    assert!(read("text/plain; charset=utf-8", "8bit", &"████ 40 % ░░░░\n".repeat(30)).is_empty());
}

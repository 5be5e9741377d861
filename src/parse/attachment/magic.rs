//! A file's kind by its first bytes. Media kinds are left to the `file-format`
//! crate; what a filter refuses is decided here.

/// Kinds of file that matter here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// PE, ELF, Mach-O, Java class, APK's dex, WebAssembly.
    Program,
    /// A script by its first line.
    ScriptFile,
    /// An OLE compound file (MS-CFB): Office before 2007, Outlook messages, installers.
    Ole,
    /// A ZIP file, Office documents since 2007 included.
    Zip,
    /// gzip (RFC 1952).
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
    /// A tar archive.
    Tar,
    /// A RAR archive.
    Rar,
    /// A 7z archive.
    SevenZip,
    /// A Microsoft cabinet.
    Cab,
    /// ARJ, ACE, LZH, ...
    OtherArchive,
    /// ISO, UDF, VHD, VHDX, VMDK, DMG.
    DiskImage,
    /// PDF.
    Pdf,
    /// Rich Text Format.
    Rtf,
    /// Office in one XML file.
    FlatOffice,
    /// A Symbolic Link sheet, which spreadsheet programs run formulas of.
    Sylk,
    /// Comma-separated values.
    Csv,
    /// HTML.
    Html,
    /// SVG, which may hold scripts.
    Svg,
    /// A Windows shell link (MS-SHLLINK).
    Lnk,
    /// An Internet shortcut: a `.url` file.
    UrlFile,
    /// A OneNote section.
    OneNote,
    /// Compiled HTML help, which runs scripts.
    Chm,
    /// PNG, JPEG, GIF.
    Image,
    /// Text of no kind above.
    Text,
    /// No bytes at all.
    Empty,
    /// Recognised, and of no interest here: media, fonts.
    Media,
    /// Bytes that nothing here recognises.
    #[default]
    Unknown,
}

impl Format {
    /// The kind in words.
    pub fn label(self) -> &'static str {
        match self {
            Format::Program => "a program",
            Format::ScriptFile => "a script",
            Format::Ole => "an OLE compound file",
            Format::Zip => "a ZIP file",
            Format::Gzip => "a gzip file",
            Format::Bzip2 => "a bzip2 file",
            Format::Xz => "an xz file",
            Format::Zstd => "a Zstandard file",
            Format::Tar => "a tar archive",
            Format::Rar => "a RAR archive",
            Format::SevenZip => "a 7z archive",
            Format::Cab => "a cabinet archive",
            Format::OtherArchive => "an archive of an old kind",
            Format::DiskImage => "a disk image",
            Format::Pdf => "a PDF",
            Format::Rtf => "an RTF document",
            Format::FlatOffice => "an Office XML document",
            Format::Sylk => "a SYLK sheet",
            Format::Csv => "a CSV sheet",
            Format::Html => "an HTML page",
            Format::Svg => "an SVG image",
            Format::Lnk => "a Windows shortcut",
            Format::UrlFile => "an Internet shortcut",
            Format::OneNote => "a OneNote file",
            Format::Chm => "a compiled help file",
            Format::Image => "an image",
            Format::Text => "text",
            Format::Empty => "empty",
            Format::Media => "a media file",
            Format::Unknown => "unknown data",
        }
    }

    /// The kind of file these bytes are; `name` decides only between kinds of text.
    pub fn of(name: &str, bytes: &[u8]) -> Format {
        if bytes.is_empty() {
            return Format::Empty;
        }
        binary(bytes).or_else(|| textual(name, bytes)).unwrap_or_else(|| rest(bytes))
    }
}

fn binary(bytes: &[u8]) -> Option<Format> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match bytes {
        // A DOS header leads to a PE header, or is at least a DOS program's size field.
        _ if starts(b"MZ") && bytes.len() > 64 => Format::Program,
        _ if starts(b"\x7fELF") || starts(b"\0asm") || starts(b"dex\n") => Format::Program,
        _ if starts(b"\xfe\xed\xfa\xce") || starts(b"\xfe\xed\xfa\xcf") => Format::Program,
        _ if starts(b"\xcf\xfa\xed\xfe") || starts(b"\xce\xfa\xed\xfe") => Format::Program,
        _ if starts(b"\xca\xfe\xba\xbe") => Format::Program,
        _ if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => Format::Ole,
        _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") || starts(b"PK\x07\x08") || starts(b"PK00PK") => {
            Format::Zip
        }
        _ if starts(b"\x1f\x8b") => Format::Gzip,
        _ if starts(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY") => Format::Bzip2,
        _ if starts(b"\xfd7zXZ\0") => Format::Xz,
        _ if starts(b"\x28\xb5\x2f\xfd") => Format::Zstd,
        _ if starts(b"Rar!\x1a\x07") => Format::Rar,
        _ if starts(b"7z\xbc\xaf\x27\x1c") => Format::SevenZip,
        _ if starts(b"MSCF") => Format::Cab,
        _ if at(7, b"**ACE**") || (at(2, b"-lh") && at(6, b"-")) || starts(b"\x60\xea") => {
            Format::OtherArchive
        }
        _ if at(0x8001, b"CD001") || at(0x8801, b"CD001") || at(0x8001, b"BEA01") => Format::DiskImage,
        _ if starts(b"conectix") || starts(b"vhdxfile") || starts(b"KDMV") || starts(b"QFI\xfb") => {
            Format::DiskImage
        }
        _ if ends_with_trailer(bytes, b"conectix") || ends_with_trailer(bytes, b"koly") => Format::DiskImage,
        // A boot sector with a FAT file system: a raw floppy or USB image.
        _ if at(510, b"\x55\xaa") && (at(54, b"FAT1") || at(82, b"FAT32")) => Format::DiskImage,
        _ if at(257, b"ustar") => Format::Tar,
        _ if starts(b"\x4c\0\0\0\x01\x14\x02\0") => Format::Lnk,
        _ if starts(b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d") => Format::OneNote,
        _ if starts(b"ITSF") => Format::Chm,
        _ if starts(b"\x89PNG\r\n") || starts(b"\xff\xd8\xff") || starts(b"GIF8") => Format::Image,
        // Readers accept a PDF header within the first 1024 bytes.
        _ if window(bytes, 1024, b"%PDF-") => Format::Pdf,
        _ if starts(b"{\\rt") => Format::Rtf,
        _ => return None,
    })
}

fn ends_with_trailer(bytes: &[u8], magic: &[u8]) -> bool {
    bytes.len().checked_sub(512).and_then(|at| bytes.get(at..)).is_some_and(|tail| tail.starts_with(magic))
}

fn window(bytes: &[u8], length: usize, magic: &[u8]) -> bool {
    memchr::memmem::find(bytes.get(..length.min(bytes.len())).unwrap_or_default(), magic).is_some()
}

/// The beginning as lower-case text, also from UTF-16 with a byte-order mark.
pub(super) fn opening(bytes: &[u8], length: usize) -> String {
    let head = bytes.get(..length.min(bytes.len())).unwrap_or_default();
    text_of(head).to_ascii_lowercase()
}

/// Text from UTF-8, UTF-16 with a byte-order mark, or Latin-1-like bytes.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let wide = |units: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2).map(|pair| units([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned(),
    }
}

fn textual(name: &str, bytes: &[u8]) -> Option<Format> {
    let head = opening(bytes, 4096);
    let head = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if head.contains('\0') {
        return None;
    }
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let markup = head.starts_with('<');
    let office = [
        "mso-application",
        "urn:schemas-microsoft-com:office:spreadsheet",
        "<w:worddocument",
        "schemas.microsoft.com/office/2006/xmlpackage",
    ];
    Some(match head {
        _ if markup && office.iter().any(|mark| head.contains(mark)) && !head.contains("<html") => {
            Format::FlatOffice
        }
        _ if markup && (head.contains("<svg") || extension == "svg") && !head.contains("<html") => {
            Format::Svg
        }
        _ if markup
            && [
                "<html",
                "<!doctype html",
                "<head",
                "<body",
                "<script",
                "<meta",
                "<div",
                "<a ",
                "<form",
                "<table",
                "<iframe",
                "<title",
                "<p>",
                "<center",
            ]
            .iter()
            .any(|mark| head.contains(mark)) =>
        {
            Format::Html
        }
        _ if head.starts_with("#!") => Format::ScriptFile,
        _ if head.starts_with("[internetshortcut]") => Format::UrlFile,
        _ if head.starts_with("id;p") => Format::Sylk,
        _ if matches!(extension.as_str(), "html" | "htm" | "shtml" | "xhtml" | "shtm") => Format::Html,
        _ if matches!(extension.as_str(), "csv" | "tsv") => Format::Csv,
        _ if is_text(bytes) => Format::Text,
        _ => return None,
    })
}

fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(2048)).unwrap_or_default();
    !head.iter().any(|b| matches!(b, 0..=8 | 14..=26 | 28..=31))
}

fn rest(bytes: &[u8]) -> Format {
    use file_format::Kind;
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    match file_format::FileFormat::from_bytes(head).kind() {
        Kind::Audio | Kind::Video | Kind::Image | Kind::Font | Kind::Geospatial | Kind::Subtitle => {
            Format::Media
        }
        Kind::Executable => Format::Program,
        Kind::Archive | Kind::Compressed => Format::OtherArchive,
        Kind::Disk => Format::DiskImage,
        _ => Format::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_bytes() {
        let pe = [&b"MZ"[..], &[0; 100]].concat();
        assert_eq!(Format::of("invoice.pdf", &pe), Format::Program);
        assert_eq!(Format::of("x", b"\n\n%PDF-1.7"), Format::Pdf);
        assert_eq!(Format::of("x.csv", b"=1+1,2"), Format::Csv);
        assert_eq!(Format::of("x", b"<?xml version='1.0'?><svg xmlns='x'/>"), Format::Svg);
        assert_eq!(Format::of("x", b"<script>1</script>"), Format::Html);
        assert_eq!(Format::of("x", b"hello"), Format::Text);
        assert_eq!(Format::of("x", b""), Format::Empty);
    }
}

//! File name extensions by what the reader's system does with them.
//! Sources: Microsoft "Blocked attachments in Outlook", Google "File types
//! blocked in Gmail" (read 2026-11-23); the lists are our own union.

/// Programs and scripts that run on a double click; sorted.
pub(crate) const EXECUTABLE: &[&str] = &[
    "action",
    "ade",
    "adp",
    "apk",
    "app",
    "appcontent-ms",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "asp",
    "bas",
    "bat",
    "cer",
    "chm",
    "cmd",
    "cnt",
    "com",
    "command",
    "cpl",
    "crt",
    "csh",
    "dll",
    "drv",
    "exe",
    "fxp",
    "gadget",
    "grp",
    "hlp",
    "hpj",
    "hta",
    "inf",
    "ins",
    "isp",
    "its",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lib",
    "lnk",
    "mad",
    "maf",
    "mag",
    "mam",
    "maq",
    "mar",
    "mas",
    "mat",
    "mau",
    "mav",
    "maw",
    "mcf",
    "mda",
    "mde",
    "mdt",
    "mdw",
    "mdz",
    "mhtx",
    "msc",
    "msh",
    "msh1",
    "msh1xml",
    "msh2",
    "msh2xml",
    "mshxml",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "msu",
    "nsh",
    "ocx",
    "ops",
    "osd",
    "pcd",
    "pif",
    "plg",
    "prf",
    "prg",
    "printerexport",
    "ps1",
    "ps1xml",
    "ps2",
    "ps2xml",
    "psc1",
    "psc2",
    "psd1",
    "psdm1",
    "py",
    "pyc",
    "pyo",
    "pyw",
    "pyz",
    "pyzw",
    "reg",
    "run",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "sys",
    "theme",
    "themepack",
    "vb",
    "vbe",
    "vbp",
    "vbs",
    "vps",
    "vsmacros",
    "vsw",
    "vxd",
    "webpnp",
    "website",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xll",
    "xnk",
];

/// Documents whose name says that they may carry macros.
pub(crate) const MACRO_ENABLED: &[&str] =
    &["docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam", "sldm", "xlm"];

/// File systems in a file: what is inside escapes the mark of the web.
pub(crate) const DISK_IMAGE: &[&str] = &["iso", "img", "vhd", "vhdx", "udf", "dmg", "vmdk", "wim"];

/// What people take for a document or picture, and what hides before the real extension.
pub(crate) const HARMLESS_LOOK: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "csv", "jpg", "jpeg", "png", "gif",
    "bmp", "tif", "tiff", "mp3", "mp4", "wav", "avi", "mov", "xml", "odt", "ods", "eml", "msg", "htm",
    "html", "zip",
];

/// True for an extension, lower case without dot, that runs on a double click.
pub(crate) fn is_executable(extension: &str) -> bool {
    EXECUTABLE.contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_documents_differ() {
        assert!(is_executable("exe") && is_executable("hta") && is_executable("js"));
        assert!(!is_executable("pdf") && !is_executable(""));
    }
}

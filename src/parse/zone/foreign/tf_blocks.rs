//! On which lines the resources of a plan are written: the blocks of the `.tf` files beside the
//! plan and of the local modules that they call. Nothing in them is evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::parse::zone::Source;

/// Modules within modules.
const DEEPEST: usize = 16;
/// Folders looked into for one plan.
const MOST_FOLDERS: usize = 200;
/// Octets of one file; more is no text that somebody wrote.
const LARGEST: usize = 1 << 20;

/// The `.tf` files of a folder, named relative to the plan's own folder: path and content.
pub(crate) type TfFiles<'r> = &'r mut dyn FnMut(&str) -> Vec<(String, Vec<u8>)>;

/// What the files of one folder declare.
#[derive(Default)]
struct Folder {
    /// By type and name.
    resources: BTreeMap<(String, String), (Arc<str>, u32)>,
    /// Local sources of module calls, by name.
    modules: BTreeMap<String, String>,
}

/// Where resources stand.
pub(super) struct Blocks<'r> {
    files: TfFiles<'r>,
    folders: BTreeMap<String, Folder>,
    sources: Vec<Source>,
}

impl<'r> Blocks<'r> {
    pub(super) fn of(files: TfFiles<'r>) -> Blocks<'r> {
        Blocks { files, folders: BTreeMap::new(), sources: Vec::new() }
    }

    /// File and line of a resource's block, by the address of its module (`module.a["x"].module.b`),
    /// its type and its name. `count` and `for_each` make many of one block.
    pub(super) fn place(&mut self, module: &str, kind: &str, name: &str) -> Option<(Arc<str>, u32)> {
        let mut folder = String::new();
        for call in calls(module)? {
            let source = self.folder(&folder)?.modules.get(&call)?.clone();
            folder = joined(&folder, &source);
        }
        self.folder(&folder)?.resources.get(&(kind.to_owned(), name.to_owned())).cloned()
    }

    /// The files that were read.
    pub(super) fn sources(self) -> Vec<Source> {
        self.sources
    }

    fn folder(&mut self, at: &str) -> Option<&Folder> {
        if !self.folders.contains_key(at) {
            if self.folders.len() >= MOST_FOLDERS {
                return None;
            }
            let mut folder = Folder::default();
            for (path, bytes) in (self.files)(at) {
                let file: Arc<str> = path.into();
                if read(&file, &bytes, &mut folder).is_some() {
                    self.sources.push(Source { file, bytes: bytes.into() });
                }
            }
            self.folders.insert(at.to_owned(), folder);
        }
        self.folders.get(at)
    }
}

/// Notes the blocks of one file; `None` where it is no HCL.
fn read(file: &Arc<str>, bytes: &[u8], folder: &mut Folder) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LARGEST)?;
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let body: Body = text[start..].parse().ok()?;
    // Blocks come in the order of the text, so each line is counted once.
    let (mut counted, mut line) = (0, 1);
    for block in body.blocks() {
        let at = block.span().map_or(counted, |span| (start + span.start).min(text.len()));
        let passed = text.as_bytes().get(counted..at).unwrap_or_default();
        line += u32::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX);
        counted = counted.max(at);
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, name]) => {
                let key = ((*kind).to_owned(), (*name).to_owned());
                folder.resources.entry(key).or_insert((file.clone(), line));
            }
            ("module", [name]) => {
                if let Some(source) = local_source(block) {
                    folder.modules.entry((*name).to_owned()).or_insert(source);
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// The folder that a module call names; what stands in a registry has no lines here.
fn local_source(block: &Block) -> Option<String> {
    let source = block.body.get_attribute("source")?;
    let Expression::String(text) = &source.value else { return None };
    let text = text.as_str();
    (text.starts_with("./") || text.starts_with("../")).then(|| text.to_owned())
}

/// Names of the module calls in an address; `None` where there are too many.
fn calls(module: &str) -> Option<Vec<String>> {
    let (mut depth, mut bare) = (0u32, String::new());
    let mut quoted = false;
    for c in module.chars() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    let calls: Vec<String> =
        bare.split('.').filter(|part| !part.is_empty()).skip(1).step_by(2).map(str::to_owned).collect();
    (calls.len() <= DEEPEST).then_some(calls)
}

/// A folder as another one names it, `..` resolved as far as it can be.
fn joined(folder: &str, source: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(at: &str) -> Vec<(String, Vec<u8>)> {
        let text: &[(&str, &str)] = match at {
            "" => &[
                (
                    "main.tf",
                    "# head\nresource \"r\" \"mx\" {\n  count = 2\n}\n\nmodule \"dns\" {\n  source = \"./modules/dns\"\n}\nmodule \"far\" {\n  source = \"hashicorp/dns/aws\"\n}\n",
                ),
                ("other.tf", "\u{feff}resource \"r\" \"spf\" { records = [\"v=spf1 ${var.x} -all\"] }\n"),
                ("broken.tf", "resource \"r\" \"lost\" {\n"),
            ],
            "modules/dns" => &[(
                "modules/dns/a.tf",
                "locals {\n  t = <<-EOT\n    resource \"r\" \"no\" {\n    }\n  EOT\n}\nresource \"r\" \"key\" {\n}\nmodule \"up\" {\n  source = \"../up\"\n}\n",
            )],
            "modules/up" => &[("modules/up/b.tf", "\n\nresource \"r\" \"deep\" {}\r\n")],
            _ => &[],
        };
        text.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn blocks_have_their_lines_and_modules_their_folders() {
        let mut files = files;
        let mut blocks = Blocks::of(&mut files);
        let mut place = |module: &str, name: &str| {
            blocks.place(module, "r", name).map(|(file, line)| format!("{file}:{line}"))
        };
        assert_eq!(place("", "mx").as_deref(), Some("main.tf:2"));
        assert_eq!(place("", "spf").as_deref(), Some("other.tf:1"));
        assert_eq!(place("module.dns", "key").as_deref(), Some("modules/dns/a.tf:7"));
        assert_eq!(place("module.dns[\"a.module.b\"]", "key").as_deref(), Some("modules/dns/a.tf:7"));
        assert_eq!(place("module.dns[0].module.up", "deep").as_deref(), Some("modules/up/b.tf:3"));
        // In a text, in a broken file, in another's registry, in no file.
        assert_eq!(place("module.dns", "no"), None);
        assert_eq!(place("", "lost"), None);
        assert_eq!(place("module.far", "mx"), None);
        assert_eq!(place("module.none", "mx"), None);
        assert_eq!(joined("a/b", "../../../c/./d"), "../c/d");
        let read: Vec<String> = blocks.sources().iter().map(|source| source.file.to_string()).collect();
        assert_eq!(read, ["main.tf", "other.tf", "modules/dns/a.tf", "modules/up/b.tf"]);
    }

    /// What is nested, chained or endless ends as no HCL, without a deep stack.
    #[test]
    fn hostile_files_are_no_hcl() {
        let nested = |open: &str, close: &str| {
            format!("resource \"r\" \"a\" {{\n  x = {}1{}\n}}\n", open.repeat(20_000), close.repeat(20_000))
        };
        let blocks = format!("{}{}", "a {\n".repeat(20_000), "}\n".repeat(20_000));
        let texts = [
            nested("[", "]"),
            nested("(", ")"),
            nested("{a=", "}"),
            nested("!", ""),
            nested("-", ""),
            nested("\"${", "}\""),
            nested("f(", ")"),
            nested("1+", ""),
            nested("true?1:", ""),
            nested("[for a in ", " : a]"),
            blocks,
            "x = <<E\n".repeat(20_000),
        ];
        for text in texts {
            let mut folder = Folder::default();
            let file: Arc<str> = "a.tf".into();
            let told = read(&file, text.as_bytes(), &mut folder);
            assert!(told.is_none() && folder.resources.is_empty(), "{}", &text[..40]);
        }
        let mut folder = Folder::default();
        assert!(read(&"a.tf".into(), &vec![b'\n'; LARGEST + 1], &mut folder).is_none());
        assert!(read(&"a.tf".into(), b"\xff", &mut folder).is_none());
    }
}

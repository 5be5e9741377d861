//! Reads which file of `src` imports which: by tokens, so that macros, test modules
//! and `super::` are seen, and comments and strings are not.
//!
//! A re-export (`pub use inner::Thing` in a `mod.rs`) is a name on a door, no import:
//! who uses the name imports the file where the thing stands. A room's face (its
//! `mod.rs`) may be used by the room's own files, which the face calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::files_below;

/// A module's path from the crate's root; empty for `lib.rs`.
pub type Module = Vec<String>;
/// Who imports whom, and under which names.
pub type Arrows = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// All files of a crate and what they import of each other.
pub struct House {
    arrows: Arrows,
}

/// One path as written, made absolute.
struct Import {
    path: Vec<String>,
    /// The name under which a `pub use` of the file itself hands it on.
    handed_on: Option<String>,
}

impl House {
    pub fn read(src: &Path) -> House {
        let texts: Vec<(String, String)> = files_below(src)
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == "rs"))
            .map(|file| {
                let name = file.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(&file).unwrap())
            })
            .collect();
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        House::of(&texts)
    }

    /// Of files given by name and text; `main.rs` is another crate.
    pub fn of(texts: &[(&str, &str)]) -> House {
        let modules: BTreeMap<Module, &str> = texts
            .iter()
            .filter(|(name, _)| *name != "main.rs")
            .map(|(name, text)| (module(name), *text))
            .collect();
        let imports: BTreeMap<&Module, Vec<Import>> = modules
            .iter()
            .map(|(module, text)| {
                let mut reader = Reader { modules: &modules, file: module, found: Vec::new() };
                reader.read(text.parse().unwrap_or_else(|e| panic!("{}: {e}", module.join("/"))), module);
                (module, reader.found)
            })
            .collect();
        let mut doors: BTreeMap<(Module, String), Vec<String>> = BTreeMap::new();
        for (module, found) in &imports {
            for import in found {
                if let Some(name) = &import.handed_on {
                    doors.insert(((*module).clone(), name.clone()), import.path.clone());
                }
            }
        }
        let mut arrows = Arrows::new();
        for (module, found) in &imports {
            let to = arrows.entry((*module).clone()).or_default();
            for import in found.iter().filter(|import| import.handed_on.is_none()) {
                let Some(target) = stands_in(&modules, &doors, &import.path, 0) else { continue };
                let own_face = target.len() < module.len() && module.starts_with(&target);
                if target != **module && !target.is_empty() && !own_face {
                    to.entry(target).or_default().insert(import.path.join("::"));
                }
            }
        }
        House { arrows }
    }

    pub fn arrows(&self) -> &Arrows {
        &self.arrows
    }

    /// Sets of files that import each other, directly or around corners.
    pub fn circles(&self) -> Vec<Vec<Module>> {
        let reach: BTreeMap<&Module, BTreeSet<&Module>> =
            self.arrows.keys().map(|from| (from, self.reachable(from))).collect();
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut circles = Vec::new();
        for (&from, reached) in &reach {
            if !reached.contains(from) || seen.contains(from) {
                continue;
            }
            let circle: Vec<&Module> = reached
                .iter()
                .copied()
                .filter(|to| reach.get(to).is_some_and(|back| back.contains(from)))
                .collect();
            seen.extend(&circle);
            circles.push(circle.into_iter().cloned().collect());
        }
        circles
    }

    fn reachable<'h>(&'h self, from: &Module) -> BTreeSet<&'h Module> {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<&Module> = self.arrows[from].keys().collect();
        while let Some(next) = todo.pop() {
            let Some((next, targets)) = self.arrows.get_key_value(next) else { continue };
            if seen.insert(next) {
                todo.extend(targets.keys());
            }
        }
        seen
    }
}

fn module(name: &str) -> Module {
    let mut path: Module = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod" || last == "lib") {
        path.pop();
    }
    path
}

/// The file where the thing at `path` stands, through doors.
fn stands_in(
    modules: &BTreeMap<Module, &str>,
    doors: &BTreeMap<(Module, String), Vec<String>>,
    path: &[String],
    depth: usize,
) -> Option<Module> {
    let cut = (0..=path.len()).rev().find(|cut| modules.contains_key(&path[..*cut]))?;
    let (module, rest) = path.split_at(cut);
    let door = rest.first().and_then(|name| doors.get(&(module.to_vec(), name.clone())));
    match door {
        Some(behind) if depth < 20 => {
            let behind: Vec<String> = behind.iter().chain(&rest[1..]).cloned().collect();
            stands_in(modules, doors, &behind, depth + 1)
        }
        _ => Some(module.to_vec()),
    }
}

struct Reader<'m> {
    modules: &'m BTreeMap<Module, &'m str>,
    file: &'m Module,
    found: Vec<Import>,
}

impl Reader<'_> {
    /// Reads tokens that stand in the module `here` (the file, or one inside it).
    fn read(&mut self, tokens: TokenStream, here: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.step(&tokens, at, here);
        }
    }

    fn step(&mut self, tokens: &[TokenTree], at: usize, here: &[String]) -> usize {
        match &tokens[at] {
            TokenTree::Group(group) => {
                let mut inside = here.to_vec();
                if let (Some(name), true) = (inline_module(tokens, at), group.delimiter() == Delimiter::Brace)
                {
                    inside.push(name);
                }
                self.read(group.stream(), &inside);
            }
            TokenTree::Ident(word) if *word == "use" && starts_item(tokens, at) => {
                let public = at > 0 && !is_punct(tokens.get(at - 1), ';') && is_public(tokens, at);
                let (paths, next) = tree(tokens, at + 1, &[]);
                for (path, name) in paths {
                    self.add(here, &path, (public && here == self.file.as_slice()).then_some(name));
                }
                return next;
            }
            TokenTree::Ident(_) if begins_path(tokens, at) => {
                let (paths, next) = tree(tokens, at, &[]);
                for (path, _) in paths {
                    self.add(here, &path, None);
                }
                return next;
            }
            _ => {}
        }
        at + 1
    }

    /// Notes a path as written in `here`, where it leads into this crate.
    fn add(&mut self, here: &[String], path: &[String], handed_on: Option<String>) {
        let mut base = here.to_vec();
        let mut rest = path;
        match rest.first().map(String::as_str) {
            Some("crate") => {
                base.clear();
                rest = &rest[1..];
            }
            Some("self" | "super") => {
                while let Some(word @ ("self" | "super")) = rest.first().map(String::as_str) {
                    if word == "super" {
                        base.pop();
                    }
                    rest = &rest[1..];
                }
            }
            Some(child) => {
                let named: Module = here.iter().cloned().chain([child.to_owned()]).collect();
                if !self.modules.contains_key(&named) {
                    return;
                }
            }
            None => return,
        }
        base.extend(rest.iter().filter(|word| *word != "self").cloned());
        self.found.push(Import { path: base, handed_on });
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

/// `mod name { ... }` around the group at `at`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (at.checked_sub(2).map(|at| &tokens[at]), at.checked_sub(1).map(|at| &tokens[at])) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) if *word == "mod" => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// `use` as an item, not as a bound (`impl Trait + use<'a>`).
fn starts_item(tokens: &[TokenTree], at: usize) -> bool {
    !is_punct(tokens.get(at + 1), '<')
}

fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    let is_pub = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if *word == "pub");
    match tokens.get(at - 1) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            at >= 2 && is_pub(tokens.get(at - 2))
        }
        token => is_pub(token),
    }
}

/// A word followed by `::` that nothing qualifies.
fn begins_path(tokens: &[TokenTree], at: usize) -> bool {
    let qualified = at >= 2 && is_colons(tokens, at - 2);
    is_colons(tokens, at + 1) && !qualified
}

/// The paths of a `use` tree or of a path in code, each with the name it gets here.
fn tree(tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> (Vec<(Vec<String>, String)>, usize) {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) => {
                path.push(word.to_string());
                at += 1;
                if is_colons(tokens, at) {
                    at += 2;
                    continue;
                }
                let mut name = path.last().cloned().unwrap_or_default();
                if matches!(tokens.get(at), Some(TokenTree::Ident(word)) if *word == "as") {
                    if let Some(TokenTree::Ident(alias)) = tokens.get(at + 1) {
                        name = alias.to_string();
                    }
                    at += 2;
                }
                return (vec![(path, name)], at);
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && !path.is_empty() => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let (mut all, mut within) = (Vec::new(), 0);
                while within < inside.len() {
                    let (more, next) = tree(&inside, within, &path);
                    all.extend(more);
                    within = next + 1;
                }
                return (all, at + 1);
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {
                return (vec![(path, "*".to_owned())], at + 1);
            }
            // `Vec::<T>`: what stands in the brackets is read by itself.
            _ => return (vec![(path.clone(), path.last().cloned().unwrap_or_default())], at),
        }
    }
}

/// Whole paths and the names of macros called, as a file outside names them.
pub fn outer_names(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut paths, mut macros) = (BTreeSet::new(), BTreeSet::new());
    let mut todo: Vec<TokenStream> = vec![text.parse().unwrap()];
    while let Some(stream) = todo.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let is_use =
                matches!(&tokens[at], TokenTree::Ident(word) if *word == "use") && starts_item(&tokens, at);
            match &tokens[at] {
                TokenTree::Group(group) => todo.push(group.stream()),
                TokenTree::Ident(word) if is_punct(tokens.get(at + 1), '!') => {
                    macros.insert(word.to_string());
                }
                TokenTree::Ident(_) if is_use || begins_path(&tokens, at) => {
                    let (found, next) = tree(&tokens, at + usize::from(is_use), &[]);
                    paths.extend(found.into_iter().map(|(path, _)| path.join("::")));
                    at = next.max(at + 1);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }
    (paths, macros)
}

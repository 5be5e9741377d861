//! Reports to text. Renderers return strings; they never print, filter or judge.

pub mod bounce;
pub mod check_page;
pub mod escape;
pub mod json;
pub mod lint;
pub mod reply;
pub mod source_caret;
pub mod spf;
pub mod style;
pub mod terminal;

//! Stretches of plain text: words, phrases, and what was worked out of them before.

pub mod distinct;
pub mod letters;
pub mod phrase_index;
pub mod plain_text;
pub mod recent;

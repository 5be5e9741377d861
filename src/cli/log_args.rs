//! How a log is written, where its content does not tell: `--dialect`, its
//! values, help and errors from the table of dialects.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::gather::logs::LogFile;
use crate::parse::log::{Dialect, unread};

/// The values of `--dialect`.
pub(super) fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let value = |dialect: &Dialect| {
        PossibleValue::new(dialect.name()).aliases(dialect.aliases()).help(dialect.title())
    };
    PossibleValuesParser::new(Dialect::ALL.iter().map(value))
        .try_map(|name| Dialect::from_name(&name).ok_or("no such dialect"))
}

/// Why a log is not read, and what to do: its maker where that can be told.
pub(super) fn remedy(log: &LogFile) -> String {
    if let Some(maker) = unread::maker(log.head()) {
        return format!(
            "this is a log of {maker}, which mailvet does not read yet; give the log of the mail system before or after it"
        );
    }
    if crate::parse::message::plausible(log.head()).is_ok() {
        return "this looks like a mail message; mailvet bounce reads a bounce, mailvet lint judges a message".to_owned();
    }
    let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
    format!("the content looks like no mail log known; name it with --dialect: {}", names.join(", "))
}

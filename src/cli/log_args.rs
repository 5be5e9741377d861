//! How a log is written, where its content does not tell: `--dialect`, its
//! values, help and errors from the table of dialects.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::parse::log::Dialect;

/// The values of `--dialect`.
pub(super) fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let value = |dialect: &Dialect| {
        PossibleValue::new(dialect.name()).aliases(dialect.aliases()).help(dialect.title())
    };
    PossibleValuesParser::new(Dialect::ALL.iter().map(value))
        .try_map(|name| Dialect::from_name(&name).ok_or("no such dialect"))
}

/// What to do about a log of no known dialect.
pub(super) fn remedy() -> String {
    let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
    format!("the content looks like no mail log known; name it with --dialect: {}", names.join(", "))
}

//! A list of subscribers with the proof of their consent, and its comparison with
//! the recipients that logs name. Reads text already in memory; judges nothing.

mod csv;
mod register;
mod value;

use crate::model::untrusted::Width;
pub(crate) use register::Comparison;

use std::collections::HashMap;

use csv::{Records, Row};
use value::Standing;

/// Why a list cannot be used. Always the file's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}\n  {remedy}")]
pub struct ConsentError {
    pub file: String,
    pub line: u32,
    pub what: String,
    pub remedy: String,
}

/// One subscriber.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Line of the list, from 1.
    pub line: u32,
    /// Where the consent was given: a form, an order, an event.
    pub has_source: bool,
    /// When, in milliseconds since 1970.
    pub given: Option<i64>,
    /// `None` where the list has no such column.
    pub confirmed: Option<bool>,
    pub standing: Standing,
}

/// All subscribers by address, lower case.
#[derive(Clone, Debug, Default)]
pub struct Register {
    file: String,
    entries: HashMap<String, Entry>,
}

/// Subscribers of one list; more are refused rather than forgotten.
const MOST_ENTRIES: usize = 20_000_000;

/// Names of the columns, letters and digits only.
const ADDRESS: &[&str] =
    &["address", "email", "emailaddress", "mail", "recipient", "subscriber", "subscriberemail"];
const SOURCE: &[&str] =
    &["source", "origin", "optinsource", "consentsource", "form", "channel", "signupsource"];
const TIME: &[&str] = &[
    "time",
    "date",
    "timestamp",
    "consenttime",
    "consentdate",
    "optintime",
    "optindate",
    "subscribed",
    "subscribedat",
    "subscriptiondate",
    "created",
    "createdat",
    "confirmedat",
    "confirmtime",
    "optinat",
    "signedup",
];
const CONFIRMED: &[&str] = &["doubleoptin", "doi", "confirmed", "isconfirmed", "doubleoptinconfirmed"];
const STANDING: &[&str] = &[
    "status",
    "state",
    "suppressed",
    "suppressedat",
    "unsubscribed",
    "unsubscribedat",
    "unsubscribetime",
    "optout",
    "optoutat",
    "optouttime",
];

/// Where the columns stand.
struct Columns {
    address: usize,
    source: Option<usize>,
    time: Option<usize>,
    confirmed: Option<usize>,
    standing: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Option<Columns> {
        let plain: Vec<String> = header
            .iter()
            .map(|name| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
            .collect();
        let find = |names: &[&str]| plain.iter().position(|name| names.contains(&name.as_str()));
        Some(Columns {
            address: find(ADDRESS)?,
            source: find(SOURCE),
            time: find(TIME),
            confirmed: find(CONFIRMED),
            standing: find(STANDING),
        })
    }
}

impl Register {
    /// Reads a CSV with a header line; comma, semicolon or tab.
    ///
    /// # Errors
    /// The first line that cannot be understood: a list half read would call
    /// subscribers strangers.
    pub fn parse(file: &str, text: &[u8]) -> Result<Register, ConsentError> {
        let at = |line: u32, what: String, remedy: &str| ConsentError {
            file: file.to_owned(),
            line,
            what,
            remedy: remedy.to_owned(),
        };
        let mut records = Records::new(text);
        let header = match records.next() {
            None => {
                return Err(at(1, "the list is empty".to_owned(), HEADER_REMEDY));
            }
            Some(row) => row.map_err(|fault| at(fault.line, fault.what, fault.remedy))?,
        };
        let Some(columns) = Columns::of(&header.fields) else {
            let names = header.fields.iter().take(12).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
            return Err(at(
                header.line,
                format!("no column holds the address; the columns are {names}"),
                HEADER_REMEDY,
            ));
        };
        let mut register = Register { file: file.to_owned(), entries: HashMap::new() };
        for row in records {
            let row = row.map_err(|fault| at(fault.line, fault.what, fault.remedy))?;
            if row.fields.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            let line = row.line;
            if row.fields.len() != header.fields.len() {
                return Err(at(
                    line,
                    format!("{} fields where the header has {}", row.fields.len(), header.fields.len()),
                    "put fields that hold the separator into double quotes",
                ));
            }
            let (address, entry) = entry(&row, &columns).map_err(|(what, remedy)| at(line, what, remedy))?;
            if register.entries.len() >= MOST_ENTRIES {
                return Err(at(
                    line,
                    format!("more than {MOST_ENTRIES} addresses"),
                    "split the list, and the logs with it",
                ));
            }
            register.entries.entry(address).and_modify(|known| known.join(&entry)).or_insert(entry);
        }
        Ok(register)
    }

    /// Distinct addresses.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Entry {
    /// The same address again: the newer consent counts, and a suppression stays
    /// unless consent was given after it.
    fn join(&mut self, other: &Entry) {
        if other.given > self.given {
            let standing = std::mem::take(&mut self.standing);
            *self = Entry { standing: standing.max(other.standing), ..other.clone() };
        } else {
            self.standing = self.standing.max(other.standing);
        }
        if let (Standing::Off(Some(off)), Some(given)) = (self.standing, self.given)
            && given > off
        {
            self.standing = Standing::On;
        }
    }
}

const HEADER_REMEDY: &str =
    "the first line names the columns: address,source,time,double_opt_in[,unsubscribed]";

fn entry(row: &Row, columns: &Columns) -> Result<(String, Entry), (String, &'static str)> {
    let field =
        |at: Option<usize>| at.and_then(|at| row.fields.get(at)).map(|text| text.trim()).unwrap_or_default();
    let address = field(Some(columns.address));
    let Some(address) = normal(address) else {
        let remedy = "write one address such as anna@example.com, or remove the line";
        return Err((format!("{} is no address", shown(address)), remedy));
    };
    let time =
        |text: &str| value::time(text).map_err(|remedy| (format!("{} is no time", shown(text)), remedy));
    let given = match field(columns.time) {
        "" => None,
        text => Some(time(text)?),
    };
    let confirmed = match (columns.confirmed, field(columns.confirmed)) {
        (None, _) => None,
        (Some(_), text) => Some(value::yes(text).ok_or_else(|| {
            (
                format!("{} is neither yes nor no", shown(text)),
                "write yes, no or the time of the confirmation",
            )
        })?),
    };
    let standing = Standing::read(field(columns.standing)).ok_or_else(|| {
        let text = shown(field(columns.standing));
        (
            format!("{text} does not say whether the address is still subscribed"),
            "write active, unsubscribed, bounced, complained, or the time it was taken off",
        )
    })?;
    let has_source = !field(columns.source).is_empty();
    Ok((address, Entry { line: row.line, has_source, given, confirmed, standing }))
}

/// An address as it is compared: without angle brackets, lower case. Receivers tell
/// `Anna@` from `anna@` in theory only.
pub(crate) fn normal(address: &str) -> Option<String> {
    let bare = address.trim();
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    let (local, domain) = bare.rsplit_once('@')?;
    let sound = !local.is_empty()
        && !domain.is_empty()
        && bare.len() <= 320
        && !bare.chars().any(|c| c.is_control() || (c.is_whitespace() && !local.starts_with('"')));
    sound.then(|| bare.to_lowercase())
}

fn shown(text: &str) -> String {
    format!("{:?}", crate::model::untrusted::plain(text, Width::Name))
}

#[cfg(test)]
mod tests;

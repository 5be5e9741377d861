//! `mailvet.toml` and the flags, to a scope (what may be asked) and a policy
//! (how to judge). Unknown keys and codes are errors, with a suggestion.

mod blocklists;
pub(crate) mod targets;
pub(crate) mod zones;

use std::collections::BTreeMap;

use foldhash::HashSet;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::judge::catalog;
use crate::model::scope::ListChanges;
use crate::model::untrusted::Width;
use crate::model::{Area, Name, Role, Severity};
use crate::policy::{Ignore, Policy, Require, Selection};

/// What is wrong in the settings or flags. Always the user's to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: {error}")]
    Toml { file: String, error: String },
    #[error("{place}: {name:?} is neither an area, a topic nor a code{}", suggestion(.suggest))]
    Unknown { place: String, name: String, suggest: Option<String> },
    #[error("{place}: {name:?} is no severity; give info, low, medium, high or critical")]
    Severity { place: String, name: String },
    #[error("{place}: {why}")]
    List { place: String, why: String },
    #[error("{place}: {date:?} is no date; write YYYY-MM-DD")]
    Date { place: String, date: String },
    #[error("--receiver {name:?}: nobody known; give one of {}", receiver_ids())]
    Receiver { name: String },
    #[error("nothing is left to judge: {why}; leave out --skip, or name more with --only")]
    Nothing { why: String },
}

fn receiver_ids() -> String {
    let ids = crate::data::receivers::catalogue().receivers.iter().map(|receiver| receiver.id.as_str());
    ids.collect::<Vec<_>>().join(", ")
}

fn suggestion(name: &Option<String>) -> String {
    match name {
        Some(name) => format!("; did you mean {name}?"),
        None => "\n  mailvet explain --all lists them".to_owned(),
    }
}

/// `mailvet.toml`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// As `--fail-on`.
    pub fail_on: Option<String>,
    /// Severity by code.
    #[serde(default)]
    severity: BTreeMap<String, String>,
    /// Findings to live with.
    #[serde(default)]
    ignore: Vec<IgnoreSetting>,
    /// What is demanded beyond what mail needs.
    #[serde(default)]
    require: Require,
    /// Who is audited where no flag says it.
    #[serde(default)]
    pub target: Vec<targets::TargetSetting>,
    /// Words of messages.
    #[serde(default)]
    phrases: Phrases,
    /// Lists of one's own, lists to leave out, keys.
    #[serde(default)]
    pub blocklists: blocklists::ListSettings,
    /// What zone files cannot say of themselves.
    #[serde(default)]
    pub zone: Vec<zones::ZoneSetting>,
}

/// One `[[ignore]]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IgnoreSetting {
    /// The check's code.
    code: String,
    /// Only for this subject, as the report prints it; `*` stands for any characters.
    subject: Option<String>,
    /// Only in this file, as the report prints it; `*` stands for any characters.
    path: Option<String>,
    /// Why; shown wherever the finding would be.
    reason: String,
    /// Who answers for it.
    owner: Option<String>,
    /// `YYYY-MM-DD`; from that day on the finding counts again.
    #[serde(default, deserialize_with = "day")]
    #[schemars(with = "Option<String>")]
    until: Option<String>,
}

/// A day in quotes, or as TOML writes dates.
fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a day is wanted, such as \"2027-01-31\"")]
    enum Day {
        Date(toml::value::Datetime),
        Text(String),
    }
    Ok(Some(match Day::deserialize(from)? {
        Day::Date(date) => date.to_string(),
        Day::Text(text) => text,
    }))
}

/// `[phrases]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Phrases {
    /// Phrases that are never held against a message.
    #[serde(default)]
    allow: Vec<String>,
    /// Phrase to weight.
    #[serde(default)]
    trigger: BTreeMap<String, f64>,
}

/// Reads `mailvet.toml`; an error shows line and column.
pub(crate) fn read(file: &str, text: &str) -> Result<Settings, ConfigError> {
    let settings: Settings = toml::from_str(text)
        .map_err(|error| ConfigError::Toml { file: file.to_owned(), error: error.to_string() })?;
    let at = |word: &str| line_of(file, text, word);
    for (code, severity) in &settings.severity {
        known_code(code, &at(code))?;
        if Severity::from_name(severity).is_none() {
            return Err(ConfigError::Severity {
                place: format!("{}: severity.{code}", at(code)),
                name: severity.clone(),
            });
        }
    }
    for ignore in &settings.ignore {
        known_code(&ignore.code, &at(&ignore.code))?;
        if let Some(date) = &ignore.until
            && date.parse::<jiff::civil::Date>().is_err()
        {
            return Err(ConfigError::Date {
                place: format!("{}: ignore of {}", at(date), ignore.code),
                date: date.clone(),
            });
        }
    }
    for target in &settings.target {
        let place = || format!("{}: target", at(&target.domain));
        if let Err(error) = Name::parse(&target.domain) {
            return Err(ConfigError::List { place: place(), why: error.to_string() });
        }
        if let Some(role) = target.role.as_deref().filter(|role| Role::from_name(role).is_none()) {
            let known = Role::ALL.map(Role::name).join(", ");
            let shown = crate::model::untrusted::plain(role, Width::Word);
            let why = format!("role = {shown:?} is none of {known}");
            return Err(ConfigError::List { place: format!("{}: target", at(role)), why });
        }
    }
    settings.blocklists.changes(file)?;
    Ok(settings)
}

/// `FILE:LINE` of the first line that holds the word.
fn line_of(file: &str, text: &str, word: &str) -> String {
    match text.lines().position(|line| line.contains(word)) {
        Some(at) => format!("{file}:{}", at + 1),
        None => file.to_owned(),
    }
}

/// The schema of `mailvet.toml`, from the types that read it.
pub(crate) fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Settings);
    schema.insert("$id".to_owned(), "mailvet/config/1".into());
    schema.insert("title".to_owned(), "mailvet.toml".into());
    schema.to_value()
}

/// What the settings change about the lists.
pub(crate) fn list_changes(settings: &Settings) -> Result<ListChanges, ConfigError> {
    settings.blocklists.changes("mailvet.toml")
}

/// The policy: the settings and the selection of `--only` and `--skip`.
pub(crate) fn policy(settings: &Settings, only: &[String], skip: &[String]) -> Result<Policy, ConfigError> {
    let mut selected: HashSet<&'static str> = HashSet::default();
    for name in only {
        selected.extend(codes_of(name, "--only")?);
    }
    if only.is_empty() {
        selected.extend(catalog::all().map(|check| check.code));
    }
    for name in skip {
        for code in codes_of(name, "--skip")? {
            selected.remove(code);
        }
    }
    let severities = settings
        .severity
        .iter()
        .filter_map(|(code, name)| Some((code.clone(), Severity::from_name(name)?)))
        .collect();
    let ignores = settings
        .ignore
        .iter()
        .map(|ignore| Ignore {
            code: ignore.code.clone(),
            subject: ignore.subject.clone(),
            path: ignore.path.clone(),
            reason: ignore.reason.clone(),
            owner: ignore.owner.clone(),
            until: ignore.until.clone(),
        })
        .collect();
    if selected.is_empty() {
        return Err(ConfigError::Nothing { why: "--skip takes away all that --only names".to_owned() });
    }
    Ok(Policy {
        selected: Selection::Only(selected),
        severities,
        ignores,
        require: settings.require.clone(),
        allowed_phrases: settings.phrases.allow.iter().map(|phrase| phrase.to_lowercase()).collect(),
        extra_phrases: settings.phrases.trigger.iter().map(|(p, w)| (p.to_lowercase(), *w)).collect(),
        ..Policy::default()
    })
}

/// Keeps what a command judges; an error where the selection holds nothing of it.
pub(crate) fn narrow(
    policy: &mut Policy,
    what: &str,
    keep: impl FnMut(&&'static str) -> bool,
) -> Result<(), ConfigError> {
    policy.selected.retain(keep);
    if policy.selected.is_empty() {
        return Err(ConfigError::Nothing { why: format!("--only and --skip leave no check of {what}") });
    }
    Ok(())
}

/// The ids of the receivers that `--receiver` names.
pub(crate) fn receivers(typed: &[String]) -> Result<Vec<String>, ConfigError> {
    let id = |name: &String| match crate::data::receivers::find(name) {
        Some(receiver) => Ok(receiver.id.clone()),
        None => Err(ConfigError::Receiver { name: crate::model::untrusted::plain(name, Width::Name) }),
    };
    typed.iter().map(id).collect()
}

/// The codes that `--only` or `--skip` names: one, a topic's or an area's.
fn codes_of(name: &str, place: &str) -> Result<Vec<&'static str>, ConfigError> {
    if let Some(area) = Area::from_name(name) {
        return Ok(catalog::of_area(area).iter().map(|check| check.code).collect());
    }
    if catalog::find(name).is_none() {
        let codes = catalog::of_topic(name);
        if !codes.is_empty() {
            return Ok(codes);
        }
    }
    known_code(name, place).map(|code| vec![code])
}

/// The code as the catalogue holds it, or an error with a suggestion.
pub(crate) fn known_code(name: &str, place: &str) -> Result<&'static str, ConfigError> {
    if let Some(check) = catalog::find(name) {
        return Ok(check.code);
    }
    let area = Area::ALL.into_iter().map(Area::name).find(|area| catalog::edit_distance(area, name) <= 2);
    let suggest = area.or_else(|| catalog::suggest(name)).map(str::to_owned);
    Err(ConfigError::Unknown {
        place: place.to_owned(),
        name: crate::model::untrusted::plain(name, Width::Name),
        suggest,
    })
}

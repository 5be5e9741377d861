//! A check's result on a line of NDJSON. Most checks pass, do not apply or lack a file that
//! was not given, and then their text is the same for every line of a run: it is written once.

use std::sync::{LazyLock, RwLock};

use foldhash::HashMap;
use serde::Serialize;
use serde_json::value::RawValue;

use super::v1::ResultV1;
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::Gap;

/// A result, or the text it always has.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ResultLine {
    Known(&'static RawValue),
    Written(Box<ResultV1>),
}

/// By the check's code, the reason where it does not apply, and the flag that would give
/// what it lacks. All are constants of the program, so the map is bounded and what it holds
/// may stay.
type Known = HashMap<(&'static str, &'static str, &'static str), &'static RawValue>;

impl ResultLine {
    pub(super) fn of(result: &CheckResult) -> ResultLine {
        static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);
        let written = || super::v1::result(result);
        let (reason, flag) = match result.outcome {
            Outcome::Pass => ("", ""),
            Outcome::NotApplicable(reason) => (reason, ""),
            Outcome::Unknown(Gap::NotSupplied { what, flag }) => (what, flag),
            Outcome::Fail { .. } | Outcome::Unknown(_) => return ResultLine::Written(Box::new(written())),
        };
        let key = (result.check.code, reason, flag);
        let known = KNOWN.read().ok().and_then(|known| known.get(&key).copied());
        let make = || {
            let text: &'static RawValue = Box::leak(serde_json::value::to_raw_value(&written()).ok()?);
            KNOWN.write().ok()?.insert(key, text);
            Some(text)
        };
        known.or_else(make).map_or_else(|| ResultLine::Written(Box::new(written())), ResultLine::Known)
    }
}

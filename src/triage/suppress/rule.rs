//! When soft bounces stop an address: on so many days within so many days.

use std::collections::BTreeSet;
use std::str::FromStr;

/// `5/30`: on five days within thirty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftRule {
    /// Days with a soft bounce.
    pub times: u16,
    /// Days within which they lie.
    pub days: u16,
}

impl Default for SoftRule {
    /// Far from hasty: a holiday fills a mailbox for two weeks.
    fn default() -> SoftRule {
        SoftRule { times: 5, days: 30 }
    }
}

impl FromStr for SoftRule {
    type Err = String;

    fn from_str(text: &str) -> Result<SoftRule, String> {
        let parts =
            text.split_once('/').and_then(|(n, m)| Some((n.trim().parse().ok()?, m.trim().parse().ok()?)));
        match parts {
            Some((times, days)) if times >= 2 && days >= times => Ok(SoftRule { times, days }),
            Some((0 | 1, _)) => {
                Err("one soft bounce says nothing: give two days or more, such as 5/30".to_owned())
            }
            Some(_) => {
                Err("more days with a bounce than days: write 5/30 for five days within thirty".to_owned())
            }
            None => Err("write 5/30 for soft bounces on five days within thirty".to_owned()),
        }
    }
}

impl SoftRule {
    /// True where so many of the days lie close enough. Several bounces of one day count once: they
    /// are one state of the mailbox.
    pub(super) fn is_met(self, days: &BTreeSet<i64>) -> bool {
        let days: Vec<i64> = days.iter().copied().collect();
        let times = usize::from(self.times);
        days.windows(times).any(|run| {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
            last - first < i64::from(self.days)
        })
    }
}

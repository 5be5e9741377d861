//! Prompts as they are printed: `Mail router . . . . . . : MAILROUTER  relay.example.com`, with or
//! without the keyword.

use super::{Setting, is_keyword};

/// What a prompt calls a keyword, where it is printed without it.
const TITLES: &[(&str, &str)] = &[
    ("mail router", "MAILROUTER"),
    ("firewall", "FIREWALL"),
    ("forwarding mailhub server", "FWDHUBSVR"),
    ("allow relayed mail", "ALWRLY"),
    ("allow relay", "ALWRLY"),
    ("journal", "JOURNAL"),
    ("directory type", "DIRTYPE"),
    ("keep until", "KEEPUNTIL"),
    ("interface/domain", "IFCDMN"),
    ("realtime blackhole list", "RBLSVR"),
    ("realtime blackhole server", "RBLSVR"),
    ("allow bare line feed", "ALWBARELF"),
    ("delivery notification", "NFYDLVRY"),
    ("host name", "HOSTNAME"),
    ("domain name", "DMNNAME"),
    ("host name search priority", "HOSTSCHPTY"),
    ("retries by minute", "RTYMIN"),
    ("retries by hour", "RTYHOUR"),
    ("retries by day", "RTYDAY"),
];

/// A prompt as far as it was read.
#[derive(Default)]
pub(super) struct Prompt {
    pub settings: Vec<Setting>,
    /// The keyword whose parts follow, each on its own line.
    group: Option<String>,
}

impl Prompt {
    pub(super) fn line(&mut self, line: &str, number: u32) {
        let Some((title, value)) = split(line) else {
            // `Retries by minute:` heads two lines of its own.
            // The keyword may stand behind the colon.
            self.group = line.split_once(':').and_then(|(title, _)| keyword_of(title));
            return;
        };
        let (first, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let printed = is_keyword(first) && first.bytes().all(|b| !b.is_ascii_lowercase());
        let (keyword, value) = match (printed && !rest.trim().is_empty(), keyword_of(title)) {
            (true, _) => (first.to_owned(), rest),
            (false, Some(keyword)) => (keyword, value),
            (false, None) => {
                let part = title.trim().to_ascii_lowercase();
                if let Some(group) = &self.group
                    && matches!(part.as_str(), "number of retries" | "time interval")
                {
                    self.add(group.clone(), value, number);
                }
                return;
            }
        };
        self.group = None;
        self.add(keyword, value, number);
    }

    fn add(&mut self, keyword: String, value: &str, number: u32) {
        let values = value.split([' ', '(', ')']).map(|word| word.trim_matches('\'').to_owned());
        let values: Vec<String> = values.filter(|word| !word.is_empty()).collect();
        match self.settings.last_mut() {
            Some(last) if last.keyword == keyword => last.values.extend(values),
            _ => self.settings.push(Setting { keyword, values, line: number }),
        }
    }
}

/// Title and value around the leader of dots.
fn split(line: &str) -> Option<(&str, &str)> {
    let at = line.find(" . ")?;
    let value = line[at..].trim_start_matches([' ', '.', ':']).trim();
    (!value.is_empty()).then_some((line[..at].trim(), value))
}

fn keyword_of(title: &str) -> Option<String> {
    let title = title.trim().to_ascii_lowercase();
    TITLES.iter().find(|(known, _)| *known == title).map(|(_, keyword)| (*keyword).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::IbmiSettings;

    #[test]
    fn prompts_are_read_with_and_without_keywords() {
        let text = "                Change SMTP Attributes (CHGSMTPA)\n\
                    Mail router  . . . . . . . . . .   MAILROUTER     relay.example.com\n\
                    Allow relayed mail . . . . . . .   *LIST\n\
                    Retries by minute:        RTYMIN\n  Number of retries  . . . . . . .   3\n  Time interval  . . . . . . . . .   30\n\
                    Host name  . . . . . . . . . : 'AS400'\n";
        let read = IbmiSettings::parse(text);
        let value = |keyword| read.get(keyword).map(|s| s.values.join(" ")).unwrap_or_default();
        assert_eq!(value("MAILROUTER"), "relay.example.com");
        assert_eq!(value("ALWRLY"), "*LIST");
        assert_eq!(value("RTYMIN"), "3 30");
        assert_eq!(value("HOSTNAME"), "AS400");
    }
}

//! Settings of an IBM i's TCP/IP and SMTP, as its operator can print or type them: commands
//! (`CHGSMTPA MAILROUTER('relay.example.com') ALWRLY(*LIST)`), prompts printed with their keywords,
//! and the host table of CFGTCP option 10. Judges nothing.

mod printed;

use std::net::IpAddr;

/// What a file of settings holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IbmiSettings {
    commands: Vec<Command>,
    /// The host table, in the file's order.
    pub hosts: Vec<HostEntry>,
}

/// One command with its parameters; a printed prompt is one without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Command {
    name: String,
    parameters: Vec<Setting>,
}

/// One keyword and what it is set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Upper case.
    pub keyword: String,
    /// The values in order, lists flattened, quotes dropped.
    pub values: Vec<String>,
    /// The line it starts on, from 1.
    pub line: u32,
}

/// One line of the host table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostEntry {
    pub address: IpAddr,
    /// Lower case, without a final dot.
    pub names: Vec<String>,
    pub line: u32,
}

/// One entry of the SMTP lists (ADDSMTPLE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListEntry {
    /// `*ACCEPT`, `*NEAR`, `*REJECT` ..., upper case.
    pub kind: String,
    pub network: ipnet::IpNet,
}

/// Octets of a logical line that are read; a command is shorter.
const LONGEST_LINE: usize = 64 * 1024;
/// Commands and entries that are kept; a system has a few hundred.
const MOST: usize = 20_000;

impl Setting {
    /// The first value, upper case; `*SAME` and an empty one are none.
    pub(crate) fn first(&self) -> Option<String> {
        let value = self.values.first()?.trim().to_ascii_uppercase();
        (!value.is_empty() && value != "*SAME").then_some(value)
    }

    /// As the operator wrote it: `ALWRLY(*ALL)`.
    pub(crate) fn written(&self) -> String {
        format!("{}({})", self.keyword, self.values.join(" "))
    }
}

/// The text with the values of PASSWORD gone: a recording goes to others.
pub(crate) fn without_secrets(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (at, word) in upper.match_indices("PASSWORD(") {
        let start = at + word.len();
        if start < from {
            continue;
        }
        let (_, length) = values(&text[start..text.floor_char_boundary(start + LONGEST_LINE)]);
        out.push_str(&text[from..start]);
        out.push_str("*)");
        from = start + length;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    // A printed prompt has the value behind a leader of dots.
    let prompt = |line: &str| line.to_ascii_uppercase().contains("PASSWORD") && line.contains(" . ");
    let masked = |line: &str| match line.split_once(" . ") {
        Some((title, _)) if prompt(line) => format!("{title} . *\n"),
        _ => line.to_owned(),
    };
    out.split_inclusive('\n').map(masked).collect()
}

impl IbmiSettings {
    /// Reads a file, line by line; what is no setting is passed over.
    pub(crate) fn parse(text: &str) -> IbmiSettings {
        let mut settings = IbmiSettings::default();
        let mut prompt = printed::Prompt::default();
        let mut logical = String::new();
        let mut start = 0;
        for (number, line) in (1u32..).zip(text.lines()) {
            let line = line.trim_end();
            if logical.is_empty() {
                start = number;
            }
            let (part, goes_on) = match line.strip_suffix(['+', '-']) {
                // A row of hyphens under a heading is no continuation.
                Some(part) if part.contains('(') || !logical.is_empty() => (part, true),
                _ => (line, false),
            };
            if logical.len() + part.len() <= LONGEST_LINE {
                logical.push_str(part);
                logical.push(' ');
            }
            if goes_on {
                continue;
            }
            settings.take(logical.trim(), start, &mut prompt);
            logical.clear();
        }
        settings.take(logical.trim(), start, &mut prompt);
        if !prompt.settings.is_empty() {
            settings.commands.push(Command { name: String::new(), parameters: prompt.settings });
        }
        settings
    }

    /// True where the file holds nothing that is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.hosts.is_empty()
    }

    fn take(&mut self, line: &str, number: u32, prompt: &mut printed::Prompt) {
        if self.commands.len() + self.hosts.len() >= MOST || line.is_empty() || line.starts_with("/*") {
            return;
        }
        let command = command(line, number);
        if command.parameters.is_empty() {
            match host_entry(line, number) {
                Some(entry) => self.hosts.push(entry),
                None => prompt.line(line, number),
            }
            return;
        }
        if command.name == "ADDTCPHTE" {
            let of = |keyword: &str| command.parameters.iter().find(|one| one.keyword == keyword);
            let address = of("INTNETADR").and_then(|one| one.values.first()?.parse().ok());
            let names = of("HOSTNAME").map(|one| one.values.iter().map(|name| host(name)).collect());
            if let (Some(address), Some(names)) = (address, names) {
                self.hosts.push(HostEntry { address, names, line: number });
            }
        }
        self.commands.push(command);
    }

    /// The setting of a keyword that is in force: the last that says something. Parameters of
    /// commands that add entries set nothing.
    pub(crate) fn get(&self, keyword: &str) -> Option<&Setting> {
        let sets = |command: &&Command| !command.name.starts_with("ADD") && !command.name.starts_with("RMV");
        let mut all = self.commands.iter().filter(sets).flat_map(|command| &command.parameters);
        all.rfind(|setting| setting.keyword == keyword && setting.first().is_some())
    }

    /// The entries of the SMTP lists that name a network.
    pub(crate) fn lists(&self) -> Vec<ListEntry> {
        let of_lists = self.commands.iter().filter(|command| command.name == "ADDSMTPLE");
        of_lists.filter_map(list_entry).collect()
    }
}

fn list_entry(command: &Command) -> Option<ListEntry> {
    let value =
        |keyword: &str| command.parameters.iter().find(|one| one.keyword == keyword).and_then(Setting::first);
    let address: IpAddr = value("INTNETADR")?.parse().ok()?;
    let prefix = match value("SUBNETMASK").or_else(|| value("MASK")) {
        Some(mask) => ipnet::ip_mask_to_prefix(mask.parse().ok()?).ok()?,
        None if address.is_ipv4() => 32,
        None => 128,
    };
    let network = ipnet::IpNet::new(address, prefix).ok()?.trunc();
    Some(ListEntry { kind: value("TYPE").unwrap_or_default(), network })
}

/// `10.1.1.5   AS400.EXAMPLE.COM  AS400`
fn host_entry(line: &str, number: u32) -> Option<HostEntry> {
    let mut words = line.split_whitespace();
    // A printed list has an option column before the address.
    let address = words.by_ref().take(2).find_map(|word| word.trim_matches('\'').parse().ok())?;
    let is_name = |word: &&str| word.bytes().any(|b| b.is_ascii_alphabetic()) && !word.contains(['(', ')']);
    let names: Vec<String> = words.filter(is_name).take(65).map(host).collect();
    (!names.is_empty()).then_some(HostEntry { address, names, line: number })
}

fn host(name: &str) -> String {
    name.trim_matches('\'').trim_end_matches('.').to_ascii_lowercase()
}

/// The command's name and its `KEYWORD(value)` parameters.
fn command(line: &str, number: u32) -> Command {
    let mut command = Command::default();
    let mut rest = line;
    if let Some(word) = line.split_whitespace().next()
        && !word.contains('(')
        && is_keyword(word.rsplit('/').next().unwrap_or(word))
    {
        command.name = word.rsplit('/').next().unwrap_or(word).to_ascii_uppercase();
    }
    while let Some(open) = rest.find('(') {
        let keyword = rest[..open].split_whitespace().next_back().unwrap_or_default();
        let (values, length) = values(&rest[open + 1..]);
        if is_keyword(keyword) && rest[..open].ends_with(keyword) {
            let keyword = keyword.to_ascii_uppercase();
            command.parameters.push(Setting { keyword, values, line: number });
        }
        rest = &rest[open + 1 + length..];
    }
    command
}

fn is_keyword(word: &str) -> bool {
    (3..=10).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The values up to the parenthesis that closes, and how many octets they take.
fn values(text: &str) -> (Vec<String>, usize) {
    let (mut found, mut word, mut depth, mut quoted) = (Vec::new(), String::new(), 1usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => word.push(c),
            '(' => depth += 1,
            ')' if depth == 1 => {
                found.extend((!word.is_empty()).then_some(word));
                return (found, at + 1);
            }
            ')' => depth -= 1,
            c if c.is_whitespace() => {}
            c => {
                word.push(c);
                continue;
            }
        }
        if !quoted && !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
    }
    found.extend((!word.is_empty()).then_some(word));
    (found, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        let text = "CHGSMTPA MAILROUTER('relay.example.com') FIREWALL(*YES) +\n    ALWRLY(*LIST) RTYMIN(3 30)\n\
                    QSYS/CHGTCPDMN HOSTNAME('AS400') DMNNAME('EXAMPLE.COM')\n\
                    ADDTCPHTE INTNETADR('10.1.1.5') HOSTNAME((AS400.EXAMPLE.COM) (AS400))\n\
                    ADDSMTPLE TYPE(*ACCEPT) INTNETADR('10.1.1.0') SUBNETMASK('255.255.255.0')\n";
        let read = IbmiSettings::parse(text);
        let value = |keyword| read.get(keyword).map(|s| (s.values.join(" "), s.line));
        assert_eq!(value("MAILROUTER"), Some(("relay.example.com".to_owned(), 1)));
        assert_eq!(value("RTYMIN"), Some(("3 30".to_owned(), 1)));
        assert_eq!(value("HOSTNAME"), Some(("AS400".to_owned(), 3)));
        assert_eq!(value("INTNETADR"), None);
        let names = ["as400.example.com".to_owned(), "as400".to_owned()];
        assert_eq!((read.hosts[0].names.as_slice(), read.hosts[0].line), (&names[..], 4));
        assert_eq!(read.lists()[0].network.to_string(), "10.1.1.0/24");
    }

    #[test]
    fn the_last_word_counts_and_same_is_none() {
        let read = IbmiSettings::parse("CHGSMTPA ALWRLY(*ALL)\nCHGSMTPA ALWRLY(*SAME)\nalwrly(*none)\n");
        assert_eq!(read.get("ALWRLY").and_then(Setting::first).as_deref(), Some("*NONE"));
        assert_eq!(read.get("ALWRLY").map(Setting::written).as_deref(), Some("ALWRLY(*none)"));
    }

    #[test]
    fn a_host_table_is_read_as_it_is_printed() {
        let text = "Opt  Address          Host Name\n  _  10.1.1.5         AS400.EXAMPLE.COM\n10.1.1.9 RELAY relay.example.com.\n";
        let read = IbmiSettings::parse(text);
        assert_eq!(read.hosts.len(), 2);
        assert_eq!(read.hosts[1].names, ["relay", "relay.example.com"]);
    }

    #[test]
    fn passwords_do_not_stay() {
        let text = "ADDSMTPLE TYPE(*HOSTAUTH) password('s(e)cret') USERNAME(u)\n";
        assert_eq!(without_secrets(text), "ADDSMTPLE TYPE(*HOSTAUTH) password(*) USERNAME(u)\n");
        assert_eq!(without_secrets("PASSWORD('open"), "PASSWORD(*)");
        let printed = "Host name . . . : H\nPassword  . . . . . :   PASSWORD   s3cret\n";
        assert_eq!(without_secrets(printed), "Host name . . . : H\nPassword  . *\n");
    }

    #[test]
    fn what_is_none_is_empty_and_nothing_panics() {
        for text in ["", "((((", "a(", "KEY('", "ALWRLY(*ALL", "-----\n+++", "é(ü) KEYWORD(ß"] {
            let _ = IbmiSettings::parse(text);
        }
        assert!(IbmiSettings::parse("Dear team,\nall is well (really).\n").is_empty());
    }
}

//! Zone files as other programs take them: what name servers refuse is refused, and octoDNS's
//! YAML means what octoDNS says. Programs that this machine lacks are said to be skipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cli::mailvet;
use crate::root;

const HEAD: &str =
    "$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ IN NS ns1\nns1 IN A 192.0.2.1\n";

/// Lines after the head, one entry each unless a `\n` stands in them.
const ENTRIES: &[&str] = &[
    "www A 192.0.2.1",
    "a A 192.0.2",
    "a A 192.0.2.256",
    "a A 0xc0.0.2.1",
    "a A 192.0.2.1 x",
    "a A 2001:db8::1",
    "a AAAA 192.0.2.1",
    "a AAAA ::ffff:192.0.2.1",
    "a AAAA 1:2:3:4:5:6:7:8:9",
    "a AAAA 1::2::3",
    "a AAAA 2001:db8::1/64",
    "@ MX 10 ns1",
    "@ MX ns1 10",
    "@ MX -1 ns1",
    "@ MX 65536 ns1",
    "@ MX 0 .",
    "@ MX 10",
    "@ MX 10 ns1 ns1",
    "@ MX 10 @",
    "a CNAME b\na CNAME c",
    "a CNAME b\na TXT \"x\"",
    "a CNAME",
    "@ CNAME a",
    "a PTR b.example.net.",
    "_sip._tcp SRV 0 5 5060 ns1",
    "_sip._tcp SRV 0 5 ns1",
    "_sip._tcp SRV 0 5 70000 ns1",
    "@ CAA 0 issue \"ca.example\"",
    "@ CAA 0 issue",
    "@ CAA 256 issue \"x\"",
    "@ CAA 0 issue letsencrypt.org",
    "a TXT",
    "a TXT \"\"",
    "a TXT \"x",
    "a TXT \"\\256\"",
    "a TXT \"\\25\"",
    "a TXT x y z",
    "a TXT \"x\" ; c",
    "a TXT ( \"x\"\n \"y\" )",
    "a TXT ( \"x\"",
    "a TXT \"x\" )",
    "a TXT \"x\" \\",
    "a..b A 192.0.2.1",
    ".a A 192.0.2.1",
    "a\\ b TXT \"x\"",
    "a/b A 192.0.2.1",
    "-a A 192.0.2.1",
    "_x_ A 192.0.2.1",
    "3600 A 192.0.2.1",
    "IN A 192.0.2.1",
    "MX A 192.0.2.1",
    "* A 192.0.2.1",
    "a.*.b A 192.0.2.1",
    "a -1 A 192.0.2.1",
    "a 1x A 192.0.2.1",
    "a 4294967296 A 192.0.2.1",
    "a 1h30m A 192.0.2.1",
    "a IN 60 A 192.0.2.1",
    "a 60 IN A 192.0.2.1",
    "a IN IN A 192.0.2.1",
    "a 60 IN 60 A 192.0.2.1",
    "a CH TXT \"x\"",
    "a CLASS1 A 192.0.2.1",
    "a ANY TXT \"x\"",
    "a FOO x",
    "a TYPE65280 \\# 2 abcd",
    "a TYPE65280 \\# 3 abcd",
    "a TXT \\# 3 026869",
    "a TXT \\# 3 056869",
    "a TYPE65536 \\# 0",
    "_25._tcp.a TLSA 3 1 1 abcd",
    "_25._tcp.a TLSA 300 1 1 abcd",
    "_25._tcp.a TLSA 3 1 1 abc",
    "a SSHFP 1 1 123",
    "a HINFO \"x\"",
    "a LOC 91 N 0 E 0m",
    "a EUI48 00-00-5e-00-53-2a",
    "a EUI48 00:00:5e:00:53:2a",
    "a NSEC b A TXT",
    "a NSEC b AA",
    "a HTTPS 1 . alpn=h2",
    "a HTTPS 1 . mandatory=alpn",
    "a HTTPS 0 b.example.net.",
    "a HTTPS 1 . ipv4hint=192.0.2.300",
    "a HTTPS 1 . port=70000",
    "$ORIGIN",
    "$ORIGIN sub\na A 192.0.2.1",
    "$ORIGIN example.net.\na A 192.0.2.1",
    "$FOO x",
    "$TTL one",
    "$TTL",
    "$GENERATE 1-3 h$ A 192.0.2.$",
    "$GENERATE 1-3/0 h$ A 192.0.2.$",
    "$GENERATE 3-1 h$ A 192.0.2.$",
    "$GENERATE 1-3 h${0,3,d} A 192.0.2.$",
    "$GENERATE 1-3 h${0,3,q} A 192.0.2.$",
    "$GENERATE 250-260 h$ A 192.0.2.$",
    "$GENERATE 1-3 h$",
    "// x",
    "# x",
    "<html>",
    ";",
    "   ",
    "@ SOA ns1 h 2 1 1 1 1",
    "a SOA ns1 h 1 1 1 1 1",
    "@ NS nsx",
    "@ NS nsx\nnsx CNAME ns1",
    "sub NS ns.sub\nns.sub A 192.0.2.1",
    "@ DNAME e.example.net.",
    "; c\rb A 192.0.2.1",
    "; c\rb A 192.0.2.300",
    "a A 192.0.2.1\rb A 192.0.2.300",
    "a A 192.0.2.1\rb A 192.0.2.3",
];

fn program(names: &[&str]) -> Option<PathBuf> {
    let places = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
    names.iter().flat_map(|name| places.map(|place| Path::new(place).join(name))).find(|path| path.exists())
}

#[test]
fn what_name_servers_refuse_is_refused() {
    let named = program(&["named-checkzone"]);
    if named.is_none() {
        eprintln!("SKIPPED: named-checkzone is not installed");
    }
    let Some(named) = named else { return };
    let (nsd, ldns) = (program(&["nsd-checkzone"]), program(&["ldns-read-zone"]));
    let folder = tempfile::tempdir().unwrap();
    let (mut wrong, mut agreed) = (Vec::new(), 0);
    for (at, entry) in ENTRIES.iter().enumerate() {
        let file = folder.path().join(format!("{at}.zone"));
        std::fs::write(&file, format!("{HEAD}{entry}\n")).unwrap();
        let path = file.display().to_string();
        let accepts = |program: &Path, args: &[&str]| {
            Command::new(program).args(args).arg(&file).output().unwrap().status.success()
        };
        let theirs = accepts(&named, &["-q", "-i", "local", "example.com"]);
        let given = format!("example.com={path}");
        let ours =
            mailvet(&["zone", "check", &given, "--offline", "--fail-on", "never"]).status.code() == Some(0);
        if ours == theirs {
            agreed += 1;
            continue;
        }
        // Where the servers differ among themselves, each answer is somebody's.
        let others: Vec<bool> = [(&nsd, &["example.com"][..]), (&ldns, &[][..])]
            .into_iter()
            .filter_map(|(program, args)| Some(accepts(program.as_deref()?, args)))
            .collect();
        if !others.contains(&ours) {
            wrong.push(format!("{entry:?}: mailvet {ours}, named {theirs}, others {others:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(agreed * 100 >= ENTRIES.len() * 95, "{agreed} of {}", ENTRIES.len());
}

const OCTODNS: &[&str] = &[
    "---\n'':\n  - type: MX\n    ttl: 300\n    values:\n      - exchange: mx1.example.com.\n        preference: 10\n      - preference: 20\n        exchange: mx2.example.com.\n  - type: TXT\n    value: v=spf1 mx -all\n_dmarc:\n  type: TXT\n  value: v=DMARC1\\; p=none\\; rua=mailto:d@example.com\n",
    "'':\n  - type: TXT\n    values:\n    - v=spf1 -all\n    - 'google-site=x'\n  - ttl: 60\n    type: A\n    values: [192.0.2.4, 192.0.2.5]\nwww:\n  type: CNAME\n  value: example.com.\n",
    "'*':\n  type: A\n  value: 192.0.2.4\n'*.sub':\n  type: TXT\n  value: x\n",
    "a:\n  type: TXT\n  value: '\"one\" \"two\"'\nc:\n  type: TXT\n  value: ''\n",
    "a:\n  type: TXT\n  value: >-\n    v=spf1 include:a.example\n    include:b.example -all\nb:\n  type: TXT\n  value: \"v=spf1 \\\n     -all\"\n",
    "a: &x\n  type: A\n  ttl: 77\n  value: 192.0.2.4\nb:\n  <<: *x\n  value: 192.0.2.5\nc: *x\n",
    "1:\n  type: PTR\n  values: [a.example.com., b.example.com.]\n123:\n  type: A\n  value: 192.0.2.4\n",
    "m\u{fc}nchen:\n  type: A\n  value: 192.0.2.4\nWWW:\n  type: A\n  value: 192.0.2.4\n",
    "a:\n  type: TXT\n  value: 'a\\;b\\;'\nd:\n  type: TXT\n  values:\n  - x\n  - x\n",
    "'':\n  type: MX\n  value:\n    exchange: .\n    preference: 0\ns1._domainkey.news:\n  type: CNAME\n  value: s1.esp.example.\n",
    "a:\n  type: A\n  octodns:\n    cloudflare:\n      proxied: true\n  value: 192.0.2.4\nsub:\n  type: NS\n  values: [ns1.example.net., ns2.example.net.]\n",
];

/// Prints name, type, TTL and text of each record as octoDNS has it.
const SCRIPT: &str = r#"
import sys, json, logging, warnings, re
warnings.simplefilter('ignore'); logging.disable(logging.CRITICAL)
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone
zone = Zone('example.com.', []); YamlProvider('t', sys.argv[1], enforce_order=False).populate(zone, lenient=True)
out = []
for record in zone.records:
    name, ttl, kind, values = record.rrs
    for value in values:
        value = str(value)
        if kind == 'TXT':
            value = value.replace('\\;', ';')
            if value.startswith('"'): value = re.sub(r'"\s+"', '', value)[1:-1].replace('\\"', '"')
        out.append([name, kind, ttl, value])
print(json.dumps(out))
"#;

#[test]
fn octodns_reads_the_same() {
    let pythons = [root().join("target/octodns/bin/python"), PathBuf::from("/usr/bin/python3")];
    let has = |python: &PathBuf| {
        Command::new(python)
            .args(["-c", "import octodns"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let Some(python) = pythons.into_iter().find(has) else {
        return eprintln!("SKIPPED: the Python package octodns is not installed");
    };
    for text in OCTODNS {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("example.com.yaml");
        std::fs::write(&file, text).unwrap();
        let output = Command::new(&python).args(["-c", SCRIPT]).arg(folder.path()).output().unwrap();
        let theirs: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let set = |records: Vec<Value>| records.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let output = mailvet(&["zone", "records", &file.display().to_string(), "--format", "json"]);
        let ours: Value = serde_json::from_slice(&output.stdout).unwrap();
        let ours = ours["records"].as_array().unwrap().iter();
        let ours = ours.map(|one| serde_json::json!([one["name"], one["type"], one["ttl"], one["value"]]));
        assert_eq!(set(ours.collect()), set(theirs.as_array().unwrap().clone()), "{text}");
    }
}

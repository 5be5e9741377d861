//! The lines that remedies tell people to write into their mail servers, asked of real ones:
//! Postfix's parameters of `postconf`, Exim's lines of `exim -bV`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;

/// The lines of one server, with what stands in brackets behind them.
fn lines(server: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("src/data/settings.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let settings = table["setting"].as_array().unwrap();
    let of_server = settings.iter().filter_map(|setting| setting.get(server)?.as_array());
    of_server
        .flatten()
        .map(|line| {
            let line = line.as_str().unwrap();
            let (code, place) = line.split_once("  (").unwrap_or((line, ""));
            (code.to_owned(), place.trim_end_matches(')').to_owned())
        })
        .collect()
}

pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    // Debian gives one machine one mail server; `tests/run` unpacks the other one.
    let unpacked = root().join("target/exim/usr/sbin");
    let folders = [Path::new("/usr/sbin"), Path::new("/usr/bin"), Path::new("/usr/local/sbin"), &unpacked];
    let found = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    found.into_iter().find(|path| path.is_file())
}

#[test]
fn postfix_knows_every_parameter() {
    let Some(postconf) = program(&["postconf"]) else {
        eprintln!("SKIPPED: no postconf");
        return;
    };
    let mut asked = 0;
    for (line, _) in lines("postfix") {
        let Some((name, value)) = line.split_once(" = ").filter(|(name, _)| !name.contains([' ', ':']))
        else {
            continue;
        };
        let output = Command::new(&postconf).args(["-o", &format!("{name}={value}"), name]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains("unknown parameter"), "{line}: {said}");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(shown.starts_with(&format!("{name} = ")), "{line}: {shown}");
        asked += 1;
    }
    assert!(asked >= 12, "{asked} parameters");
}

/// The unpacked program, with the libraries that were unpacked beside it.
pub(crate) fn exim_at(program: &Path) -> Command {
    let mut command = Command::new(program);
    let beside = root().join("target/exim/usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
    command.env("LD_LIBRARY_PATH", beside);
    command
}

#[test]
fn exim_takes_every_line() {
    let Some(exim) = program(&["exim4", "exim"]) else {
        eprintln!("SKIPPED: no exim; tests/run unpacks Debian's exim4-daemon-light");
        return;
    };
    let version = exim_at(&exim).arg("-bV").output().unwrap();
    let gnutls = String::from_utf8_lossy(&version.stdout).contains("GnuTLS");
    let other = if gnutls { "OpenSSL" } else { "GnuTLS" };
    let folder = tempfile::tempdir().unwrap();
    let mut asked = 0;
    for (line, place) in lines("exim") {
        let is_code = line.contains(" = ") || line.starts_with('*');
        if !is_code || place.contains(&format!("built with {other}")) {
            continue;
        }
        let line =
            line.replace("HOST", "mail.example.com").replace("DOMAIN", "example.com").replace("NAME", "s1");
        let line = line.replace("FILE", "/etc/exim4/file.pem");
        let (mut main, mut transport, mut acl, mut retry) =
            (String::new(), String::new(), "accept".to_owned(), "* * F,2h,15m".to_owned());
        match () {
            () if place.contains("smtp transport") => transport = line.clone(),
            () if place.contains("ACL") => acl = line.clone(),
            () if place.contains("begin retry") => retry = line.clone(),
            () => main = line.clone(),
        }
        let settings = format!(
            "keep_environment =\ndomainlist local_domains = @\ndomainlist relay_to_domains =\n\
             acl_smtp_rcpt = acl_check_rcpt\n{main}\nbegin acl\nacl_check_rcpt:\n  {acl}\n  accept\nbegin routers\n\
             out:\n  driver = dnslookup\n  transport = remote_smtp\nbegin transports\nremote_smtp:\n  driver = smtp\n  \
             {transport}\nbegin retry\n{retry}\n"
        );
        let path = folder.path().join("exim.conf");
        std::fs::write(&path, settings).unwrap();
        let output = exim_at(&exim).arg("-C").arg(&path).arg("-bV").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.trim().is_empty(), "{line}: {said}");
        asked += 1;
    }
    assert!(asked >= 15, "{asked} lines");
    // That a wrong line is told is what makes the others' silence mean something.
    let path = folder.path().join("wrong.conf");
    std::fs::write(&path, "keep_environment =\nhelo_datum = x\n").unwrap();
    let output = exim_at(&exim).arg("-C").arg(&path).arg("-bV").output().unwrap();
    assert!(!output.status.success());
}

/// `require message = TEXT, domains = ...` is one long text to Exim and no condition: a line that is
/// pasted so would let everybody relay.
#[test]
fn no_line_of_an_acl_hides_its_condition_in_a_text() {
    let hidden: Vec<String> = lines("exim")
        .into_iter()
        .map(|(line, _)| line)
        .filter(|line| {
            line.contains("message =")
                && line.split("message =").nth(1).is_some_and(|rest| rest.contains(" = "))
        })
        .collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

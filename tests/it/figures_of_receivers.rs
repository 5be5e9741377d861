//! Exports of receivers' own pages, given with `--reports`, and complaints over the deliveries of a log.

use serde_json::Value;

use crate::cli::mailvet;

const SNDS: &str = "192.0.2.25,11/30/2026 1:00 AM,12/1/2026 12:00 AM,1204,1188,1190,RED,0.4%,,,2,,,\n";
const POSTMASTER: &str = "{\"trafficStats\": [{\"name\": \"domains/example.com/trafficStats/20261130\", \"userReportedSpamRatio\": 0.0035}]}";

#[test]
fn exports_are_read_counted_and_a_broken_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (snds, postmaster) = (path("snds.csv", SNDS), path("postmaster.json", POSTMASTER));
    let output = mailvet(&["reports", &snds, &postmaster]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("2 figures of receivers' own pages"), "{text}");
    assert_eq!(output.status.code(), Some(0));
    // The second line may be the worst of all.
    let broken = path("broken.csv", &format!("{SNDS}192.0.2.26,11/30/2026\n"));
    let output = mailvet(&["reports", &broken]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    // An address of IPv6 begins like a header field.
    let six = path("six.csv", &SNDS.replace("192.0.2.25", "2001:db8::25"));
    assert_eq!(mailvet(&["reports", &six]).status.code(), Some(0));
}

#[test]
fn complaints_are_held_against_the_deliveries_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for number in 0..200 {
        log.push_str(&format!(
            "Nov  2 09:00:00 out postfix/smtp[9]: {number:010X}: to=<u{number}@outlook.com>, relay=mx.outlook.com[192.0.2.9]:25, \
             delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
        ));
    }
    let path = folder.path().join("mail.log");
    std::fs::write(&path, log).unwrap();
    let complaint = "From: fbl@outlook.com\nTo: abuse@example.com\nSubject: complaint\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nreport\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <u1@outlook.com>\n\n--b\nContent-Type: message/rfc822\n\nFrom: a@example.com\nMessage-ID: <0@example.com>\nSubject: x\n\nhi\n--b--\n";
    let report = folder.path().join("complaint.eml");
    std::fs::write(&report, complaint).unwrap();
    let (path, report) = (path.display().to_string(), report.display().to_string());
    let loops = |args: &[&str]| -> Value {
        let output = mailvet(&[&["traffic", &path, "--format", "json"], args].concat());
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["feedback_loops"].clone()
    };
    assert_eq!(
        (loops(&[])[0]["delivered"].as_u64(), loops(&[])[0]["complaints"].as_u64()),
        (Some(200), None)
    );
    let told = loops(&["--reports", &report]);
    assert_eq!((told[0]["delivered"].as_u64(), told[0]["complaints"].as_u64()), (Some(200), Some(1)));
    assert!(told[0]["enrol"].as_str().unwrap().starts_with("https://"));
}

//! Scanner engines the user named by address: clamd (INSTREAM), rspamd (HTTP)
//! and spamd (SPAMC). The message goes to that address and nowhere else. An
//! engine that does not answer properly is a failure, never "clean".

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::evidence::scan::{ScanReport, Symbol};
use crate::evidence::{Evidence, Transcript};
use crate::model::untrusted::Width;
use crate::model::{Failure, Observation, Question, Scope};

/// The largest answer read.
const LARGEST_ANSWER: u64 = 4 << 20;
/// Bytes of one INSTREAM chunk.
const CHUNK: usize = 64 << 10;

/// What is to be scanned, and by whom.
pub(crate) struct Job {
    /// `engine=address`, as in `Scope::scanners`.
    specs: Vec<String>,
    raw: Option<Arc<Vec<u8>>>,
    offline: bool,
}

impl Job {
    /// `offline` keeps the message here whatever engines are named.
    pub(crate) fn of(evidence: &Evidence, scope: &Scope, offline: bool) -> Job {
        let wanted = !scope.scanners.is_empty();
        let raw = evidence.message.as_ref().filter(|_| wanted).map(|message| Arc::clone(&message.raw));
        Job { specs: scope.scanners.clone(), raw, offline }
    }

    /// Asks one engine; `limit` bounds the whole exchange.
    pub(crate) async fn ask(&self, engine: &str, limit: Duration) -> Observation<Transcript> {
        if self.offline {
            return Observation::NotAttempted("the run is offline".to_owned());
        }
        scan(engine, &self.specs, self.raw.as_deref().map(Vec::as_slice), limit).await
    }

    /// Asks all engines named, one after the other, on the calling thread.
    pub(crate) fn ask_all(
        &self,
        limit: Duration,
    ) -> std::io::Result<Vec<(Question, Observation<Transcript>)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let engines = self.specs.iter().filter_map(|spec| spec.split_once('=')).map(|(engine, _)| engine);
        Ok(engines
            .map(|engine| {
                let question = Question::Scan { engine: engine.to_owned() };
                (question, runtime.block_on(self.ask(engine, limit)))
            })
            .collect())
    }
}

async fn scan(
    engine: &str,
    specs: &[String],
    raw: Option<&[u8]>,
    limit: Duration,
) -> Observation<Transcript> {
    let address = specs.iter().find_map(|spec| spec.strip_prefix(engine)?.strip_prefix('='));
    let Some(address) = address else {
        return Observation::NotAttempted(format!("no address for {engine}: give --{engine}"));
    };
    let Some(raw) = raw else {
        return Observation::NotAttempted("there is no message to scan".to_owned());
    };
    let asked = async {
        match engine {
            "clamd" => clamd(address, raw).await,
            "rspamd" => rspamd(address, raw, limit).await,
            "spamd" => spamd(address, raw).await,
            other => Err(Failure::Unaskable(format!("{other} is no scanner; use clamd, rspamd or spamd"))),
        }
    };
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(report)) => Observation::Seen(report.into()),
        Ok(Err(failure)) => Observation::Failed(failure),
        Err(_) => Observation::Failed(Failure::Timeout),
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// `host:port`, or a Unix socket as `/path` or `unix:/path`.
async fn connect(address: &str) -> Result<Box<dyn Stream>, Failure> {
    let path = address.strip_prefix("unix:").unwrap_or(address);
    let failed = |error: std::io::Error| Failure::Network(format!("{address}: {error}"));
    #[cfg(unix)]
    if path.starts_with('/') {
        return Ok(Box::new(tokio::net::UnixStream::connect(path).await.map_err(failed)?));
    }
    Ok(Box::new(tokio::net::TcpStream::connect(path).await.map_err(failed)?))
}

fn broken(error: std::io::Error) -> Failure {
    Failure::Network(error.to_string())
}

async fn answer(stream: &mut Box<dyn Stream>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    stream.take(LARGEST_ANSWER).read_to_end(&mut bytes).await.map_err(broken)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// clamd(8), INSTREAM: chunks behind their length, a zero ends.
async fn clamd(address: &str, raw: &[u8]) -> Result<ScanReport, Failure> {
    let mut stream = connect(address).await?;
    stream.write_all(b"zINSTREAM\0").await.map_err(broken)?;
    let mut cut = None;
    for chunk in raw.chunks(CHUNK) {
        let length = u32::try_from(chunk.len()).unwrap_or_default().to_be_bytes();
        // Over its limit clamd answers and closes: the answer says more than the error.
        let sent = async {
            stream.write_all(&length).await?;
            stream.write_all(chunk).await
        };
        if let Err(error) = sent.await {
            cut = Some(error);
            break;
        }
    }
    if cut.is_none() {
        stream.write_all(&[0; 4]).await.map_err(broken)?;
    }
    let text = answer(&mut stream).await?;
    let text = text.trim_matches(['\0', '\n', ' ']);
    let verdict = text.strip_prefix("stream:").map(str::trim).unwrap_or(text);
    match (verdict, verdict.strip_suffix(" FOUND")) {
        (_, Some(signature)) => Ok(ScanReport { virus: Some(signature.to_owned()), ..ScanReport::default() }),
        ("OK", _) => Ok(ScanReport::default()),
        ("", _) => Err(cut.map_or(Failure::Empty, broken)),
        _ => Err(Failure::Protocol(format!(
            "clamd answered {}",
            crate::model::untrusted::plain(verdict, Width::Line)
        ))),
    }
}

/// rspamd's HTTP protocol, `POST /checkv2`.
async fn rspamd(address: &str, raw: &[u8], limit: Duration) -> Result<ScanReport, Failure> {
    let base = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let url = format!("{}/checkv2", base.trim_end_matches('/'));
    // Set once in a process; a second attempt only says so.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let protocol = |error: reqwest::Error| match error.is_timeout() {
        true => Failure::Timeout,
        false if error.is_connect() => Failure::Network(format!("{url}: {}", root_cause(&error))),
        false => Failure::Protocol(format!("{url}: {}", root_cause(&error))),
    };
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(limit)
        .build()
        .map_err(protocol)?;
    let mut reply = client.post(&url).body(raw.to_vec()).send().await.map_err(protocol)?;
    if !reply.status().is_success() {
        return Err(Failure::Protocol(format!("rspamd answered {}", reply.status())));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(protocol)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > LARGEST_ANSWER {
            return Err(Failure::Malformed("rspamd's answer is too long".to_owned()));
        }
    }
    let body: Value =
        serde_json::from_slice(&bytes).map_err(|error| Failure::Malformed(error.to_string()))?;
    let (Some(score), Some(action)) = (body["score"].as_f64(), body["action"].as_str()) else {
        return Err(Failure::Malformed("rspamd's answer has no score and action".to_owned()));
    };
    let symbol = |(name, symbol): (&String, &Value)| Symbol {
        name: name.clone(),
        score: symbol["score"].as_f64().unwrap_or_default(),
        text: symbol["description"].as_str().unwrap_or_default().to_owned(),
    };
    Ok(ScanReport {
        virus: None,
        score: Some(score),
        required: body["required_score"].as_f64(),
        action: Some(action.to_owned()),
        symbols: body["symbols"].as_object().into_iter().flatten().map(symbol).collect(),
    })
}

/// The innermost error's words: the outer ones only repeat the address.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The SPAMC protocol 1.5, `REPORT`: score, limit, and a table of rules.
async fn spamd(address: &str, raw: &[u8]) -> Result<ScanReport, Failure> {
    let mut stream = connect(address).await?;
    let head = format!("REPORT SPAMC/1.5\r\nContent-length: {}\r\n\r\n", raw.len());
    stream.write_all(head.as_bytes()).await.map_err(broken)?;
    stream.write_all(raw).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let text = answer(&mut stream).await?;
    report(&text)
}

fn report(text: &str) -> Result<ScanReport, Failure> {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.lines().next().unwrap_or_default();
    if status.is_empty() {
        return Err(Failure::Empty);
    }
    // SPAMD/1.1 0 EX_OK; any other code is a failure of spamd's own.
    if status.split_whitespace().nth(1) != Some("0") {
        let status = crate::model::untrusted::plain(status, Width::Line);
        return Err(Failure::Protocol(format!("spamd answered {status}")));
    }
    let verdict = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("spam").then_some(value)
    });
    let numbers =
        verdict.and_then(|value| value.split_once(';')).and_then(|(_, numbers)| numbers.split_once('/'));
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let Some((Some(score), Some(required))) = numbers.map(|(a, b)| (number(a), number(b))) else {
        return Err(Failure::Malformed("spamd's answer has no Spam line".to_owned()));
    };
    let symbols = body.lines().filter_map(rule).collect();
    Ok(ScanReport { score: Some(score), required: Some(required), symbols, ..ScanReport::default() })
}

/// ` 1.9 RULE_NAME   What it means`.
fn rule(line: &str) -> Option<Symbol> {
    let mut words = line.split_whitespace();
    let score: f64 = words.next()?.parse().ok().filter(|n: &f64| n.is_finite())?;
    let name = words.next()?;
    let named =
        name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let text = words.collect::<Vec<_>>().join(" ");
    named.then(|| Symbol { name: name.to_owned(), score, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_spamd() {
        let text = "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7.5 / 5.0\r\n\r\n pts rule name\n 2.5 MISSING_DATE  Missing Date: header\n";
        let value = report(text).unwrap();
        assert_eq!((value.score, value.symbols[0].name.as_str()), (Some(7.5), "MISSING_DATE"));
        assert!(report("SPAMD/1.0 76 Bad header line").is_err());
        assert!(report("").is_err());
        assert!(report("SPAMD/1.1 0 EX_OK\r\nSpam: True ; nan / x\r\n\r\n").is_err());
    }
}

//! Prints, for each message file named on standard input, the features that the spam score is
//! computed from, as one JSON object a line: `tests/spam_score/fit` fits the weights on them.

#![allow(clippy::disallowed_methods, reason = "an example reads the files it is given")]

use std::io::{BufRead as _, Write as _};

use mailvet::evidence::MessageEvidence;
use mailvet::facts::message::MessageFacts;
use mailvet::facts::spam_score::{Features, SpamScore};

#[expect(clippy::disallowed_methods, reason = "reads the files that the fit names, and judges nothing")]
fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let raw = std::fs::read(&path)?;
        let message = MessageFacts::read(&MessageEvidence { file: path.clone(), raw: raw.into() });
        let features = Features::of(&message);
        let traits: serde_json::Map<String, serde_json::Value> = features
            .traits
            .iter()
            .map(|seen| {
                let name = format!("{}/{}", seen.kind.name(), seen.name);
                (name, serde_json::json!((seen.value * 1000.0).round() / 1000.0))
            })
            .collect();
        let text: String = features.text.chars().take(6000).collect();
        let score = SpamScore::of(&message).sum;
        writeln!(
            out,
            "{}",
            serde_json::json!({ "path": path, "traits": traits, "text": text, "score": score })
        )?;
    }
    out.flush()
}

//! Every fuzz target, briefly and the same way each time: its seeds, regressions
//! found earlier, and mutations of both. `MAILVET_FUZZ_SECONDS` runs longer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::{files_below, root};

#[path = "../../fuzz/bodies.rs"]
mod bodies;

/// Mutations of each target in an ordinary run.
const ROUNDS: u64 = 300;
/// Longest any input of a few kilobytes may take, in a debug build on a busy machine.
const SLOWEST: Duration = Duration::from_secs(20);
/// Longest input made.
const LARGEST: usize = 1 << 16;

/// xorshift64*: the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap()
    }
}

/// What parsers stumble over: extremes of numbers, delimiters, broken encodings.
const WORDS: &[&[u8]] = &[
    b"99999999999999999999",
    b"-1",
    b"0",
    b"%",
    b"%{",
    b"\"",
    b"'",
    b"\\",
    b"(",
    b")",
    b"<",
    b">",
    b"&#",
    b"&#x110000;",
    b"\r\n",
    b"\n\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\xe2\x80",
    b"\xf0\x9f\x98\x80",
    b"=?utf-8?B?",
    b"?=",
    b"=\n",
    b"=3D",
    b"xn--",
    b"xn--\x80",
    b"..",
    b"[",
    b"]",
    b"{",
    b"}",
    b"::",
    b"/129",
    b";",
    b"=",
    b"<![CDATA[",
    b"-->",
    b"--b--",
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
];

fn mutate(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = at + random.below(input.len() - at + 1);
        match random.below(9) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = u8::try_from(random.below(256)).unwrap(),
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                let times = 1 + random.below(40);
                if piece.len() * times + input.len() < LARGEST {
                    input.splice(at..at, piece.repeat(times));
                }
            }
            4 | 5 => drop(input.splice(at..at, WORDS[random.below(WORDS.len())].iter().copied())),
            6 => {
                let from = random.below(other.len() + 1);
                let piece = other[from..from + random.below(other.len() - from + 1)].to_vec();
                drop(input.splice(at..end, piece));
            }
            7 => input.truncate(at),
            _ => {
                let times = random.below(3000);
                let word = WORDS[random.below(WORDS.len())];
                drop(input.splice(at..at, word.iter().copied().cycle().take(times)));
            }
        }
    }
    input.truncate(LARGEST);
}

/// Runs a body; what it breaks is written where it can be replayed from.
fn attempt(target: &bodies::Target, input: &[u8], broken: &mut Vec<String>) {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.body)(input)));
    let slow = start.elapsed() > SLOWEST;
    if outcome.is_ok() && !slow {
        return;
    }
    let folder = root().join("target/fuzz").join(target.name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{}", broken.len()));
    std::fs::write(&file, input).unwrap();
    let what = if slow { "is slow" } else { "panics" };
    broken.push(format!("{} {what} on {} ({} bytes)", target.name, file.display(), input.len()));
}

#[test]
fn every_target_survives_mutation() {
    let seconds = std::env::var("MAILVET_FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    let only = std::env::var("MAILVET_FUZZ_TARGET").ok();
    let mut broken = Vec::new();
    for target in bodies::TARGETS.iter().filter(|t| only.as_deref().is_none_or(|name| name == t.name)) {
        let mut inputs: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.to_vec()).collect();
        let regressions = root().join("fuzz/regressions").join(target.name);
        if regressions.is_dir() {
            inputs.extend(files_below(&regressions).iter().map(|file| std::fs::read(file).unwrap()));
        }
        inputs.push(Vec::new());
        for input in &inputs {
            attempt(target, input, &mut broken);
        }
        let mut random =
            Random(target.name.bytes().fold(0x9e37_79b9_7f4a_7c15, |sum, b| {
                (sum ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
            }));
        let start = Instant::now();
        let mut round = 0;
        while seconds.map_or(round < ROUNDS, |s| start.elapsed() < Duration::from_secs(s))
            && broken.len() < 20
        {
            let mut input = inputs[random.below(inputs.len())].clone();
            let other = inputs[random.below(inputs.len())].clone();
            mutate(&mut input, &other, &mut random);
            attempt(target, &input, &mut broken);
            round += 1;
        }
        eprintln!("{}: {round} mutations", target.name);
    }
    assert!(broken.is_empty(), "fuzzing:\n  {}", broken.join("\n  "));
}

/// Each target has its entry for cargo-fuzz, and each entry its target.
#[test]
fn targets_and_entries_agree() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let mut entries: Vec<String> = files_below(&root().join("fuzz/fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    entries.sort();
    let mut names: Vec<String> = bodies::TARGETS.iter().map(|target| target.name.to_owned()).collect();
    names.sort();
    assert_eq!(entries, names);
    for name in &names {
        let text = std::fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("bodies::run(\"{name}\", data)")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    bodies::run("spf", b"v=spf1 -all");
}

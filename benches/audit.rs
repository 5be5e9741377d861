//! The work of one audit without the network: facts and judgement of the
//! bundled demo, as often as its demand loop would build them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking"
)]

use mailvet::evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::judge::judge;
use mailvet::model::Scope;
use mailvet::policy::Policy;

fn main() {
    divan::main();
}

const DEMO: &str = include_str!("../fixtures/runs/demo/evidence.json");

/// Facts of all topics from complete evidence: one turn of the loop.
#[divan::bench]
fn build_facts(bencher: divan::Bencher) {
    let evidence = evidence::load("demo", DEMO).unwrap();
    let scope = Scope::everything();
    let prepared = Prepared::new(&evidence);
    bencher.bench_local(|| Facts::build(&evidence, &scope, &prepared).wanted().len());
}

/// All checks over facts that are already there.
#[divan::bench]
fn judge_all(bencher: divan::Bencher) {
    let evidence = evidence::load("demo", DEMO).unwrap();
    let scope = Scope::everything();
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    let policy = Policy::default();
    bencher.bench_local(|| judge(&facts, &policy).len());
}

/// A recording read back.
#[divan::bench]
fn load_recording() -> usize {
    evidence::load("demo", DEMO).unwrap().asked()
}

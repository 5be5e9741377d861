//! Tests with real servers on free loopback ports. Where a program is missing
//! the test says SKIPPED; with `MAILVET_REQUIRE_WORLD=1` it fails.

mod authority;
mod blocklist;
mod confirm;
pub mod dns;
mod encrypted;
mod hostile_mail;
pub mod lab;
mod mail;
mod matrix;
mod postfix;
mod recursion;
mod scanners;
mod servers;
mod signed;
mod unsubscribe;

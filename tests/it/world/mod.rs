//! Tests with real servers on free loopback ports. Where a program is missing
//! the test says SKIPPED; with `MAILVET_REQUIRE_WORLD=1` it fails.

mod authority;
mod blocklist;
mod brand;
mod confirm;
mod dane;
pub mod dns;
mod encrypted;
mod following;
mod hostile_mail;
mod keys;
pub mod lab;
mod listen;
mod mail;
mod matrix;
mod mta_sts;
mod portfolio;
mod postfix;
mod recursion;
mod relay_compare;
mod scanners;
mod send;
mod servers;
mod signed;
mod unsubscribe;

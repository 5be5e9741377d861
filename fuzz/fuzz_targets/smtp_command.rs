#![no_main]

#[allow(dead_code, reason = "each target uses one body of them all")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bodies::run("smtp_command", data);
});

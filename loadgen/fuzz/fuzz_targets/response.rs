//! The parser of answers: no bytes make it panic or grow, and no cut changes what they amount to.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| loadgen::fuzz_response(input));

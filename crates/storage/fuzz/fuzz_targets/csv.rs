//! Any bytes that somebody imports as a CSV file.
#![no_main]

use bams_storage::check_csv;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| check_csv(bytes).expect("bytes in memory can be read"));

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dcmscrub_fuzz::key::run(data));

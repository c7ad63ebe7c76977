#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dcmscrub_fuzz::text::run(data));

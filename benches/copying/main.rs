//! What cleaning costs beside copying: `cp -r`, dcmscrub and other tools over the same files, in turn.
//!
//! ```text
//! cargo bench --bench copying -- --work DIR [--disk DIR] [--peers DIR] [--write]   all of it; --write makes docs/benchmarks.md
//! cargo bench --bench copying -- --work DIR --growth [--write]                     how cost grows; --write makes its part of docs/scale.md
//! cargo bench --bench copying -- --work DIR --quick [--bless]                      a gate: benches/reached.toml; --bless writes it
//! ```
//!
//! DIR is a folder for data, on tmpfs for `--work`; 3 GB at most are there at a time, and nothing when it ends.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool of the project for the terminal, over its own files"
)]

#[cfg(target_os = "linux")]
#[path = "../../examples/fixtures/dicom.rs"]
#[allow(dead_code, reason = "fixtures need more of it")]
mod dicom;
#[cfg(target_os = "linux")]
#[path = "../../examples/fixtures/media.rs"]
#[allow(dead_code, reason = "fixtures need more of it")]
mod media;
#[cfg(target_os = "linux")]
mod floor;
#[cfg(target_os = "linux")]
mod full;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod goal;
#[cfg(target_os = "linux")]
mod growth;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
#[path = "../study/mod.rs"]
mod study;
#[cfg(target_os = "linux")]
mod tools;
#[cfg(target_os = "linux")]
mod turns;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<std::process::ExitCode> {
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    match args.as_slice() {
        [word, command @ ..] if word == measure::WORD => measure::measure(command)?,
        [word, input, out] if word == floor::WORD => floor::copy(input.as_ref(), out.as_ref())?,
        _ => return options::run(),
    }
    Ok(std::process::ExitCode::SUCCESS)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this bench asks the system in ways that Linux alone has");
}

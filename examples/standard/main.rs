//! Writes `src/standard/generated` anew: `cargo run --example standard -- DIR`, DIR being the folder of the tables.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "tools of the project, over its own files"
)]

#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    clippy::use_debug,
    reason = "a developer's tool: it stops at the first surprise in the tables"
)]
mod generate;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let tables = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| "../shared/standard".into());
    let into = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/standard/generated");
    for (name, content) in generate::generate(Path::new(&tables))? {
        #[expect(
            clippy::disallowed_methods,
            reason = "source text of this repository, not an output of the program"
        )]
        std::fs::write(into.join(name), content)?;
    }
    Ok(())
}

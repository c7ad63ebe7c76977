//! The embedded tables are what the generator makes of the tables of the standard.

use std::path::{Path, PathBuf};

#[path = "../examples/standard/generate.rs"]
mod generate;

#[test]
fn the_generated_tables_are_up_to_date() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tables = std::env::var_os("DCMSCRUB_STANDARD")
        .map_or_else(|| package.join("../shared/standard"), PathBuf::from);
    if !tables.is_dir() {
        println!("skipped: no folder with the tables of the standard");
        return;
    }
    for (name, content) in generate::generate(&tables).unwrap() {
        let embedded = std::fs::read(package.join("src/standard/generated").join(name)).unwrap();
        assert!(
            embedded == content,
            "{name} is not what the generator makes"
        );
    }
}

//! The layers stand on each other in one order, and a `crate::` path that points up fails here.

use std::{fs, path::Path};

/// From the bottom to the top, as `src/lib.rs` declares them. A layer uses itself and what is below it.
const LAYERS: [&str; 13] = [
    "standard", "dicom", "identity", "profile", "action", "plan", "apply", "batch", "media",
    "report", "check", "verify", "run",
];
/// The command itself: it stands on everything, and it alone talks to the terminal and ends the process.
const COMMAND: [&str; 2] = ["cli", "main"];
/// The one layer that starts threads.
const PARALLEL: &str = "run";
/// Ways to reach the terminal or to end the process.
const TERMINAL: [&str; 8] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "stdout()",
    "stderr()",
    "process::exit",
];
/// A file of more lines is named, not refused.
const LONG: usize = 600;

#[test]
fn no_arrow_points_up() {
    let faults = sources()
        .iter()
        .flat_map(|(path, text)| faults(path, text))
        .collect::<Vec<_>>();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_library_declares_its_layers_from_the_bottom_up() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let declared = code_only(&lib)
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("pub mod ")?
                .strip_suffix(';')
                .map(String::from)
        })
        .collect::<Vec<_>>();
    assert_eq!(declared, LAYERS);
}

#[test]
fn a_planted_wrong_arrow_is_found() {
    let cases = [
        // (file, text, what the one fault says; empty: none)
        (
            "plan/mod.rs",
            "use crate::apply::Output;",
            "plan uses apply",
        ),
        (
            "plan/mod.rs",
            "use crate::{\n    dicom::Tag,\n    run::{self, Run},\n};",
            "plan uses run",
        ),
        ("plan/mod.rs", "pub use crate::dicom::{Tag, report};", ""),
        (
            "plan/a/b.rs",
            "fn f() -> crate::batch::Found { loop {} }",
            "plan uses batch",
        ),
        (
            "standard/mod.rs",
            "use dcmscrub::dicom::Vr;",
            "standard uses dicom",
        ),
        (
            "identity/key.rs",
            "use super::super::profile::Rule;",
            "identity uses profile",
        ),
        (
            "identity/mod.rs",
            "use super::profile::Rule;",
            "identity uses profile",
        ),
        ("identity/key.rs", "use super::profile_name;", ""),
        (
            "identity/key.rs",
            "use crate::{standard, dicom::charset};",
            "",
        ),
        (
            "run.rs",
            "use crate::{report, batch, plan}; use rayon::prelude::*;",
            "",
        ),
        ("batch/mod.rs", "use rayon::prelude::*;", "batch uses rayon"),
        (
            "report/mod.rs",
            "fn f() { println!(\"x\"); }",
            "report uses println!",
        ),
        (
            "report/mod.rs",
            "fn f() { std::process::exit(1) }",
            "report uses process::exit",
        ),
        (
            "report/mod.rs",
            "fn f() { let mut out = std::io::stdout(); }",
            "report uses stdout()",
        ),
        (
            "dicom/mod.rs",
            "use crate::cli::args::Args;",
            "dicom uses cli",
        ),
        (
            "dicom/mod.rs",
            "use crate::utils::Thing;",
            "dicom uses utils, which is no layer",
        ),
        ("helpers/mod.rs", "", "helpers is no layer"),
        (
            "cli/clean.rs",
            "use dcmscrub::run::Run; fn f() { println!(\"x\"); }",
            "",
        ),
        ("main.rs", "mod cli; fn main() { eprintln!(); }", ""),
        (
            "dicom/mod.rs",
            "/// See [`crate::run`].\n// use crate::run;\n/* crate::run /* x */ crate::run */",
            "",
        ),
        (
            "dicom/mod.rs",
            "const A: &str = \"use crate::run; // \"; use crate::plan::Plan;",
            "dicom uses plan",
        ),
        (
            "dicom/mod.rs",
            "const A: &str = r#\"\"crate::run\"#; const B: char = '\"'; const C: char = '\\'';",
            "",
        ),
        (
            "dicom/mod.rs",
            "fn f<'a>(x: &'a str) -> &'a crate::run::Run { loop {} }",
            "dicom uses run",
        ),
        (
            "dicom/mod.rs",
            "pub(crate) fn f() {} fn g() { let crates = my_crate::run(); }",
            "",
        ),
    ];
    for (path, text, expected) in cases {
        let found = faults(path, text).join("; ");
        if expected.is_empty() {
            assert_eq!(found, "", "{path}: {text}");
        } else {
            assert_eq!(found, format!("src/{path}: {expected}"), "{text}");
        }
    }
}

#[test]
fn long_files_are_named() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LONG {
            println!("src/{path}: {lines} lines: what second thing does it do?");
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file as (path below `src/` with slashes, text), without `lib.rs`, which only declares.
fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&src).sort_by_file_name() {
        let entry = entry.expect("src is readable");
        let path = entry.path().strip_prefix(&src).expect("below src");
        if path.extension().is_some_and(|e| e == "rs") && path != Path::new("lib.rs") {
            let name = path
                .iter()
                .map(|part| part.to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            found.push((
                name,
                fs::read_to_string(entry.path()).expect("source is UTF-8"),
            ));
        }
    }
    assert!(found.len() > LAYERS.len(), "the sources were not found");
    found
}

/// What is wrong with one file, one line each.
fn faults(path: &str, text: &str) -> Vec<String> {
    let layer = path
        .split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    if COMMAND.contains(&layer) {
        return Vec::new();
    }
    let Some(height) = LAYERS.iter().position(|l| *l == layer) else {
        return vec![format!("src/{path}: {layer} is no layer")];
    };
    let code = code_only(text);
    let mut found = Vec::new();
    for target in arrows(path, &code) {
        match LAYERS.iter().position(|l| *l == target) {
            Some(at) if at <= height => {}
            Some(_) => found.push(format!("src/{path}: {layer} uses {target}")),
            None if COMMAND.contains(&target.as_str()) => {
                found.push(format!("src/{path}: {layer} uses {target}"))
            }
            None => found.push(format!(
                "src/{path}: {layer} uses {target}, which is no layer"
            )),
        }
    }
    if layer != PARALLEL && words(&code, "rayon").next().is_some() {
        found.push(format!("src/{path}: {layer} uses rayon"));
    }
    found.extend(
        TERMINAL
            .iter()
            .filter(|way| words(&code, way).next().is_some())
            .map(|way| format!("src/{path}: {layer} uses {way}")),
    );
    found
}

/// The first segment of every path that starts at the crate's root.
fn arrows(path: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "dcmscrub::"] {
        for rest in words(code, start) {
            found.extend(first_segments(rest));
        }
    }
    // `super::` as often as the module is deep reaches the root as well; counted only where a layer's name follows,
    // because an inner `mod tests` is one deeper than its file.
    let depth = path.trim_end_matches("/mod.rs").split('/').count();
    for rest in words(code, "super::") {
        let tail = rest.trim_start_matches("super::");
        let ups = 1 + (rest.len() - tail.len()) / "super::".len();
        if ups >= depth {
            found.extend(
                first_segments(tail)
                    .into_iter()
                    .filter(|s| LAYERS.contains(&s.as_str())),
            );
        }
    }
    found
}

/// `a::b` gives `a`; `{a::{b, c}, d}` gives `a` and `d`.
fn first_segments(rest: &str) -> Vec<String> {
    let rest = rest.trim_start();
    let Some(group) = rest.strip_prefix('{') else {
        let name = identifier(rest);
        return if name.is_empty() {
            Vec::new()
        } else {
            vec![name]
        };
    };
    let (mut depth, mut at_start, mut found) = (1, true, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_start = true,
            c if at_start && depth == 1 && !c.is_whitespace() => {
                found.push(identifier(&group[i..]));
                at_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// What follows each occurrence of `word` that is not the end of a longer name.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word).filter_map(move |(i, _)| {
        let before = code[..i].chars().next_back();
        let continues = |c: char| c.is_alphanumeric() || c == '_';
        let rest = &code[i + word.len()..];
        let runs_on = word.ends_with(continues) && rest.starts_with(continues);
        // `super::super::x` is one path, told at its first word.
        let inside = word == "super::" && code[..i].ends_with("super::");
        (!before.is_some_and(continues) && !runs_on && !inside).then_some(rest)
    })
}

/// The text without comments, string contents and character literals.
fn code_only(text: &str) -> String {
    let c = text.chars().collect::<Vec<_>>();
    let at = |i: usize| c.get(i).copied().unwrap_or('\0');
    let (mut out, mut i) = (String::new(), 0);
    while i < c.len() {
        let raw = (at(i) == 'r' && matches!(at(i + 1), '"' | '#')).then(|| {
            let hashes = c[i + 1..].iter().take_while(|x| **x == '#').count();
            (hashes, at(i + 1 + hashes) == '"')
        });
        if at(i) == '/' && at(i + 1) == '/' {
            while i < c.len() && at(i) != '\n' {
                i += 1;
            }
        } else if at(i) == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            while i < c.len() {
                if at(i) == '/' && at(i + 1) == '*' {
                    depth += 1;
                    i += 2;
                } else if at(i) == '*' && at(i + 1) == '/' {
                    depth -= 1;
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                } else {
                    i += 1;
                }
            }
        } else if let Some((hashes, true)) = raw {
            i += hashes + 2;
            while i < c.len() && !(at(i) == '"' && (1..=hashes).all(|k| at(i + k) == '#')) {
                i += 1;
            }
            i += hashes + 1;
            out.push_str("\"\"");
        } else if at(i) == '"' {
            i += 1;
            while i < c.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
            out.push_str("\"\"");
        } else if at(i) == '\'' && at(i + 1) == '\\' {
            i += 3;
            while i < c.len() && at(i) != '\'' {
                i += 1;
            }
            i += 1;
        } else if at(i) == '\'' && at(i + 2) == '\'' {
            i += 3;
        } else {
            out.push(at(i));
            i += 1;
        }
    }
    out
}

//! The pages on security name the tests that show what they say. A test that is no longer there makes the page a claim.

use std::fs;
use std::path::{Path, PathBuf};

const PAGES: [&str; 3] = [
    "SECURITY.md",
    "docs/threat-model.md",
    "docs/supply-chain.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A test is named `tests/x.rs::function` or `src/x/y.rs::function`, a check `.ci/file`.
fn is_named(word: &str) -> bool {
    let is_code = word.starts_with("tests/") || word.starts_with("src/");
    is_code && word.contains("::") || word.starts_with(".ci/")
}

/// What is wrong with such a name.
fn fault(root: &Path, name: &str) -> Option<String> {
    // a command may have arguments
    let file = name.split([' ', ':']).next().unwrap();
    let path: PathBuf = root.join(file);
    let Ok(text) = fs::read_to_string(&path) else {
        return Some(format!("{name}: there is no {file}"));
    };
    let (_, function) = name.split_once("::")?;
    let Some((before, _)) = text.split_once(&format!("fn {function}(")) else {
        return Some(format!("{name}: there is no such function"));
    };
    // above it stand attributes and its description
    let is_test = before
        .trim_end()
        .lines()
        .rev()
        .map(str::trim)
        .take_while(|line| line.starts_with('#') || line.starts_with("//"))
        .any(|line| line == "#[test]");
    (!is_test).then(|| format!("{name}: it is no test"))
}

#[test]
fn every_test_that_the_pages_name_exists() {
    let mut faults = Vec::new();
    let mut named = 0;
    for path in PAGES {
        for name in quoted(&page(path)).filter(|word| is_named(word)) {
            named += 1;
            faults.extend(fault(root(), name).map(|fault| format!("{path}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(named >= 80, "only {named} names were found");
}

#[test]
fn a_name_that_is_wrong_is_found() {
    for (name, wrong) in [
        ("tests/documents.rs::a_name_that_is_wrong_is_found", false),
        ("tests/documents.rs::no_such_function", true),
        ("tests/documents.rs::root", true),
        ("tests/no-such-file.rs::root", true),
        (".ci/run", false),
        (".ci/reproduce.sh --quick", false),
        (".ci/no-such-check", true),
    ] {
        assert!(is_named(name));
        assert_eq!(fault(root(), name).is_some(), wrong, "{name}");
    }
}

/// Each route has its number, says what is done, and names a test, another route's test, or that there is none.
#[test]
fn every_route_of_the_threat_model_says_what_shows_it() {
    let text = page("docs/threat-model.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| {
            line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit())
        })
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 45, "{} routes", rows.len());
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row.len(), 5, "{row:?}");
        assert_eq!(row[0], (at + 1).to_string(), "{row:?}");
        assert!(!row[1].is_empty() && !row[2].is_empty(), "{row:?}");
        let is_shown = quoted(row[3]).any(is_named)
            || row[3].starts_with("as ")
            || row[3].contains(", as ")
            || row[3].starts_with("none: ");
        assert!(is_shown, "{row:?}");
    }
}

/// The words that outputs are never called.
#[test]
fn no_page_promises_what_nobody_can() {
    for path in PAGES {
        let text = page(path).to_lowercase();
        for word in [
            "anonymous",
            "anonymised",
            "anonymized",
            "100 %",
            "guarantee",
            "\u{2014}",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

//! What the pages show is what the program says: the sessions of README.md and of the pages for users are run, the pages of
//! commands are the help texts, and the picture of the terminal is drawn from what was said.
//!
//! `DCMSCRUB_BLESS=1 cargo test sessions` writes what is made here anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::clean::dcmscrub;

/// Pages with sessions.
const PAGES: [&str; 4] = [
    "README.md",
    "docs/patient.md",
    "docs/clinic.md",
    "docs/ci.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder as a user has it: the page, and fixtures beside it.
fn desk(pages: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for page in pages {
        let name = page.replace('/', "-");
        let inputs = folder.path().join(Path::new(&name).with_extension("in"));
        copy(&root().join("fixtures"), &inputs.join("fixtures"));
        fs::copy(root().join(page), folder.path().join(&name)).unwrap();
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn the_sessions_of_the_pages_are_what_happens() {
    let folder = desk(&PAGES);
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).unwrap();
        assert!(text.contains("```console"), "{page} has a session");
    }
    trycmd::TestCases::new().case(folder.path().join("*.md"));
}

/// Compares a page with what it has to be, or writes it.
fn is_as_made(path: &str, made: &str) {
    let path: PathBuf = root().join(path);
    if std::env::var_os("DCMSCRUB_BLESS").is_some() {
        fs::write(&path, made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == made,
        "{} is not what the code says; DCMSCRUB_BLESS=1 writes it",
        path.display()
    );
}

fn help(command: &[&str]) -> String {
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = command
        .iter()
        .map(|word| word as &dyn AsRef<std::ffi::OsStr>)
        .collect();
    arguments.push(&"--help");
    let output = dcmscrub(&arguments);
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let names = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_of_commands_is_their_help() {
    let mut page =
        "# Commands\n\nMade from the help texts of the program; `cargo test sessions` compares.\n"
            .to_owned();
    let mut open = vec![Vec::new()];
    open.extend(commands(&help(&[])).into_iter().map(|name| vec![name]));
    let mut at = 0;
    while at < open.len() {
        let words: Vec<&str> = open[at].iter().map(String::as_str).collect();
        let text = help(&words);
        if words.is_empty() {
            write!(page, "\n{}", indented(&text)).unwrap();
        } else {
            let title = words.join(" ");
            write!(page, "\n## dcmscrub {title}\n\n{}", indented(&text)).unwrap();
            let inside = commands(&text).into_iter();
            let inside: Vec<_> = inside
                .map(|name| [open[at].clone(), vec![name]].concat())
                .collect();
            let behind = open.split_off(at + 1);
            open.extend(inside);
            open.extend(behind);
        }
        at += 1;
    }
    is_as_made("docs/commands.md", &page);
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// docs/profiles.md speaks of every key that a profile can have.
#[test]
fn the_page_of_profiles_has_every_key() {
    let page = fs::read_to_string(root().join("docs/profiles.md")).unwrap();
    let source = fs::read_to_string(root().join("src/profile/written.rs")).unwrap();
    let mut keys = 0;
    for line in source.lines() {
        let Some((name, _)) = line
            .trim()
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        let key = name.trim_start_matches("r#").replace('_', "-");
        // of the one built-in profile that is for tests
        if key == "keep-everything" || name.contains(' ') {
            continue;
        }
        keys += 1;
        let is_there = page.contains(&format!("`{key}`"))
            || page.contains(&format!("{key} "))
            || page.contains(&format!("`[[{key}]]`"));
        assert!(is_there, "docs/profiles.md has to say what {key} is");
    }
    assert!(keys > 20, "{keys}");
}

/// The first session of README.md as a picture.
#[test]
fn the_picture_of_the_terminal_is_the_session_of_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let session = readme
        .split("```console\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    is_as_made("docs/images/terminal.svg", &picture(session.trim_end()));
    assert!(readme.contains("docs/images/terminal.svg"));
}

/// A terminal with these lines.
fn picture(session: &str) -> String {
    const LINE: usize = 19;
    let longest = session
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let (width, height) = (longest * 8 + 40, session.lines().count() * LINE + 64);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"a session of dcmscrub\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#1c2128\"/>\n\
         <g fill=\"#545d68\"><circle cx=\"20\" cy=\"18\" r=\"6\"/><circle cx=\"40\" cy=\"18\" r=\"6\"/><circle cx=\"60\" cy=\"18\" r=\"6\"/></g>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13\" fill=\"#cdd9e5\" xml:space=\"preserve\">\n"
    );
    for (at, line) in session.lines().enumerate() {
        let y = 52 + at * LINE;
        let text = line
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let color = if line.starts_with("$ ") {
            " fill=\"#6cb6ff\""
        } else {
            ""
        };
        writeln!(svg, "<text x=\"20\" y=\"{y}\"{color}>{text}</text>").unwrap();
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

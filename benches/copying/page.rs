//! Pages that are made from figures.

use std::fs;
use std::path::Path;

use anyhow::Context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

/// A template with its values filled in.
pub fn filled(template: &str, values: &impl Serialize) -> anyhow::Result<String> {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let template = without_lines_of_blocks(template);
    environment.add_template("page", &template)?;
    Ok(environment
        .get_template("page")?
        .render(Value::from(Serde(values)))?)
}

/// A line that is nothing but a block of the template leaves no line in the page.
fn without_lines_of_blocks(template: &str) -> String {
    let is_block = |line: &str| line.starts_with("{%") && line.ends_with("%}");
    let lines = template.lines().map(|line| match line.trim() {
        block if is_block(block) => block.to_owned(),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

/// Replaces a page.
#[expect(
    clippy::disallowed_methods,
    reason = "a page of the repository, not an output of a run"
)]
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

/// Replaces what stands between two lines of a page.
pub fn replace(path: &Path, first: &str, last: &str, text: &str) -> anyhow::Result<()> {
    let page = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let missing = || format!("{} has no line `{first}` or `{last}`", path.display());
    let (before, rest) = page.split_once(first).with_context(missing)?;
    let (_, after) = rest.split_once(last).with_context(missing)?;
    write(
        path,
        &format!("{before}{first}\n\n{}\n\n{last}{after}", text.trim()),
    )
}

/// A number with as many digits as say something.
pub fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => grouped(value.round()),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

/// A whole number in groups of three digits.
pub fn grouped(value: f64) -> String {
    let plain = format!("{value:.0}");
    let first = plain.len() % 3;
    let mut out = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && at % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

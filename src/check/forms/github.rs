//! Annotations of GitHub Actions: `::error file=...,title=...::...`.

use std::fmt::Write;

use super::{FileResult, Form, Totals, level, sentence, slashed};

/// Annotations.
pub struct Github;

/// What would end a message, or a property of it.
fn escaped(text: &str, is_property: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' if is_property => out.push_str("%3A"),
            ',' if is_property => out.push_str("%2C"),
            c => out.push(c),
        }
    }
    out
}

impl Form for Github {
    fn file(&mut self, result: &FileResult) -> String {
        let mut out = String::new();
        let path = escaped(&slashed(&result.path), true);
        for finding in &result.checked.findings {
            let (level, code) = (level(finding.rule.confidence), finding.rule.code);
            let message = escaped(&sentence(finding), false);
            // a String never refuses
            if writeln!(
                out,
                "::{level} file={path},title=dcmscrub {code}::{message}"
            )
            .is_err()
            {}
        }
        if let Some((code, message)) = &result.failure {
            let message = escaped(message, false);
            if writeln!(
                out,
                "::error file={path},title=dcmscrub {code}::not looked at to its end: {message}"
            )
            .is_err()
            {}
        }
        out
    }

    fn end(&mut self, totals: &Totals) -> String {
        let found = totals.with_findings;
        format!(
            "dcmscrub: something found in {found} of {} DICOM files\n",
            totals.files
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_file_ends_no_annotation() {
        assert_eq!(
            escaped("a:b,c\n::error::x%", true),
            "a%3Ab%2Cc%0A%3A%3Aerror%3A%3Ax%25"
        );
        assert_eq!(escaped("a: b, c\r\n", false), "a: b, c%0D%0A");
    }
}

//! JSON Lines: one object for each finding and each file that could not be looked at, then one with the sums.

use serde::Serialize;

use super::{FileResult, Form, Totals, slashed};

/// JSON Lines.
pub struct Json;

#[derive(Serialize)]
struct Found<'f> {
    r#type: &'static str,
    path: &'f str,
    rule: &'static str,
    confidence: &'static str,
    element: String,
    keyword: &'static str,
    count: u32,
}

#[derive(Serialize)]
struct Failed<'f> {
    r#type: &'static str,
    path: &'f str,
    code: &'static str,
    message: &'f str,
}

#[derive(Serialize)]
struct Sums<'t> {
    r#type: &'static str,
    files: u64,
    with_findings: u64,
    other_files: u64,
    failed: u64,
    known_findings: u64,
    by_rule: &'t std::collections::BTreeMap<&'static str, u64>,
    not_looked_at: NotLookedAt,
}

#[derive(Serialize)]
struct NotLookedAt {
    files_with_pixels: u64,
    documents: u64,
}

fn line(out: &mut String, object: &impl Serialize) {
    // of strings and numbers; nothing here refuses to be written
    if let Ok(text) = serde_json::to_string(object) {
        out.push_str(&text);
        out.push('\n');
    }
}

impl Form for Json {
    fn file(&mut self, result: &FileResult) -> String {
        let mut out = String::new();
        let path = slashed(&result.path);
        for finding in &result.checked.findings {
            line(
                &mut out,
                &Found {
                    r#type: "finding",
                    path: &path,
                    rule: finding.rule.code,
                    confidence: finding.rule.confidence.name(),
                    element: finding.place.to_string(),
                    keyword: finding.place.keyword(),
                    count: finding.count,
                },
            );
        }
        if let Some((code, message)) = &result.failure {
            line(
                &mut out,
                &Failed {
                    r#type: "failure",
                    path: &path,
                    code,
                    message,
                },
            );
        }
        out
    }

    fn end(&mut self, totals: &Totals) -> String {
        let mut out = String::new();
        line(
            &mut out,
            &Sums {
                r#type: "summary",
                files: totals.files,
                with_findings: totals.with_findings,
                other_files: totals.others,
                failed: totals.failed,
                known_findings: totals.known,
                by_rule: &totals.by_rule,
                not_looked_at: NotLookedAt {
                    files_with_pixels: totals.pictures,
                    documents: totals.documents,
                },
            },
        );
        out
    }
}

//! For people: a line for each rule that a file breaks, then what it comes to.

use std::fmt::Write;

use super::{FileResult, Form, Totals, by_rule, not_looked_at, place};
use crate::report::words::{counted, escaped, grouped};

/// For people.
pub struct Text;

impl Form for Text {
    fn file(&mut self, result: &FileResult) -> String {
        let mut out = String::new();
        let path = escaped(&result.path.to_string_lossy());
        let mut findings = result.checked.findings.iter().peekable();
        while let Some(first) = findings.next() {
            let mut more = u64::from(first.count.saturating_sub(1));
            while let Some(next) = findings.next_if(|next| next.rule.code == first.rule.code) {
                more = more.saturating_add(u64::from(next.count.max(1)));
            }
            let more = match more {
                0 => String::new(),
                n => format!(" and {} more", grouped(n)),
            };
            let (confidence, code) = (first.rule.confidence.name(), first.rule.code);
            // a String never refuses
            if writeln!(out, "{path}: {confidence} {code}: {}{more}", place(first)).is_err() {}
        }
        out
    }

    fn end(&mut self, totals: &Totals) -> String {
        let mut out = String::new();
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        if totals.is_found() {
            line(String::new());
        }
        for (rule, files) in by_rule(totals) {
            line(format!(
                "{:>8}  {:<14} {:<9} {}",
                grouped(files),
                rule.code,
                rule.confidence.name(),
                rule.title
            ));
        }
        if totals.is_found() {
            line(String::new());
        }
        let found = match totals.with_findings {
            0 => "nothing found".to_owned(),
            n => format!("something found in {}", grouped(n)),
        };
        let others = counted(totals.others, "other file", "other files");
        line(format!(
            "{} looked at, {found}; {others} passed over",
            counted(totals.files, "DICOM file", "DICOM files")
        ));
        if totals.known > 0 {
            line(format!(
                "{} of the baseline not told",
                counted(totals.known, "finding", "findings")
            ));
        }
        if totals.failed > 0 {
            line(format!(
                "{} not be looked at, or not to the end",
                counted(totals.failed, "file could", "files could")
            ));
        }
        for what in not_looked_at(totals) {
            line(format!("not looked at: {what}"));
        }
        out
    }
}

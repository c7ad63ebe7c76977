//! Forms of what the gate found: for people, programs, code hosts and test reports.
//!
//! Owns: words and shapes. No form has a value of a file; paths are those that the user asked for.

mod github;
mod json;
mod junit;
mod sarif;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::rules::{self, Confidence};
use super::{Checked, Finding};

/// Findings of forms that are one document: more are counted and not listed. Code hosts take no more.
pub const MOST: usize = 25_000;

/// One file that was looked at.
pub struct FileResult {
    /// Its path, as it was asked for.
    pub path: PathBuf,
    /// What was found.
    pub checked: Checked,
    /// Findings that the baseline knows.
    pub known: u64,
    /// Why it could not be looked at, or not to its end: a stable word, and words.
    pub failure: Option<(&'static str, String)>,
}

/// What a run of the gate comes to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Totals {
    /// DICOM files that were looked at.
    pub files: u64,
    /// Of them with findings.
    pub with_findings: u64,
    /// Files that are no DICOM.
    pub others: u64,
    /// Files that could not be looked at, or not to their end.
    pub failed: u64,
    /// Files by rule.
    pub by_rule: BTreeMap<&'static str, u64>,
    /// Findings that the baseline knows.
    pub known: u64,
    /// Files whose pixels were not looked at.
    pub pictures: u64,
    /// Files with a document of which only the outside was looked at.
    pub documents: u64,
}

impl Totals {
    /// Counts one file.
    pub fn add(&mut self, result: &FileResult) {
        let add = |count: &mut u64, what: bool| *count = count.saturating_add(u64::from(what));
        add(&mut self.files, true);
        add(&mut self.with_findings, !result.checked.findings.is_empty());
        add(&mut self.failed, result.failure.is_some());
        add(&mut self.pictures, result.checked.has_pixels);
        add(&mut self.documents, result.checked.has_document);
        self.known = self.known.saturating_add(result.known);
        let mut last = "";
        for finding in &result.checked.findings {
            if finding.rule.code != last {
                last = finding.rule.code;
                let count = self.by_rule.entry(last).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// Something was found.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.with_findings > 0
    }
}

/// A form, one file after the other.
pub trait Form: Send {
    /// What is written of one file.
    fn file(&mut self, result: &FileResult) -> String;
    /// What is written in the end.
    fn end(&mut self, totals: &Totals) -> String;
}

/// Names of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// For people.
    Text,
    /// JSON Lines.
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit` XML.
    Junit,
}

impl Name {
    /// The form of this name.
    #[must_use]
    pub fn form(self) -> Box<dyn Form> {
        match self {
            Self::Text => Box::new(text::Text),
            Self::Json => Box::new(json::Json),
            Self::Github => Box::new(github::Github),
            Self::Sarif => Box::<sarif::Sarif>::default(),
            Self::Junit => Box::<junit::Junit>::default(),
        }
    }
}

/// A path with `/`, as all forms but the one for people have it.
fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    };
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// `(0010,0010) PatientName`
fn place(finding: &Finding) -> String {
    let keyword = finding.place.keyword();
    if keyword.is_empty() {
        finding.place.to_string()
    } else {
        format!("{} {keyword}", finding.place)
    }
}

/// What was found, in one sentence.
fn sentence(finding: &Finding) -> String {
    let more = match finding.count {
        0 | 1 => String::new(),
        n => format!(", {n} times"),
    };
    format!("{}: {}{more}", place(finding), finding.rule.title)
}

/// What was not looked at.
fn not_looked_at(totals: &Totals) -> Vec<String> {
    let mut out = Vec::new();
    if totals.pictures > 0 {
        out.push(format!(
            "text drawn into pictures, and faces ({})",
            crate::report::words::counted(totals.pictures, "file with pixels", "files with pixels")
        ));
    }
    if totals.documents > 0 {
        out.push(format!(
            "the inside of documents ({})",
            crate::report::words::counted(totals.documents, "document", "documents")
        ));
    }
    out
}

/// The surest rules first, with how many files break each.
fn by_rule(totals: &Totals) -> impl Iterator<Item = (&'static rules::Rule, u64)> + '_ {
    let count = |rule: &&'static rules::Rule| totals.by_rule.get(rule.code).copied();
    rules::ALL
        .iter()
        .filter_map(move |rule| Some((*rule, count(rule)?)))
}

/// The word of code hosts for how bad it is.
fn level(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "error",
        Confidence::Likely => "warning",
        Confidence::Possible => "notice",
    }
}

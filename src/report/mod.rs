//! What a run says about itself: counts, and one line a file for machines. No value of a patient's element, ever.

pub mod links;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Every input ends in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bucket {
    /// Written to `clean/`.
    Cleaned,
    /// A human must look first.
    HeldBack,
    /// Not DICOM, or never to be copied.
    LeftBehind,
    /// Could not be read or written.
    Failed,
}

impl Bucket {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cleaned => "cleaned",
            Self::HeldBack => "held-back",
            Self::LeftBehind => "left-behind",
            Self::Failed => "failed",
        }
    }
}

/// What became of one input.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The input.
    pub input: PathBuf,
    /// The output, where there is one.
    pub output: Option<PathBuf>,
    /// The bucket.
    pub bucket: Bucket,
    /// A stable word for why.
    pub reason: &'static str,
    /// The same in words.
    pub message: String,
    /// Bytes of the input.
    pub bytes: u64,
}

/// Counts of a run.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Counts {
    /// Files by bucket.
    pub buckets: BTreeMap<&'static str, u64>,
    /// Files by bucket and reason.
    pub reasons: BTreeMap<String, u64>,
    /// All files.
    pub files: u64,
    /// A bug of ours stopped a worker.
    pub bugs: u64,
}

impl Counts {
    /// Adds one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        let name = outcome.bucket.name();
        let count = |n: &mut u64| *n = n.saturating_add(1);
        count(self.buckets.entry(name).or_default());
        count(
            self.reasons
                .entry(format!("{name}/{}", outcome.reason))
                .or_default(),
        );
        count(&mut self.files);
        if outcome.reason == "bug" {
            count(&mut self.bugs);
        }
    }

    /// Files in a bucket.
    #[must_use]
    pub fn of(&self, bucket: Bucket) -> u64 {
        self.buckets.get(bucket.name()).copied().unwrap_or(0)
    }
}

/// `report.json`.
#[derive(Debug, Serialize)]
pub struct Report<'r> {
    /// Version of this form.
    pub report: u32,
    /// Tool and version.
    pub tool: &'static str,
    /// Edition of the standard.
    pub edition: &'static str,
    /// Profile.
    pub profile: &'r str,
    /// Options in force.
    pub options: Vec<&'static str>,
    /// Codes of CID 7050 that outputs carry.
    pub method_codes: Vec<&'static str>,
    /// A key file was used.
    pub key_file: bool,
    /// The counts.
    #[serde(flatten)]
    pub counts: &'r Counts,
}

/// One line for machines.
#[derive(Debug, Serialize)]
pub struct Line<'l> {
    input: std::borrow::Cow<'l, str>,
    output: Option<std::borrow::Cow<'l, str>>,
    bucket: &'static str,
    reason: &'static str,
}

/// The line of an outcome.
#[must_use]
pub fn line(outcome: &Outcome) -> Line<'_> {
    Line {
        input: outcome.input.to_string_lossy(),
        output: outcome.output.as_deref().map(Path::to_string_lossy),
        bucket: outcome.bucket.name(),
        reason: outcome.reason,
    }
}

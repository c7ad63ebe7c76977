//! What becomes of inputs: one of four buckets, with a reason.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::journal::Entry;

/// Every input ends in exactly one of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bucket {
    /// Written to `clean/`.
    Cleaned,
    /// A human must look first.
    HeldBack,
    /// Not DICOM, or never to be copied.
    LeftBehind,
    /// Could not be read or written.
    #[default]
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
    /// What tells it from all other inputs; see [`super::discover::Found::key`].
    pub key: String,
    /// The output, where there is one: below the output folder, or as the user named it.
    pub output: Option<PathBuf>,
    /// The bucket.
    pub bucket: Bucket,
    /// A stable word for why.
    pub reason: Cow<'static, str>,
    /// The same in words.
    pub message: String,
    /// Bytes of the input.
    pub bytes: u64,
    /// What the journal says of it.
    pub entry: Entry,
    /// The journal says so already.
    pub recorded: bool,
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

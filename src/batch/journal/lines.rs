//! What the lines of a journal say.

use serde::{Deserialize, Serialize};

use super::JournalError;
use crate::batch::outcome::Bucket;
use crate::plan::tally::Tally;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Line {
    /// What the run is: the first line.
    Run(Head),
    /// What became of one input.
    File(Box<Entry>),
    /// A human has looked at a file that was held back, and released it.
    Release(Release),
    /// The run came to its end: the last line.
    End(End),
}

/// What a run is. Two runs with one head may write to one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this form.
    pub format: u32,
    /// Tool and version.
    pub tool: String,
    /// Edition of the standard.
    pub edition: String,
    /// Name of the profile.
    pub profile: String,
    /// Options in force.
    pub options: Vec<String>,
    /// Codes of CID 7050 that outputs carry.
    pub method_codes: Vec<String>,
    /// Digest of everything that the profile and the command line ask for.
    pub rules: String,
    /// A key file was used.
    pub keyed: bool,
    /// Keyed code of the key and the project themselves.
    pub key: String,
    /// Keyed code of the list of pseudonyms.
    pub map: Option<String>,
    /// Shape of the output folder.
    pub layout: String,
    /// What the profile holds back, in words.
    pub holds: Vec<HoldText>,
    /// Which shard of how many, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u32, u32)>,
}

/// The words of a rule that holds files back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldText {
    /// Its code.
    pub code: String,
    /// One of what it holds back.
    pub one: String,
    /// Several of them.
    pub many: String,
    /// Why.
    pub why: String,
}

impl Head {
    /// Whether a run with the other head may go on in this one's folder.
    ///
    /// # Errors
    /// [`JournalError::Keyless`], [`JournalError::Other`] with what differs.
    pub fn allows(&self, other: &Self) -> Result<(), JournalError> {
        if !self.keyed {
            return Err(JournalError::Keyless);
        }
        let differs = [
            (
                "version of this program",
                self.tool != other.tool || self.format != other.format,
            ),
            ("key or project", self.key != other.key || !other.keyed),
            (
                "profile",
                self.rules != other.rules || self.profile != other.profile,
            ),
            ("list of pseudonyms", self.map != other.map),
            ("layout", self.layout != other.layout),
            ("shard", self.shard != other.shard),
        ];
        match differs.iter().find(|(_, differs)| *differs) {
            Some((what, _)) => Err(JournalError::Other(what)),
            None => Ok(()),
        }
    }

    /// The head of the whole that a shard is a part of.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self {
            shard: None,
            ..self.clone()
        }
    }
}

/// What became of one input. Codes are keyed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Code of the input's place below its root.
    pub input: String,
    /// Code of the input's size, first and last bytes: whether it is still the same.
    pub state: String,
    /// The bucket.
    pub bucket: Bucket,
    /// Why, as a stable word.
    pub reason: String,
    /// Further rules that hold it back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The output below the output folder, with `/` between its parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// BLAKE3 of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// Bytes of the input.
    pub bytes: u64,
    /// Code of the patient.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub patient: String,
    /// Code of the study.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub study: String,
    /// Code of the series.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// Code of the patient's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Code of the patient's birth date.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub birth_date: String,
    /// Modality, where it is a word of the standard.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub modality: String,
    /// `shown` or `unsaid`: a face may be seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub head: String,
    /// How much went and stayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Tally>,
}

impl Entry {
    /// True when it failed before a byte of it was read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        is_unread(self.bucket, &self.state, self.output.is_some())
    }
}

/// True of an input that failed before a byte of it was read, by what its line says.
pub(super) fn is_unread(bucket: Bucket, state: &str, has_output: bool) -> bool {
    bucket == Bucket::Failed && state.is_empty() && !has_output
}

/// A human's release of a file that was held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Code of the input.
    pub input: String,
    /// Where it was, below the output folder.
    pub from: String,
    /// Where it is.
    pub output: String,
    /// BLAKE3 of it there.
    pub blake3: String,
    /// Who released it, in their own words.
    pub by: String,
    /// Why, in their own words.
    pub why: String,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Inputs that the journal speaks of.
    pub files: u64,
    /// BLAKE3 of the disc index, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Keyed code of the digest of the line before: who holds the key can tell that nobody wrote the journal anew.
    pub seal: String,
}

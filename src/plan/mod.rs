//! Decides. (ruleset, context, data set) -> a sorted list of byte edits, each asked for by a rule.
//!
//! Owns: the walk that decides about every data element, at every depth, in front of and behind Pixel Data. Writes
//! nothing, opens nothing, prints nothing. Source of the rules: PS3.15 Annex E.

pub mod context;
pub mod decide;
pub mod edits;
pub mod file_meta;
pub mod identifiers;
pub mod markers;
pub mod planner;
pub mod resolve;
pub mod tags;
pub mod values;

use std::ffi::OsStr;

use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::ReadAt;
use crate::dicom::{ElementPath, Limits, ReadError};
use crate::identity::known::KnownIdentifiers;
use crate::identity::pseudonym::Pseudonyms;
use crate::profile::Ruleset;
use crate::standard::uids;
use context::Context;
pub use decide::vr_for_rules;
use edits::Edit;

/// Why there is no plan for a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file cannot be read as DICOM.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A changed value or container does not fit its length field.
    #[error("a changed length does not fit its field at byte {at}")]
    TooLong {
        /// Byte offset.
        at: u64,
    },
}

impl Refusal {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(e) => e.code(),
            Self::TooLong { .. } => "too-long",
        }
    }

    /// The file is no DICOM file at all.
    #[must_use]
    pub fn is_not_dicom(&self) -> bool {
        matches!(self, Self::Read(ReadError::NotDicom))
    }
}

impl From<std::io::Error> for Refusal {
    fn from(e: std::io::Error) -> Self {
        Self::Read(e.into())
    }
}

/// One announced change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// The place, as `(0040,A730)[2].(0010,0010)`.
    pub path: String,
    /// The attribute's keyword; empty where the standard has none.
    pub keyword: &'static str,
    /// `remove`, `empty`, `dummy`, `keep`...
    pub action: &'static str,
    /// The rule that asked for it.
    pub rule: String,
}

/// Keyed codes that name the output of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceNames {
    /// The patient's code, the same as in Patient ID.
    pub patient: String,
    /// Code of the study.
    pub study: String,
    /// Code of the series.
    pub series: String,
    /// Code of the instance.
    pub instance: String,
}

/// What will happen to one file.
pub struct Plan {
    /// Preamble and File Meta Information of the output.
    pub head: Vec<u8>,
    /// The input's Part 10 facts.
    pub part10: Part10,
    /// Length of the inflated data set, where the file is deflated.
    pub inflated: Option<u64>,
    /// The edits, sorted and disjoint, in positions of the data set's source.
    pub edits: Vec<Edit>,
    /// Spans of the source that the last look passes over: pixel values and numbers that equal an identifier by chance.
    pub passed_over: Vec<(u64, u64)>,
    /// What identifies people here and was meant to go.
    pub known: KnownIdentifiers,
    /// Names for the output.
    pub names: InstanceNames,
    /// New SOP Instance UID.
    pub sop_instance: String,
    /// The file is a DICOMDIR.
    pub is_dicomdir: bool,
    /// Every decision, where they were asked for.
    pub steps: Vec<Step>,
    /// The output is the input's data set without any change of form: no new head either.
    pub keeps_everything: bool,
}

impl Plan {
    /// True when this part of a path holds one of the file's own identifiers.
    #[must_use]
    pub fn component_is_identifying(&self, component: &OsStr) -> bool {
        let bytes = component.as_encoded_bytes();
        self.known.strong_hits(bytes).next().is_some()
            || self
                .known
                .clean_text(&component.to_string_lossy().replace('_', " "))
                .is_some()
    }
}

/// How much a plan tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The edits.
    Edits,
    /// The edits and every decision with its rule.
    Steps,
}

/// Plans files by one ruleset and one key. Shared by all workers.
pub struct Engine {
    rules: Ruleset,
    pseudonyms: Pseudonyms,
    limits: Limits,
    markers: markers::Markers,
}

impl Engine {
    /// An engine for this ruleset, with pseudonyms of one key.
    #[must_use]
    pub fn new(rules: Ruleset, pseudonyms: Pseudonyms, limits: Limits) -> Self {
        let markers = markers::Markers::of(&rules);
        Self {
            rules,
            pseudonyms,
            limits,
            markers,
        }
    }

    /// The ruleset.
    #[must_use]
    pub fn rules(&self) -> &Ruleset {
        &self.rules
    }

    /// The bounds of one file.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The pseudonyms of this run.
    #[must_use]
    pub fn pseudonyms(&self) -> &Pseudonyms {
        &self.pseudonyms
    }

    /// What will happen to this file.
    ///
    /// # Errors
    /// [`Refusal`]: not DICOM, damaged, beyond a bound, or a change that does not fit. Nothing is ever passed through
    /// because it was not understood.
    pub fn plan<S: ReadAt>(&self, source: &S, detail: Detail) -> Result<Plan, Refusal> {
        let part10 = part10::open(source, &self.limits)?;
        if part10.deflated {
            let inflated = InflatedSource::new(source, part10.data_set_at, &self.limits)?;
            let mut plan = self.plan_data_set(&inflated, part10, 0, detail)?;
            plan.inflated = Some(inflated.len());
            Ok(plan)
        } else {
            let at = part10.data_set_at;
            self.plan_data_set(source, part10, at, detail)
        }
    }

    fn plan_data_set<S: ReadAt>(
        &self,
        source: &S,
        part10: Part10,
        at: u64,
        detail: Detail,
    ) -> Result<Plan, Refusal> {
        let context = context::read(source, &part10, at, &self.rules, &self.limits)?;
        let instance = Self::instance_uid(source, &context, at)?;
        let stays =
            uids::is_registered(&instance) || self.keeps_uids() && !context.sop_instance.is_empty();
        let sop_instance = if stays {
            instance.clone()
        } else {
            self.pseudonyms.uid(instance.as_bytes())
        };
        let drawn = planner::draw(self, source, &part10, &context, at, &sop_instance, detail)?;
        let names = self.names(&context, &instance, &sample(source, at)?);
        let named = context.has_sop_instance || !context.sop_instance.is_empty();
        let media_storage = if named { sop_instance.as_str() } else { "" };
        let head = file_meta::head(&context.sop_class, media_storage, &part10.transfer_syntax);
        Ok(Plan {
            head,
            part10,
            inflated: None,
            edits: drawn.edits,
            passed_over: drawn.passed_over,
            known: context.known,
            names,
            sop_instance,
            is_dicomdir: context.is_dicomdir,
            steps: drawn.steps,
            keeps_everything: self.rules.is_keep_everything(),
        })
    }

    fn keeps_uids(&self) -> bool {
        self.rules.is_keep_everything()
            || decide::keeps_identifier(&self.rules, tags::SOP_INSTANCE_UID)
    }

    /// The instance's own UID; where it has none, one from its content, so that two such files do not become one.
    fn instance_uid<S: ReadAt>(source: &S, context: &Context, at: u64) -> Result<String, Refusal> {
        if !context.sop_instance.is_empty() {
            return Ok(context.sop_instance.clone());
        }
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        let mut buffer = vec![0u8; 64 * 1024];
        let mut from = at;
        loop {
            let n = source.read_at(&mut buffer, from)?;
            if n == 0 {
                break;
            }
            hash.update(buffer.get(..n).unwrap_or_default());
            from = from.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        }
        let digest = hash.finalize();
        Ok(format!(
            "content-{}",
            digest
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        ))
    }

    fn names(&self, context: &Context, instance: &str, sample: &str) -> InstanceNames {
        let code = |scope: &str, uid: &str| self.pseudonyms.code(scope, &[uid]);
        InstanceNames {
            patient: self.patient_code(context),
            study: code("path/StudyInstanceUID", &context.study),
            series: code("path/SeriesInstanceUID", &context.series),
            instance: self
                .pseudonyms
                .code("path/SOPInstanceUID", &[instance, sample]),
        }
    }

    /// The patient's code; an empty Patient ID falls back to the study, never to one code for everybody.
    pub(crate) fn patient_code(&self, context: &Context) -> String {
        if context.patient_id.is_empty() {
            self.pseudonyms.study_code(&context.study)
        } else {
            self.pseudonyms
                .patient_code(&context.issuer, &context.patient_id)
        }
    }

    /// Days by which this patient's dates move.
    pub(crate) fn date_shift(&self, context: &Context) -> i64 {
        if context.patient_id.is_empty() {
            self.pseudonyms.date_shift_for_study(&context.study)
        } else {
            self.pseudonyms
                .date_shift(&context.issuer, &context.patient_id)
        }
    }

    pub(crate) fn markers(&self) -> &markers::Markers {
        &self.markers
    }
}

/// A digest of a data set's length, first and last bytes. In the name of an output it keeps two contents of one SOP
/// Instance UID apart (another compression, a later export), whatever the order in which they are met.
fn sample<S: ReadAt>(source: &S, at: u64) -> Result<String, Refusal> {
    use sha2::Digest;
    const BYTES: usize = 4096;
    let length = source.len().saturating_sub(at);
    let mut bytes = vec![0u8; usize::try_from(length).unwrap_or(BYTES).min(BYTES)];
    let mut hash = sha2::Sha256::new().chain_update(length.to_be_bytes());
    let taken = u64::try_from(bytes.len()).unwrap_or(0);
    for from in [at, source.len().saturating_sub(taken)] {
        source.read_exact_at(&mut bytes, from)?;
        hash.update(&bytes);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Prints a path for a step.
fn path_text(steps: &[crate::dicom::PathStep], tag: crate::dicom::Tag) -> String {
    ElementPath {
        steps: steps.into(),
        tag,
    }
    .to_string()
}

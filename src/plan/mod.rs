//! Decides. (ruleset, context, data set) -> a sorted list of byte edits, each asked for by a rule.
//!
//! Owns: the walk that decides about every data element, at every depth, in front of and behind Pixel Data. Writes
//! nothing, opens nothing, prints nothing. Source of the rules: PS3.15 Annex E.

pub mod content;
pub mod context;
pub mod decide;
pub mod declared;
pub mod edits;
pub mod file_meta;
pub mod identifiers;
pub mod markers;
pub mod patient;
pub mod pixels;
pub mod planner;
pub mod recall;
pub mod release;
pub mod resolve;
pub mod tags;
pub mod tally;
pub mod triage;
pub mod values;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::action::uid;
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::ReadAt;
use crate::dicom::{ElementPath, Limits, ReadError};
use crate::identity::known::KnownIdentifiers;
use crate::identity::map::{Listed, PatientMap};
use crate::identity::pseudonym::{Pseudonyms, canonical_person_name};
use crate::identity::text::How;
use crate::profile::hold::{Hold, UNMAPPED};
use crate::profile::{Ruleset, Unmapped};
use crate::standard::uids;
use context::Context;
pub use decide::vr_for_rules;
use edits::Edits;
use recall::Recall;
use tally::Tally;
use triage::Head;

/// Why there is no plan for a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file cannot be read as DICOM.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The profile wants every patient to be in the list of pseudonyms, and this one is not.
    #[error("the list of pseudonyms has no entry for this patient")]
    Unmapped,
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
            Self::Unmapped => UNMAPPED,
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
    /// VR by which it was decided.
    pub vr: &'static str,
    /// `remove`, `empty`, `dummy`, `keep`...
    pub action: &'static str,
    /// The rule that asked for it.
    pub rule: String,
    /// What the rule's author says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
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

/// Keyed codes and words of the standard that a run counts people by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// Code of Patient's Name without regard to case; empty where there is none.
    pub name: String,
    /// Code of Patient's Birth Date; empty where there is none.
    pub birth_date: String,
    /// Modality, where it is a word of the standard.
    pub modality: &'static str,
    /// Whether a face may be seen.
    pub head: Head,
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
    pub edits: Edits,
    /// Spans of the source that the last look passes over: pixel values and numbers that equal an identifier by chance.
    pub passed_over: Vec<(u64, u64)>,
    /// What identifies people here and was meant to go.
    pub known: KnownIdentifiers,
    /// Names for the output.
    pub names: InstanceNames,
    /// New SOP Instance UID.
    pub sop_instance: String,
    /// Why a human has to look first: places in [`Ruleset::holds`], the most telling one first. Empty: nobody has to.
    pub held_by: Vec<usize>,
    /// What a run counts about people without knowing them.
    pub traits: Traits,
    /// How much goes and stays.
    pub tally: Tally,
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
                .clean_text(&component.to_string_lossy().replace('_', " "), &How::KNOWN)
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
    /// No other engine of this process has it.
    number: u64,
    rules: Ruleset,
    pseudonyms: Pseudonyms,
    limits: Limits,
    markers: markers::Markers,
    map: Option<PatientMap>,
}

impl Engine {
    /// An engine for this ruleset, with pseudonyms of one key.
    #[must_use]
    pub fn new(rules: Ruleset, pseudonyms: Pseudonyms, limits: Limits) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let markers = markers::Markers::of(&rules);
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            rules,
            pseudonyms,
            limits,
            markers,
            map: None,
        }
    }

    /// Takes pseudonyms of patients from a list before the key.
    #[must_use]
    pub fn with_map(self, map: Option<PatientMap>) -> Self {
        let mut engine = Self::new(self.rules, self.pseudonyms, self.limits);
        engine.map = map;
        engine
    }

    /// The list of pseudonyms, where there is one.
    #[must_use]
    pub fn map(&self) -> Option<&PatientMap> {
        self.map.as_ref()
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
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

    /// Whether one file may be written to one name of the user's: not while a human has to look at it first, unless the
    /// user says so.
    ///
    /// # Errors
    /// The rule that holds it back.
    pub fn may_pass(&self, plan: &Plan, accept_held: bool) -> Result<(), &Hold> {
        let first = plan
            .held_by
            .first()
            .and_then(|at| self.rules.holds().get(*at));
        match first {
            Some(hold) if !accept_held => Err(hold),
            Some(_) | None => Ok(()),
        }
    }

    /// All that a plan announces: its decisions, and why the file would be held back.
    #[must_use]
    pub fn announced(&self, plan: &Plan) -> Vec<Step> {
        let holds = self.rules.holds();
        let held = plan.held_by.iter().filter_map(|at| holds.get(*at));
        let held = held.map(|hold| Step {
            path: String::new(),
            keyword: "",
            vr: "",
            action: "hold-back",
            rule: format!("{}: {}", hold.code, hold.reason),
            why: None,
        });
        plan.steps.iter().cloned().chain(held).collect()
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
        Recall::with(self, |recall| {
            self.plan_with(recall, source, part10, at, detail)
        })
    }

    fn plan_with<S: ReadAt>(
        &self,
        recall: &mut Recall,
        source: &S,
        part10: Part10,
        at: u64,
        detail: Detail,
    ) -> Result<Plan, Refusal> {
        let mut context = context::read(source, &part10, at, &self.rules, recall, &self.limits)?;
        context.patient_code = self.patient_code(&context)?;
        context.held_by = self.held_by(recall, &context);
        let instance = Self::instance_uid(source, &context, at)?;
        let stays =
            uids::is_registered(&instance) || self.keeps_uids() && !context.sop_instance.is_empty();
        let sop_instance = if stays {
            instance.clone()
        } else {
            self.pseudonyms.uid(instance.as_bytes())
        };
        let sop_class = self.class_uid(&context.sop_class);
        recall.meet(&context);
        let drawn = planner::draw(
            self,
            recall,
            source,
            &part10,
            &context,
            at,
            &sop_instance,
            detail,
        )?;
        let names = self.names(&context, &instance);
        let named = context.has_sop_instance || !context.sop_instance.is_empty();
        let media_storage = if named { sop_instance.as_str() } else { "" };
        let head = file_meta::head(&sop_class, media_storage, &part10.transfer_syntax);
        let traits = self.traits(recall, &context);
        Ok(Plan {
            head,
            part10,
            inflated: None,
            edits: drawn.edits,
            passed_over: drawn.passed_over,
            known: context.known,
            names,
            sop_instance,
            traits,
            held_by: context.held_by,
            tally: drawn.tally,
            is_dicomdir: context.is_dicomdir,
            steps: drawn.steps,
            keeps_everything: self.rules.is_keep_everything(),
        })
    }

    fn keeps_uids(&self) -> bool {
        self.rules.is_keep_everything()
            || decide::keeps_identifier(&self.rules, tags::SOP_INSTANCE_UID)
    }

    /// The SOP Class UID in front of the data set: as in it, a value that is composed as none is text in disguise, and two
    /// values are none.
    fn class_uid<'u>(&self, uid: &'u str) -> Cow<'u, str> {
        if uid::is_composed(uid.as_bytes()) && !uid.contains('\\') {
            Cow::Borrowed(uid)
        } else {
            Cow::Owned(self.pseudonyms.uid(uid.as_bytes()))
        }
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

    /// Rules that hold the instance back, that of its patient behind the others.
    fn held_by(&self, recall: &mut Recall, context: &Context) -> Vec<usize> {
        if self.rules.is_keep_everything() {
            return Vec::new();
        }
        let mut held_by = recall.held_by(&self.rules, &context.triage.facts);
        if self.rules.unmapped() == Unmapped::Hold && !self.is_listed(context) {
            held_by.extend(self.rules.holds().len().checked_sub(1));
        }
        held_by
    }

    fn is_listed(&self, context: &Context) -> bool {
        let find = |map: &PatientMap| {
            matches!(
                map.find(&context.issuer, &context.patient_id),
                Listed::As(_)
            )
        };
        self.map.as_ref().is_none_or(find)
    }

    fn traits(&self, recall: &mut Recall, context: &Context) -> Traits {
        let name = context.patient_name.to_lowercase();
        let birth_date = context.triage.birth_date.as_str();
        let code = |text: &str, code: String| if text.is_empty() { String::new() } else { code };
        Traits {
            name: code(
                &name,
                self.pseudonyms
                    .mark("journal/name", &[&canonical_person_name(&name)]),
            ),
            birth_date: code(
                birth_date,
                self.pseudonyms.mark("journal/birth-date", &[birth_date]),
            ),
            modality: context.triage.modality(),
            head: recall.head(&context.triage),
        }
    }

    fn names(&self, context: &Context, instance: &str) -> InstanceNames {
        let code = |scope: &str, uid: &str| self.pseudonyms.code(scope, &[uid]);
        InstanceNames {
            patient: context.patient_code.clone(),
            study: code("path/StudyInstanceUID", &context.study),
            series: code("path/SeriesInstanceUID", &context.series),
            instance: code("path/SOPInstanceUID", instance),
        }
    }

    /// The patient's pseudonym: the one of the list, else a code. An empty Patient ID falls back to the study, never to
    /// one code for everybody.
    ///
    /// # Errors
    /// [`Refusal::Unmapped`] where the profile wants every patient to be in the list.
    fn patient_code(&self, context: &Context) -> Result<String, Refusal> {
        if self.rules.unmapped() == Unmapped::Stop && !self.is_listed(context) {
            return Err(Refusal::Unmapped);
        }
        Ok(if context.patient_id.is_empty() {
            self.pseudonyms.study_code(&context.study)
        } else {
            self.pseudonym_of(&context.issuer, &context.patient_id)
        })
    }

    /// The pseudonym of a patient by issuer and number: the one of the list, else a code from the key.
    #[must_use]
    pub fn pseudonym_of(&self, issuer: &str, patient_id: &str) -> String {
        match self.map.as_ref().map(|map| map.find(issuer, patient_id)) {
            Some(Listed::As(pseudonym)) => pseudonym.to_owned(),
            Some(Listed::Zeros(_) | Listed::Not) | None => {
                self.pseudonyms.patient_code(issuer, patient_id)
            }
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

/// Prints a path for a step.
fn path_text(steps: &[crate::dicom::PathStep], tag: crate::dicom::Tag) -> String {
    ElementPath {
        steps: steps.into(),
        tag,
    }
    .to_string()
}

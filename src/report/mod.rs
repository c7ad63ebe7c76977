//! What a run says about itself: counts for a person and for a machine. No value of a patient's element, ever, and no path
//! of an input: all of it is made from the journal, which has none.

pub mod conformance;
pub mod diff;
pub mod explain;
mod html;
pub mod links;
pub mod shape;
pub mod table;
pub mod words;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::batch::journal::{Entry, Head, HoldText, JournalError, Line, Lines};
use crate::batch::outcome::{Bucket, Outcome};
use crate::batch::sorted::Sorter;
use crate::batch::writer::{tag, temporary};
use crate::plan::tally::Tally;

/// The version of the form of `report.json`; its schema is docs/report.schema.json.
const FORM: u32 = 2;

/// What a journal adds up to; `report.json` is this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Version of this form.
    pub report: u32,
    /// Tool and version.
    pub tool: String,
    /// Edition of the standard.
    pub edition: String,
    /// Profile.
    pub profile: String,
    /// Options in force.
    pub options: Vec<String>,
    /// Codes of CID 7050 that outputs carry.
    pub method_codes: Vec<String>,
    /// A key file was used.
    pub key_file: bool,
    /// A list of pseudonyms was used.
    pub list_of_pseudonyms: bool,
    /// Shape of the output folder.
    pub layout: String,
    /// Which shard of how many, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u32, u32)>,
    /// The run came to its end.
    pub complete: bool,
    /// Inputs.
    pub inputs: Inputs,
    /// Inputs by bucket: they add up to all inputs.
    pub buckets: BTreeMap<&'static str, u64>,
    /// Inputs by bucket and reason.
    pub reasons: BTreeMap<String, u64>,
    /// Output files.
    pub outputs: Outputs,
    /// Data elements of the outputs.
    pub elements: Tally,
    /// Patients, studies and series of the outputs.
    pub people: People,
    /// Outputs by modality.
    pub modalities: BTreeMap<String, u64>,
    /// What a person should know.
    pub warnings: Warnings,
    /// The words of the rules that hold files back.
    #[serde(skip)]
    pub holds: Vec<HoldText>,
}

/// Inputs of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// Files.
    pub files: u64,
    /// Bytes of those that were cleaned or held back.
    pub bytes: u64,
}

/// Output files of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outputs {
    /// Files in `clean/`.
    pub clean: u64,
    /// Files in `review/`.
    pub review: u64,
    /// Inputs whose output is that of another input, to the byte.
    pub duplicates: u64,
    /// Files that a person has looked at and released.
    pub released: u64,
}

/// Who and what is in the outputs, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct People {
    /// Patients.
    pub patients: u64,
    /// Studies.
    pub studies: u64,
    /// Series.
    pub series: u64,
}

/// What a person should know, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Warnings {
    /// Series that show a head, by modality: a face may be seen.
    pub head_series: BTreeMap<String, u64>,
    /// Series of scans that do not say what part of the body they show.
    pub unsaid_series: u64,
    /// Patients with more than one name.
    pub patients_with_several_names: u64,
    /// Patients with more than one birth date.
    pub patients_with_several_birth_dates: u64,
    /// Studies with more than one patient.
    pub studies_with_several_patients: u64,
}

/// Members by group, counted without keeping them.
struct Groups(Sorter);

impl Groups {
    fn new(folder: &Path) -> Self {
        Self(Sorter::new(folder))
    }

    fn add(&mut self, group: &str, member: &str) -> io::Result<()> {
        if group.is_empty() || member.is_empty() {
            return Ok(());
        }
        self.0
            .push([group.as_bytes(), b"\0", member.as_bytes()].concat())
    }

    /// Calls `each` with every group.
    fn count(self, mut each: impl FnMut(&Group)) -> io::Result<()> {
        let mut last = Vec::new();
        let mut open: Option<Group> = None;
        for line in self.0.finish()? {
            let line = line?;
            let text = String::from_utf8_lossy(&line);
            let (name, member) = text.split_once('\0').unwrap_or((&text, ""));
            match &mut open {
                Some(group) if group.name == name => {
                    group.lines = group.lines.saturating_add(1);
                    group.members = group.members.saturating_add(u64::from(line != last));
                }
                open => {
                    let next = Group {
                        name: name.to_owned(),
                        first: member.to_owned(),
                        members: 1,
                        lines: 1,
                    };
                    if let Some(group) = open.replace(next) {
                        each(&group);
                    }
                }
            }
            last = line;
        }
        if let Some(group) = open {
            each(&group);
        }
        Ok(())
    }
}

/// What is known of a group.
struct Group {
    name: String,
    /// The first of its members in their order.
    first: String,
    /// Different members.
    members: u64,
    /// All members.
    lines: u64,
}

/// What is counted over all lines.
struct Counting {
    summary: Summary,
    outputs: Groups,
    patients: Groups,
    studies: Groups,
    series: Groups,
    names: Groups,
    birth_dates: Groups,
    heads: Groups,
}

impl Summary {
    /// A summary of nothing, of a run with this head.
    #[must_use]
    pub fn of(head: &Head) -> Self {
        Self {
            report: FORM,
            tool: head.tool.clone(),
            edition: head.edition.clone(),
            profile: head.profile.clone(),
            options: head.options.clone(),
            method_codes: head.method_codes.clone(),
            key_file: head.keyed,
            list_of_pseudonyms: head.map.is_some(),
            layout: head.layout.clone(),
            shard: head.shard,
            complete: false,
            inputs: Inputs::default(),
            buckets: [
                Bucket::Cleaned,
                Bucket::HeldBack,
                Bucket::LeftBehind,
                Bucket::Failed,
            ]
            .map(|bucket| (bucket.name(), 0))
            .into(),
            reasons: BTreeMap::new(),
            outputs: Outputs::default(),
            elements: Tally::default(),
            people: People::default(),
            modalities: BTreeMap::new(),
            warnings: Warnings::default(),
            holds: head.holds.clone(),
        }
    }

    /// Adds a journal up, in the memory of a few of its lines; `folder` is for what does not fit into memory.
    ///
    /// # Errors
    /// [`JournalError`]: a changed line, reading, sorting.
    pub fn read(journal: &File, folder: &Path) -> Result<Self, JournalError> {
        let mut released = BTreeMap::new();
        // the walk below checks them
        for release in Lines::releases(journal)? {
            released.insert(release.from.clone(), release);
        }
        let mut lines = Lines::of(journal)?;
        let Some((_, Line::Run(head))) = lines.next_line()? else {
            return Err(JournalError::Nothing);
        };
        let groups = || Groups::new(folder);
        let mut counting = Counting {
            summary: Self::of(&head),
            outputs: groups(),
            patients: groups(),
            studies: groups(),
            series: groups(),
            names: groups(),
            birth_dates: groups(),
            heads: groups(),
        };
        while let Some((_, line)) = lines.next_line()? {
            counting.summary.complete = false;
            match line {
                Line::File(mut entry) => {
                    let moved = entry.output.as_ref().and_then(|from| released.get(from));
                    if let Some(release) = moved
                        && entry.bucket == Bucket::HeldBack
                    {
                        entry.bucket = Bucket::Cleaned;
                        "released".clone_into(&mut entry.reason);
                        entry.output = Some(release.output.clone());
                        let count = &mut counting.summary.outputs.released;
                        *count = count.saturating_add(1);
                    }
                    counting.add(&entry)?;
                }
                Line::End(_) => counting.summary.complete = true,
                Line::Run(_) | Line::Release(_) => {}
            }
        }
        Ok(counting.finish()?)
    }

    /// Inputs in a bucket.
    #[must_use]
    pub fn count(&self, bucket: Bucket) -> u64 {
        self.buckets.get(bucket.name()).copied().unwrap_or(0)
    }

    /// Inputs of a bucket by reason, the most frequent first.
    #[must_use]
    pub fn reasons_of(&self, bucket: Bucket) -> Vec<(&str, u64)> {
        let mut out: Vec<(&str, u64)> = self
            .reasons
            .iter()
            .filter_map(|(reason, count)| match reason.split_once('/') {
                Some((name, reason)) if name == bucket.name() => Some((reason, *count)),
                Some(_) | None => None,
            })
            .collect();
        out.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
        out
    }

    /// True when there is something that a person should look at beyond what is held back.
    #[must_use]
    pub fn has_warnings(&self) -> bool {
        let warnings = &self.warnings;
        !warnings.head_series.is_empty()
            || warnings.patients_with_several_names > 0
            || warnings.patients_with_several_birth_dates > 0
            || warnings.studies_with_several_patients > 0
            || self.is_disc_of_several()
    }

    /// Several people on one disc.
    #[must_use]
    pub fn is_disc_of_several(&self) -> bool {
        self.layout == "media" && self.people.patients > 1
    }
}

impl Counting {
    fn add(&mut self, entry: &Entry) -> io::Result<()> {
        let summary = &mut self.summary;
        let count = |n: &mut u64| *n = n.saturating_add(1);
        count(&mut summary.inputs.files);
        let bucket = entry.bucket.name();
        count(summary.buckets.entry(bucket).or_default());
        let reason = format!("{bucket}/{}", entry.reason);
        count(summary.reasons.entry(reason).or_default());
        let Some(output) = &entry.output else {
            return Ok(());
        };
        summary.inputs.bytes = summary.inputs.bytes.saturating_add(entry.bytes);
        self.outputs.add(output, &entry.input)?;
        if let Some(elements) = &entry.elements {
            summary.elements.add(elements);
        }
        if !entry.modality.is_empty() {
            count(
                summary
                    .modalities
                    .entry(entry.modality.clone())
                    .or_default(),
            );
        }
        self.patients.add(&entry.patient, &entry.study)?;
        self.studies.add(&entry.study, &entry.patient)?;
        self.series.add(&entry.series, "s")?;
        self.names.add(&entry.patient, &entry.name)?;
        self.birth_dates.add(&entry.patient, &entry.birth_date)?;
        // a series of which one picture says that it shows a head shows one: `shown` sorts before `unsaid`
        let head = format!("{} {}", entry.head, entry.modality);
        if !entry.head.is_empty() {
            self.heads.add(&entry.series, &head)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Summary> {
        let mut summary = self.summary;
        let count = |n: &mut u64| *n = n.saturating_add(1);
        let outputs = &mut summary.outputs;
        self.outputs.count(|output| {
            let of = if output.name.starts_with("review/") {
                &mut outputs.review
            } else {
                &mut outputs.clean
            };
            count(of);
            outputs.duplicates = outputs
                .duplicates
                .saturating_add(output.lines.saturating_sub(1));
        })?;
        let (people, warnings) = (&mut summary.people, &mut summary.warnings);
        self.patients.count(|_| count(&mut people.patients))?;
        self.series.count(|_| count(&mut people.series))?;
        self.studies.count(|study| {
            count(&mut people.studies);
            if study.members > 1 {
                count(&mut warnings.studies_with_several_patients);
            }
        })?;
        let several = |groups: Groups, of: &mut u64| {
            groups.count(|group| {
                if group.members > 1 {
                    count(of);
                }
            })
        };
        several(self.names, &mut warnings.patients_with_several_names)?;
        several(
            self.birth_dates,
            &mut warnings.patients_with_several_birth_dates,
        )?;
        self.heads
            .count(|series| match series.first.split_once(' ') {
                Some(("shown", modality)) => {
                    let modality = if modality.is_empty() { "OT" } else { modality };
                    count(warnings.head_series.entry(modality.to_owned()).or_default());
                }
                Some(_) | None => count(&mut warnings.unsaid_series),
            })?;
        Ok(summary)
    }
}

/// The bytes of `report.json` and of `report.html`: a journal has one of each.
///
/// # Errors
/// Those of the template, which are bugs of ours.
pub fn forms(summary: &Summary) -> io::Result<[(&'static str, Vec<u8>); 2]> {
    let mut json = serde_json::to_vec_pretty(summary)?;
    json.push(b'\n');
    let page = html::page(summary).map_err(io::Error::other)?;
    Ok([("json", json), ("html", page.into_bytes())])
}

/// Writes `report.json` and `report.html` in one step each; those of a shard bear its number.
///
/// # Errors
/// Those of writing.
pub fn write(summary: &Summary, out: &Path, shard: Option<(u32, u32)>) -> io::Result<()> {
    let stem = shard.map_or_else(
        || "report".to_owned(),
        |(i, n)| format!("report.{i}-of-{n}"),
    );
    for (ending, bytes) in forms(summary)? {
        let mut temp = temporary(out, &tag(shard))?;
        temp.write_all(&bytes)?;
        temp.as_file().sync_all()?;
        temp.persist(out.join(format!("{stem}.{ending}")))
            .map_err(|e| e.error)?;
    }
    Ok(())
}

/// One line for machines.
#[derive(Debug, Serialize)]
pub struct OutcomeLine<'l> {
    input: std::borrow::Cow<'l, str>,
    output: Option<std::borrow::Cow<'l, str>>,
    bucket: &'static str,
    reason: &'l str,
}

/// The line of an outcome; `out` is the folder that its output lies below.
#[must_use]
pub fn line(outcome: &Outcome) -> OutcomeLine<'_> {
    OutcomeLine {
        input: outcome.input.to_string_lossy(),
        output: outcome.output.as_deref().map(Path::to_string_lossy),
        bucket: outcome.bucket.name(),
        reason: &outcome.reason,
    }
}

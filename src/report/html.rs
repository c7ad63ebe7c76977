//! `report.html`: one page for a person, of its own, without script, readable on a phone.

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use serde::Serialize;

use super::Summary;
use super::words::{cannot_know, counted, grouped, meanings, size};
use crate::batch::outcome::Bucket;
use crate::standard::cid7050;

#[derive(Serialize)]
struct Row {
    count: String,
    what: String,
    why: String,
}

fn rows(summary: &Summary, bucket: Bucket) -> Vec<Row> {
    meanings(summary, bucket)
        .into_iter()
        .map(|(meaning, n)| Row {
            count: grouped(n),
            what: if n == 1 { meaning.one } else { meaning.many },
            why: meaning.why,
        })
        .collect()
}

/// What went, by kind.
fn removed(summary: &Summary) -> Vec<Row> {
    let e = &summary.elements;
    let has = |name: &str| summary.options.iter().any(|option| option == name);
    let dates = if has("retain-longitudinal-modified-dates") {
        "birth date; dates of the examination were moved, all of one patient's by the same number of days; times of day stay"
    } else if has("retain-longitudinal-full-dates") {
        "birth date; dates of the examination stay as they are"
    } else {
        "birth date, dates of the examination"
    };
    let texts = if has("clean-descriptors") {
        "names, numbers and places were cut out of them; what describes the examination stays"
    } else {
        ""
    };
    [
        (
            e.names,
            "names of people",
            "patient, family, doctors, staff: the patient's name became a code",
        ),
        (
            e.numbers,
            "numbers of people, orders and devices",
            "patient number, accession number, insurance and order numbers, serial numbers",
        ),
        (e.addresses, "addresses and telephone numbers", ""),
        (e.places, "hospitals, departments and stations", ""),
        (e.dates, "dates, times and ages", dates),
        (
            e.uids,
            "internal numbers of studies, series and pictures",
            "replaced by new ones, the same in every file, so that pictures still belong together",
        ),
        (e.texts, "descriptions and comments", texts),
        (e.private, "entries of the manufacturer's own", ""),
        (e.others, "other entries", ""),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, what, why)| Row {
        count: grouped(n),
        what: what.to_owned(),
        why: why.to_owned(),
    })
    .collect()
}

/// The page.
///
/// # Errors
/// Those of the template, which are bugs of ours.
pub fn page(summary: &Summary) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template("report.html", include_str!("report.html"))?;
    let codes: Vec<Row> = summary
        .method_codes
        .iter()
        .map(|code| Row {
            count: code.clone(),
            what: cid7050::code(code).map_or_else(String::new, |known| known.meaning.to_owned()),
            why: String::new(),
        })
        .collect();
    let list = |rows: Vec<Row>| Value::from(Serde(rows));
    let number = |bucket| grouped(summary.count(bucket));
    let modalities: Vec<String> = summary
        .modalities
        .iter()
        .map(|(modality, n)| format!("{modality} {}", grouped(*n)))
        .collect();
    environment.get_template("report.html")?.render(context! {
        complete => summary.complete,
        shard => summary.shard.map(|(i, n)| format!("part {i} of {n}")),
        files => counted(summary.inputs.files, "file", "files"),
        size => size(summary.inputs.bytes),
        cleaned => number(Bucket::Cleaned),
        held => number(Bucket::HeldBack),
        left => number(Bucket::LeftBehind),
        failed => number(Bucket::Failed),
        all => grouped(summary.inputs.files),
        held_rows => list(rows(summary, Bucket::HeldBack)),
        left_rows => list(rows(summary, Bucket::LeftBehind)),
        failed_rows => list(rows(summary, Bucket::Failed)),
        removed_rows => list(removed(summary)),
        kept => counted(summary.elements.kept, "entry", "entries"),
        cannot_know => Value::from(Serde(cannot_know(summary))),
        clean_files => counted(summary.outputs.clean, "file", "files"),
        review_files => counted(summary.outputs.review, "file", "files"),
        duplicates => summary.outputs.duplicates,
        released => summary.outputs.released,
        patients => counted(summary.people.patients, "patient", "patients"),
        studies => counted(summary.people.studies, "study", "studies"),
        series => counted(summary.people.series, "series", "series"),
        modalities => modalities.join(", "),
        key_file => summary.key_file,
        list_of_pseudonyms => summary.list_of_pseudonyms,
        profile => summary.profile.as_str(),
        options => Value::from(Serde(&summary.options)),
        codes => list(codes),
        edition => summary.edition.as_str(),
        tool => summary.tool.as_str(),
        layout => summary.layout.as_str(),
    })
}

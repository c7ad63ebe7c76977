//! What the parts of the work on one file cost: the walk, the plan, the cleaning of a text, the last look.
//!
//! `cargo bench --bench parts` times all of them, `cargo bench --bench parts -- plan` some.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a tool of the project, over its own files"
)]

#[path = "../examples/fixtures/dicom.rs"]
#[allow(dead_code, reason = "fixtures need more of it")]
mod dicom;
#[path = "../examples/fixtures/media.rs"]
#[allow(dead_code, reason = "fixtures need more of it")]
mod media;
mod study;

use std::hint::black_box;
use std::time::Duration;

use anyhow::Context;
use criterion::{BenchmarkId, Criterion, Throughput};

use dcmscrub::apply::{apply, last_look};
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::Walker;
use dcmscrub::dicom::{Limits, part10};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::known::Kind;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::identity::text::person::KnownText;
use dcmscrub::identity::text::{DatesInText, Depth, How, clean};
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::profile::{Overrides, load};
use study::Study;

/// A file by its name.
type File = (&'static str, Vec<u8>);

fn main() -> anyhow::Result<()> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
        .configure_from_args();
    let files = files()?;
    reader(&mut criterion, &files)?;
    for profile in ["basic", "research"] {
        let engine = engine(profile)?;
        plans(&mut criterion, profile, &engine, &files)?;
        looks(&mut criterion, profile, &engine, &files)?;
    }
    texts(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// A slice of a CT, and an enhanced CT of 200 frames with small pictures.
fn files() -> anyhow::Result<Vec<File>> {
    let bytes = |study: Study| study.bytes(0).map_err(|e| anyhow::anyhow!("{e}"));
    let enhanced = Study {
        rows: 16,
        columns: 16,
        frames: 200,
        ..Study::LARGE
    };
    Ok(vec![
        (
            "slice",
            bytes(Study {
                files: 1,
                ..Study::SMALL
            })?,
        ),
        ("enhanced", bytes(enhanced)?),
    ])
}

fn engine(profile: &str) -> anyhow::Result<Engine> {
    let rules = load(profile, &Overrides::default())?;
    // the same pseudonyms in each run
    let pseudonyms = Pseudonyms::new(&Key::from_bytes([7; 32]), "bench");
    Ok(Engine::new(rules, pseudonyms, Limits::default()))
}

fn reader(criterion: &mut Criterion, files: &[File]) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("reader");
    for (name, bytes) in files {
        let source = BytesSource(bytes.as_slice());
        let limits = Limits::default();
        let part10 = part10::open(&source, &limits)?;
        group.throughput(Throughput::Bytes(u64::try_from(bytes.len())?));
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                let mut walker = Walker::new(&source, part10.encoding, part10.data_set_at, limits);
                let mut events = 0_u32;
                while let Ok(Some(_)) = walker.next_event() {
                    events += 1;
                }
                black_box(events)
            });
        });
    }
    group.finish();
    Ok(())
}

fn plans(
    criterion: &mut Criterion,
    profile: &str,
    engine: &Engine,
    files: &[File],
) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("plan");
    for (name, bytes) in files {
        let source = BytesSource(bytes.as_slice());
        engine.plan(&source, Detail::Edits).context(*name)?;
        group.bench_function(BenchmarkId::new(profile, name), |bencher| {
            bencher.iter(|| black_box(engine.plan(&source, Detail::Edits)).is_ok());
        });
    }
    group.finish();
    Ok(())
}

fn looks(
    criterion: &mut Criterion,
    profile: &str,
    engine: &Engine,
    files: &[File],
) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("last look");
    for (name, bytes) in files {
        let source = BytesSource(bytes.as_slice());
        let plan = engine.plan(&source, Detail::Edits).context(*name)?;
        let mut out = Vec::new();
        let written = apply(&plan, &source, engine.limits(), &mut out)?;
        let out = BytesSource(out.as_slice());
        last_look(&plan, &written, &out, engine.limits()).context(*name)?;
        group.bench_function(BenchmarkId::new(profile, name), |bencher| {
            bencher.iter(|| black_box(last_look(&plan, &written, &out, engine.limits())).is_ok());
        });
    }
    group.finish();
    Ok(())
}

/// Texts as they stand in files: a label, a description, a comment that names people, a report.
fn texts(criterion: &mut Criterion) {
    let mut known = KnownText::default();
    for (kind, text) in [
        (Kind::Name, "Hartmann^Greta"),
        (Kind::Id, "47110815"),
        (Kind::Accession, "A2300417"),
        (Kind::BirthDate, "19610817"),
        (Kind::Date, "20230415"),
        (Kind::Phone, "+44 1632 960417"),
        (Kind::Address, "12 Birkenallee, Ahrensfelde"),
        (Kind::Organisation, "St Botolph General Hospital"),
        (Kind::Physician, "Whitcombe^Rosalind^^Dr"),
    ] {
        known.add(kind, text);
    }
    let report = "Clinical question: follow-up of a nodule. Technique: helical CT of the thorax after 80 ml of contrast medium. \
                  Findings: compared with the examination of 12.03.2021 the nodule of Mrs. Hartmann in the left upper lobe has \
                  grown from 6 to 8 mm. No effusion. Please call Dr. Whitcombe, +44 1632 960112, with questions about 47110815. ";
    let texts = [
        ("label", "STANDARD".to_owned()),
        ("description", "CT Thorax with contrast, 1.25 mm".to_owned()),
        (
            "comment",
            "Hartmann, Greta: contrast medium 80 ml, seen 15.04.2023".to_owned(),
        ),
        ("report", report.repeat(8)),
    ];
    let mut group = criterion.benchmark_group("text");
    for depth in [Depth::Known, Depth::Full] {
        let how = How {
            depth,
            dates: DatesInText::Shift(-41),
            keeps_uids: false,
        };
        let name = if depth == Depth::Full {
            "full"
        } else {
            "known"
        };
        for (of, text) in &texts {
            group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap_or(0)));
            group.bench_function(BenchmarkId::new(name, of), |bencher| {
                bencher.iter(|| black_box(clean(black_box(text), &known, &how)).is_some());
            });
        }
    }
    group.finish();
}

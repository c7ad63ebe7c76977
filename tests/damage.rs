//! Damage by the byte: every prefix of five valid files, and changes of single bytes.
//!
//! A share of the changes is an ordinary test. All of them, 255 at every byte of the five files, take some minutes:
//!
//! ```text
//! cargo test --release --test integration damage -- --ignored --nocapture
//! ```
//!
//! What is asked of every damaged file that is cleaned all the same:
//!
//! * Nothing panics.
//! * The output is read to its end by the walk, and by another reader where that one reads the input. Not asked where a
//!   value in the input is no whole number of numbers: that reader loses its place there, and notices it or not by luck.
//! * No identity is in the output that still is one in the input. A changed byte can turn Patient's Name into an attribute
//!   that stays, or move its value into the value of a neighbour: then the token stands in an element that has none of the
//!   tags that identities have in the undamaged file, and the plan says that this element stays or is cleaned. Everything
//!   else is a leak: a token under its own tag, outside of any value, or in an element that the plan says goes. A change
//!   inside a token changes what is searched for. Words in compressed pixels may be in what is held back for a person.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::inflate::InflatedSource;
use dcmscrub::dicom::source::{BytesSource, ReadAt};
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{ElementPath, Limits, part10};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine, Plan};
use dcmscrub::profile::{Overrides, load};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::malformed::bytes::{DataSet, Form, JPEG, LE, length};
use crate::malformed::case::{Canaries, Canary, Kind, image_in};
use crate::malformed::{another_reads, jpeg, parses};

/// Of the changes of a file, one in so many is an ordinary test.
const SHARE: usize = 61;

/// A valid file, with what must not be found in any output.
struct Whole {
    name: &'static str,
    bytes: Vec<u8>,
    canaries: Vec<Canary>,
}

/// Tags under which the files below say who somebody is.
const IDENTIFYING: [Tag; 12] = [
    tags::SOP_INSTANCE_UID,
    tags::ACCESSION_NUMBER,
    tags::INSTITUTION_NAME,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::OTHER_PATIENT_NAMES,
    tags::PATIENT_COMMENTS,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::REFERENCED_SOP_INSTANCE_UID,
    tags::OPERATORS_NAME,
];

fn with_sequences(data_set: DataSet, c: &mut Canaries) -> DataSet {
    let form = data_set.form;
    let name = form.element(tags::PATIENT_NAME, "PN", c.direct("PatientName in an item"));
    let uid = form.element(tags::REFERENCED_SOP_INSTANCE_UID, "UI", c.uid("in an item"));
    let inner = form.defined_sequence(tags::REFERENCED_STUDY_SEQUENCE, &[uid]);
    let outer = tags::REQUEST_ATTRIBUTES_SEQUENCE;
    data_set.raw(outer, form.sequence(outer, &[[name, inner].concat()]))
}

fn with_unknown(data_set: DataSet, c: &mut Canaries) -> DataSet {
    let form = Form::Implicit;
    let names = form.element(tags::OPERATORS_NAME, "PN", c.direct("OperatorsName in UN"));
    let item = form.item(names);
    let tag = tags::SOURCE_IMAGE_SEQUENCE;
    data_set
        .with(tags::PATIENT_COMMENTS, "LT", c.direct("PatientComments"))
        .raw(tag, LE.declared(tag, "UN", &item, length(&item)))
}

fn files() -> Vec<Whole> {
    type Build = fn(&mut Canaries) -> Vec<u8>;
    let builds: [(&'static str, Build); 5] = [
        ("native", |c| {
            let data_set = with_sequences(image_in(LE, c), c);
            with_unknown(data_set, c).file()
        }),
        ("encapsulated", |c| {
            let comment = c.pixels("COM of the picture");
            let picture = jpeg(&[(0xFE, comment.as_bytes())]);
            image_in(LE, c).encapsulated(JPEG, &[picture])
        }),
        ("deflated", |c| {
            with_sequences(image_in(LE, c), c).deflated()
        }),
        ("implicit", |c| {
            with_sequences(image_in(Form::Implicit, c), c).file()
        }),
        ("big-endian", |c| {
            with_sequences(image_in(Form::Big, c), c).file()
        }),
    ];
    let numbered = builds.into_iter().enumerate();
    numbered
        .map(|(n, (name, build))| {
            let mut c = Canaries::new(90, n);
            let bytes = build(&mut c);
            let canaries = c.planted();
            Whole {
                name,
                bytes,
                canaries,
            }
        })
        .collect()
}

fn engine() -> Engine {
    Engine::new(
        load("basic", &Overrides::default()).unwrap(),
        Pseudonyms::new(&Key::random().unwrap(), ""),
        Limits::default(),
    )
}

/// Cleans a file as a run does; `None` where nothing would be written.
fn clean(engine: &Engine, bytes: &[u8], detail: Detail) -> Option<(Plan, Vec<u8>)> {
    let source = BytesSource(bytes);
    let plan = engine.plan(&source, detail).ok()?;
    if plan.is_dicomdir {
        return None;
    }
    let out = to_bytes(&plan, &source, engine.limits()).ok()?;
    Some((plan, out))
}

/// What is wrong with the output of a damaged file.
fn fault(engine: &Engine, bytes: &[u8], tokens: &[(Vec<u8>, Kind)]) -> Option<String> {
    let Ok(cleaned) = catch_unwind(AssertUnwindSafe(|| clean(engine, bytes, Detail::Edits))) else {
        return Some("a panic".to_owned());
    };
    let (plan, out) = cleaned?;
    if !parses(&out) {
        return Some("the output does not parse".to_owned());
    }
    let other = |bytes: &[u8]| matches!(catch_unwind(|| another_reads(bytes)), Ok(true));
    if other(bytes) && !other(&out) && has_whole_numbers(&plan, bytes) {
        return Some("another reader does not read the output".to_owned());
    }
    let held = !plan.held_by.is_empty();
    let leaked = tokens.iter().find(|(token, kind)| {
        holds(&out, &plan, token)
            && !(held && *kind == Kind::Pixels)
            && !stands_by_rule(engine, bytes, token)
    });
    leaked.map(|(token, _)| format!("a leak of {}", String::from_utf8_lossy(token)))
}

fn holds(out: &[u8], plan: &Plan, token: &[u8]) -> bool {
    let found = |bytes: &[u8]| memchr::memmem::find(bytes, token).is_some();
    found(out) || plan.part10.deflated && found(&data_set(out))
}

/// The data set of a file, inflated where it is deflated.
fn data_set(bytes: &[u8]) -> Vec<u8> {
    let (source, limits) = (BytesSource(bytes), Limits::default());
    let opened = part10::open(&source, &limits).unwrap();
    let read = |source: &dyn ReadAt, from: u64| {
        let mut out = vec![0; usize::try_from(source.len() - from).unwrap()];
        source.read_exact_at(&mut out, from).unwrap();
        out
    };
    if opened.deflated {
        let inflated = InflatedSource::new(&source, opened.data_set_at, &limits).unwrap();
        read(&inflated, 0)
    } else {
        read(&source, opened.data_set_at)
    }
}

/// The damage made the token a part of something that names nobody by its tag, and that the plan lets stand.
fn stands_by_rule(engine: &Engine, bytes: &[u8], token: &[u8]) -> bool {
    let Some((plan, _)) = clean(engine, bytes, Detail::Steps) else {
        return false;
    };
    let stays = |path: &str| {
        let of_path = plan.steps.iter().filter(|step| step.path == path);
        of_path
            .into_iter()
            .any(|step| matches!(step.action, "keep" | "clean"))
    };
    places(&plan, bytes, token)
        .iter()
        .any(|place| !IDENTIFYING.contains(&place.tag) && stays(&place.to_string()))
}

/// Elements of the input whose values hold the token.
fn places(plan: &Plan, bytes: &[u8], token: &[u8]) -> Vec<ElementPath> {
    let data_set = data_set(bytes);
    let source = BytesSource(&data_set);
    let mut walker = Walker::new(&source, plan.part10.encoding, 0, Limits::default());
    let (mut found, mut fragments_of) = (Vec::new(), None);
    while let Ok(Some(event)) = walker.next_event() {
        let (element, tag) = match event {
            Event::Element(element) => (element, element.tag),
            Event::FragmentsStart(element) => {
                fragments_of = Some(element.tag);
                continue;
            }
            Event::Fragment(element) => (element, fragments_of.unwrap_or(element.tag)),
            _ => continue,
        };
        let value = walker.value(&element).unwrap();
        if memchr::memmem::find(value, token).is_some() {
            let steps = walker.path().into();
            found.push(ElementPath { steps, tag });
        }
    }
    found
}

/// Every value of a binary VR has the length of some numbers.
fn has_whole_numbers(plan: &Plan, bytes: &[u8]) -> bool {
    let data_set = data_set(bytes);
    let source = BytesSource(&data_set);
    let mut walker = Walker::new(&source, plan.part10.encoding, 0, Limits::default());
    while let Ok(Some(event)) = walker.next_event() {
        let Event::Element(element) = event else {
            continue;
        };
        let size = match element.vr {
            VR::US | VR::SS | VR::OW => 2,
            VR::UL | VR::SL | VR::FL | VR::AT | VR::OF | VR::OL => 4,
            VR::FD | VR::SV | VR::UV | VR::OD | VR::OV => 8,
            _ => 1,
        };
        if element.length.unwrap_or(0) % size != 0 {
            return false;
        }
    }
    true
}

/// Tokens of a file after the byte at `at` became `to`.
fn tokens(whole: &Whole, change: Option<(usize, u8)>) -> Vec<(Vec<u8>, Kind)> {
    let of = |canary: &Canary| {
        let mut token = canary.token.clone().into_bytes();
        let from = memchr::memmem::find(&whole.bytes, &token);
        if let (Some(from), Some((at, to))) = (from, change)
            && let Some(byte) = at.checked_sub(from).and_then(|n| token.get_mut(n))
        {
            *byte = to;
        }
        (token, canary.kind)
    };
    whole.canaries.iter().map(of).collect()
}

/// Runs so many numbered cases on all cores; what is wrong, at most a few.
fn all_of(cases: usize, case: impl Fn(usize) -> Option<String> + Sync) -> Vec<String> {
    let (next, bad) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= cases || bad.lock().unwrap().len() > 40 {
                        break;
                    }
                    if let Some(fault) = case(n) {
                        bad.lock().unwrap().push(fault);
                    }
                }
            });
        }
    });
    bad.into_inner().unwrap()
}

/// Changes single bytes, one in `share` of all changes; how many.
fn change_bytes(whole: &Whole, share: usize) -> usize {
    let engine = engine();
    let cases = (whole.bytes.len() * 255).div_ceil(share);
    let bad = all_of(cases, |n| {
        let (at, by) = (n * share / 255, n * share % 255 + 1);
        let mut bytes = whole.bytes.clone();
        bytes[at] = bytes[at].wrapping_add(u8::try_from(by).unwrap());
        let tokens = tokens(whole, Some((at, bytes[at])));
        let fault = fault(&engine, &bytes, &tokens)?;
        let name = whole.name;
        Some(format!("{name}, byte {at} to {:#04x}: {fault}", bytes[at]))
    });
    assert!(bad.is_empty(), "{bad:#?}");
    cases
}

#[test]
fn undamaged_files_are_cleaned() {
    let engine = engine();
    for whole in files() {
        let tokens = tokens(&whole, None);
        assert_eq!(tokens.len(), whole.canaries.len());
        assert!(parses(&whole.bytes), "{}", whole.name);
        let cleaned = clean(&engine, &whole.bytes, Detail::Edits);
        assert!(cleaned.is_some(), "{}", whole.name);
        assert_eq!(
            fault(&engine, &whole.bytes, &tokens),
            None,
            "{}",
            whole.name
        );
    }
}

#[test]
fn no_prefix_of_a_file_leaks_or_breaks_anything() {
    let engine = engine();
    for whole in files() {
        let tokens = tokens(&whole, None);
        let bad = all_of(whole.bytes.len(), |n| {
            let fault = fault(&engine, &whole.bytes[..n], &tokens)?;
            Some(format!("{}, {n} bytes: {fault}", whole.name))
        });
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

#[test]
fn no_changed_byte_leaks_or_breaks_anything() {
    for whole in files() {
        change_bytes(&whole, SHARE);
    }
}

#[ignore = "takes minutes"]
#[test]
fn no_changed_byte_at_all_leaks_or_breaks_anything() {
    for whole in files() {
        let started = Instant::now();
        let cases = change_bytes(&whole, 1);
        println!("{}: {cases} in {:?}", whole.name, started.elapsed());
    }
}

/// The oracle is worth something only if it finds a leak.
#[test]
fn a_plan_that_keeps_everything_is_found_out() {
    let whole = &files()[0];
    let engine = Engine::new(
        load("keep-everything", &Overrides::default()).unwrap(),
        Pseudonyms::new(&Key::random().unwrap(), ""),
        Limits::default(),
    );
    let found = fault(&engine, &whole.bytes, &tokens(whole, None));
    assert!(found.is_some_and(|fault| fault.starts_with("a leak")));
}

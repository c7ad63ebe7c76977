//! Cleaning: an output parses with two readers, holds none of the file's own direct identifiers in any encoding, keeps its
//! pixel values, and is left as it is when it is cleaned again.

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::element::Encoding;
use dcmscrub::dicom::part10::{EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Part10};
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::{Element, Event};
use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::plan::{Detail, Engine};

use super::in_common::{
    LIMITS, PIXEL_DATA, data_set, element_of, engines, events, forms, value_of,
};

/// Attributes that name a person, wherever they stand (PS3.15 Table E.1-1, action code Z or X in every option).
const DIRECT: [Tag; 4] = [
    Tag(0x0010, 0x0010),
    Tag(0x0010, 0x0020),
    Tag(0x0010, 0x1001),
    Tag(0x0010, 0x1000),
];
/// What all names and numbers of the seeds begin with. A shorter or other value may be a word of the file by chance.
const MARK: &[u8] = b"CANARY";
/// From this length on they may not even be a part of a longer word.
const TELLING: usize = 8;

/// Cleans by each of the built-in profiles.
pub fn run(bytes: &[u8]) {
    for engine in engines() {
        clean(engine, bytes);
    }
}

/// Cleans by one profile and holds the output to its promises; gives the output.
pub fn clean(engine: &Engine, bytes: &[u8]) -> Option<Vec<u8>> {
    let source = BytesSource(bytes);
    let plan = engine.plan(&source, Detail::Edits).ok()?;
    if plan.is_dicomdir {
        return None;
    }
    // the last look may refuse what the plan overlooked: closed, and no output
    let out = to_bytes(&plan, &source, &LIMITS).ok()?;
    let (before, inside) = data_set(bytes).expect("it was planned");
    let (after, cleaned) = data_set(&out).expect("an output opens");
    let had = events(&before, &inside).expect("it was planned");
    let has = events(&after, &cleaned).expect("an output parses");
    if is_what_it_says(&after) {
        reads_with_another_reader(&out, &has);
    }
    no_canary(&canaries(&had, &inside), &out, &cleaned, &has);
    pixels_stay(&had, &inside, &has, &cleaned);
    // an input that holds its own pseudonyms, as the fuzzer finds them out, has them as identifiers the second time
    let holds = |needle: &[u8]| inside.windows(needle.len()).any(|window| window == needle);
    if !holds(b"2.25.") && !holds(plan.names.patient.as_bytes()) {
        again(engine, &out, &has);
    }
    Some(out)
}

/// Values of direct identifiers that bear the mark.
fn canaries(had: &[(usize, Event)], inside: &[u8]) -> Vec<String> {
    let direct = had.iter().filter_map(|(_, event)| match event {
        Event::Element(element) if DIRECT.contains(&element.tag) => Some(element),
        _ => None,
    });
    let mut found = Vec::new();
    for element in direct {
        let value = value_of(element, inside);
        for part in value.split(|byte| b"\\^= \0".contains(byte)) {
            let is_word = part
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
            if part.starts_with(MARK) && part.len() > MARK.len() + 1 && is_word {
                found.push(String::from_utf8_lossy(part).into_owned());
            }
        }
    }
    found
}

/// Outside pixel values none of them is left, in whatever form.
fn no_canary(canaries: &[String], out: &[u8], cleaned: &[u8], has: &[(usize, Event)]) {
    let mut text = cleaned.to_vec();
    let mut inside_pixels = false;
    for (depth, event) in has {
        match event {
            Event::Element(element) if element.tag == PIXEL_DATA => blank(&mut text, element),
            Event::FragmentsStart(element) => {
                inside_pixels = *depth == 0 && element.tag == PIXEL_DATA
            }
            Event::Fragment(element) if inside_pixels => blank(&mut text, element),
            _ => {}
        }
    }
    let head = &out[..out
        .len()
        .min(1024)
        .min(out.len().saturating_sub(cleaned.len()).max(132))];
    for canary in canaries {
        for form in forms(canary) {
            for (place, bytes) in [("the data set", text.as_slice()), ("front of it", head)] {
                assert!(!names(bytes, &form, canary), "{canary} is left in {place}");
            }
        }
    }
}

/// True when the form stands in the bytes, and that of a short or parted name as a word of its own.
fn names(bytes: &[u8], form: &[u8], canary: &str) -> bool {
    let whole = canary.len() >= TELLING && !canary.contains('-');
    let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut windows = bytes.windows(form.len()).enumerate();
    windows.any(|(at, window)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        window == form && (whole || !joins(before) && !joins(bytes.get(at + form.len())))
    })
}

fn blank(text: &mut [u8], element: &Element) {
    let at = usize::try_from(element.value_at).expect("inside");
    let length = usize::try_from(element.length.unwrap_or(0)).expect("inside");
    text[at..at + length].fill(0);
}

/// A data set in implicit VR under a compressed transfer syntax is read by pydicom, and by no reader that goes by the syntax.
fn is_what_it_says(part10: &Part10) -> bool {
    let plain = [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE].contains(&part10.transfer_syntax.as_str());
    plain || part10.encoding == Encoding::ExplicitLe
}

/// dicom-object reads an output, but for what it is known to stumble over, which is told in docs/reliability.md.
fn reads_with_another_reader(out: &[u8], has: &[(usize, Event)]) {
    if has.iter().any(|(_, event)| is_stumbled_over(event)) {
        return;
    }
    if let Err(e) = dicom_object::from_reader(out) {
        let mut reasons = Vec::new();
        let mut reason: Option<&dyn std::error::Error> = Some(&e);
        while let Some(e) = reason {
            reasons.push(e.to_string());
            reason = e.source();
        }
        let reasons = reasons.join(": ");
        // it does not know those of JPEG that were retired long ago
        let unknown = reasons.starts_with("Unrecognized transfer syntax");
        assert!(unknown, "no output for another reader: {reasons}");
    }
}

/// Numbers in binary whose length is no multiple of theirs, behind which it loses its place, and UN of undefined length, which
/// it does not read as implicit (PS3.5 section 6.2.2).
fn is_stumbled_over(event: &Event) -> bool {
    let element = match event {
        Event::SequenceStart(element) => return element.vr == Vr::UN && element.length.is_none(),
        Event::Element(element) => element,
        _ => return false,
    };
    let unit = match element.vr {
        Vr::US | Vr::SS | Vr::OW => 2,
        Vr::AT | Vr::FL | Vr::SL | Vr::UL | Vr::OF | Vr::OL => 4,
        Vr::FD | Vr::SV | Vr::UV | Vr::OD | Vr::OV => 8,
        _ => 1,
    };
    element.length.is_some_and(|length| length % unit != 0)
}

/// Native values are the same but for an excess that is cut; of encapsulated ones single bytes may have become zero.
fn pixels_stay(had: &[(usize, Event)], inside: &[u8], has: &[(usize, Event)], cleaned: &[u8]) {
    let before = pixels(had, inside);
    let after = pixels(has, cleaned);
    for (one, other) in before.iter().zip(&after) {
        assert!(other.len() <= one.len(), "pixel values that were not there");
        let same = one
            .iter()
            .zip(*other)
            .all(|(one, other)| one == other || *other == 0);
        assert!(same, "pixel values changed");
    }
    if before.len() != after.len() {
        assert!(after.len() < before.len(), "pixel values out of nothing");
    }
}

fn pixels<'b>(events: &[(usize, Event)], bytes: &'b [u8]) -> Vec<&'b [u8]> {
    let mut inside = false;
    let mut found = Vec::new();
    for (depth, event) in events {
        match event {
            Event::Element(element)
                if *depth == 0 && element.tag == PIXEL_DATA && element.vr != Vr::SQ =>
            {
                found.push(value_of(element, bytes));
            }
            Event::FragmentsStart(element) => inside = *depth == 0 && element.tag == PIXEL_DATA,
            Event::Fragment(element) if inside => found.push(value_of(element, bytes)),
            Event::FragmentsEnd(_) => inside = false,
            _ => {}
        }
    }
    found
}

/// Cleaned again, the output has the same data elements in the same places.
fn again(engine: &Engine, out: &[u8], has: &[(usize, Event)]) {
    let source = BytesSource(out);
    let plan = match engine.plan(&source, Detail::Edits) {
        Ok(plan) => plan,
        Err(e) => panic!("an output is refused: {e}"),
    };
    let twice = match to_bytes(&plan, &source, &LIMITS) {
        Ok(twice) => twice,
        Err(e) => panic!("an output cannot be cleaned: {e}"),
    };
    let (part10, cleaned) = data_set(&twice).expect("an output of an output opens");
    let then = events(&part10, &cleaned).expect("an output of an output parses");
    assert_eq!(shape(has), shape(&then), "cleaned twice, it changes");
}

fn shape(events: &[(usize, Event)]) -> Vec<(usize, Tag, Vr)> {
    let elements = events
        .iter()
        .filter_map(|(depth, event)| Some((*depth, element_of(event)?)));
    elements
        .map(|(depth, element)| (depth, element.tag, element.vr))
        .collect()
}

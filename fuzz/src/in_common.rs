//! What several targets stand on: engines, events of a walk, forms of a token.

use std::sync::OnceLock;

use dcmscrub::dicom::inflate::InflatedSource;
use dcmscrub::dicom::part10::{self, Part10};
use dcmscrub::dicom::source::{BytesSource, ReadAt};
use dcmscrub::dicom::walk::{Element, Event, Walker};
use dcmscrub::dicom::{Limits, ReadError, Tag};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::Engine;
use dcmscrub::profile::{Overrides, load};

/// Bounds that a fuzzer reaches: those of the tool are for files of gigabytes.
pub const LIMITS: Limits = Limits {
    depth: 64,
    elements: 100_000,
    inflated: 8 << 20,
    inflated_any_ratio: 1 << 20,
    inflated_ratio: 200,
    value: 1 << 20,
    edits: 4 << 20,
};

/// Profiles that the targets clean by.
const PROFILES: [&str; 3] = ["basic", "share", "research"];

/// An engine of a fixed key, by a profile.
pub fn engine_of(profile: &str) -> Engine {
    let rules = load(profile, &Overrides::default()).expect("a profile that is compiled in");
    Engine::new(
        rules,
        Pseudonyms::new(&Key::from_bytes([7; 32]), "fuzz"),
        LIMITS,
    )
}

/// The engines of the built-in profiles.
pub fn engines() -> &'static [Engine] {
    static ENGINES: OnceLock<Vec<Engine>> = OnceLock::new();
    ENGINES.get_or_init(|| PROFILES.iter().map(|name| engine_of(name)).collect())
}

/// An engine that changes nothing.
pub fn keep_everything() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine_of("keep-everything"))
}

/// The data set of a file: its bytes, inflated where they are deflated.
pub fn data_set(file: &[u8]) -> Result<(Part10, Vec<u8>), ReadError> {
    let source = BytesSource(file);
    let part10 = part10::open(&source, &LIMITS)?;
    let bytes = if part10.deflated {
        let inflated = InflatedSource::new(&source, part10.data_set_at, &LIMITS)?;
        let mut bytes = vec![0u8; usize::try_from(inflated.len()).expect("bounded")];
        inflated.read_exact_at(&mut bytes, 0)?;
        bytes
    } else {
        let at = usize::try_from(part10.data_set_at).expect("inside the file");
        file[at..].to_vec()
    };
    Ok((part10, bytes))
}

/// What a walk meets: the element or the delimiter, and how deep.
pub fn events(part10: &Part10, bytes: &[u8]) -> Result<Vec<(usize, Event)>, ReadError> {
    let source = BytesSource(bytes);
    let mut walker = Walker::new(&source, part10.encoding, 0, LIMITS);
    let mut met = Vec::new();
    while let Some(event) = walker.next_event()? {
        met.push((walker.path().len(), event));
    }
    Ok(met)
}

/// The element of an event that begins something.
pub fn element_of(event: &Event) -> Option<&Element> {
    match event {
        Event::Element(element)
        | Event::SequenceStart(element)
        | Event::ItemStart(element)
        | Event::FragmentsStart(element)
        | Event::Fragment(element) => Some(element),
        Event::ItemEnd(_)
        | Event::SequenceEnd(_)
        | Event::FragmentsEnd(_)
        | Event::Padding { .. } => None,
    }
}

/// The bytes of an element's value.
pub fn value_of<'b>(element: &Element, bytes: &'b [u8]) -> &'b [u8] {
    let at = usize::try_from(element.value_at).expect("inside");
    let length = usize::try_from(element.length.unwrap_or(0)).expect("inside");
    &bytes[at..at + length]
}

/// Pixel Data, whose values are nobody's name.
pub const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);

/// A token as it may stand in a file: bytes, UTF-16 of both orders, hexadecimal.
pub fn forms(token: &str) -> Vec<Vec<u8>> {
    vec![
        token.as_bytes().to_vec(),
        token.to_lowercase().into_bytes(),
        token.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        token.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        token
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into_bytes(),
    ]
}

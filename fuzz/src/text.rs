//! Character sets and cleaning of text: any bytes decode, what encodes decodes to itself, and no known name or number
//! survives in a cleaned text.

use dcmscrub::dicom::Vr;
use dcmscrub::dicom::charset::CharacterSet;
use dcmscrub::identity::known::{Kind, KnownIdentifiers, KnownIdentifiersBuilder};
use dcmscrub::identity::text::{DatesInText, Depth, How};

/// Values of (0008,0005) that are tried.
const SETS: [&str; 24] = [
    "",
    "ISO_IR 100",
    "ISO_IR 101",
    "ISO_IR 109",
    "ISO_IR 110",
    "ISO_IR 144",
    "ISO_IR 127",
    "ISO_IR 126",
    "ISO_IR 138",
    "ISO_IR 148",
    "ISO_IR 203",
    "ISO_IR 166",
    "ISO_IR 13",
    "ISO_IR 192",
    "GB18030",
    "GBK",
    "\\ISO 2022 IR 87",
    "ISO 2022 IR 13\\ISO 2022 IR 87",
    "\\ISO 2022 IR 149",
    "\\ISO 2022 IR 58",
    "ISO 2022 IR 100\\ISO 2022 IR 144",
    "\\ISO 2022 IR 159",
    "ISO 2022 IR 6\\ISO 2022 IR 100",
    "ISO_IR 999",
];
const FAMILY: &str = "Quillonberg";
const GIVEN: &str = "Ebbarina";
const NUMBER: &str = "QX-0815-7733";

/// Decodes, cuts and cleans.
pub fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let set = CharacterSet::parse(SETS[usize::from(*first) % SETS.len()].as_bytes());
    for vr in [Vr::PN, Vr::LO, Vr::LT, Vr::CS] {
        let decoded = set.decode(vr, rest);
        if let Some(encoded) = set.encode(&decoded.text)
            && vr == Vr::LO
            && !rest.contains(&0x1B)
        {
            assert_eq!(
                set.decode(vr, &encoded).text,
                decoded.text,
                "encoded and decoded, it is another text"
            );
        }
    }
    let parts: Vec<&[u8]> = set.split_values(rest).collect();
    assert!(parts.iter().map(|part| part.len()).sum::<usize>() <= rest.len());
    let text = set.decode(Vr::LT, rest).text;
    cleaned(&text);
    // the same with the patient in the middle, at a place of a character
    let middle = (text.len() / 2..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    for planted in [
        format!("{GIVEN} {FAMILY}"),
        format!("{FAMILY}^{GIVEN}"),
        NUMBER.to_owned(),
    ] {
        let (before, after) = text.split_at(middle);
        let out = cleaned(&format!("{before} {planted} {after}"));
        assert!(!stands_alone(&out, FAMILY), "a known name survives");
        assert!(!stands_alone(&out, NUMBER), "a known number survives");
    }
}

/// True when it is somewhere in the text, and no part of a longer word.
fn stands_alone(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !joins(before.chars().next_back()) && !joins(after.chars().next())
    })
}

fn known() -> &'static KnownIdentifiers {
    static KNOWN: std::sync::OnceLock<KnownIdentifiers> = std::sync::OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut builder = KnownIdentifiersBuilder::default();
        let name = format!("{FAMILY}^{GIVEN}");
        builder.add(Kind::Name, name.as_bytes(), &name);
        builder.add(Kind::Id, NUMBER.as_bytes(), NUMBER);
        builder.build()
    })
}

/// Cleans; what is clean stays as it is.
fn cleaned(text: &str) -> String {
    let how = |dates| How {
        depth: Depth::Full,
        dates,
        keeps_uids: false,
    };
    let clean = |text: &str, dates| known().clean_text(text, &how(dates));
    drop(clean(text, DatesInText::Shift(-77)));
    let out = clean(text, DatesInText::Cut).unwrap_or_else(|| text.to_owned());
    assert!(out.len() <= text.len(), "a cleaned text is longer");
    assert_eq!(
        clean(&out, DatesInText::Cut),
        None,
        "cleaned twice, it changes"
    );
    out
}

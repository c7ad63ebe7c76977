//! Cleaning of data sets that are drawn from bytes: they parse, so that the fuzzer spends its time behind the reader. One
//! patient's name and number stand in front, and copies of them wherever the bytes say.

use dcmscrub::dicom::element::{Encoding, encode, encode_header};
use dcmscrub::dicom::value::pad;
use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::standard::e1_1;

use super::clean::clean;
use super::in_common::engines;

const NAME: &str = "CANARYQUILLON^CANARYEBBA";
const NUMBER: &str = "CANARY-0815-77-4711";
const VRS: [Vr; 31] = [
    Vr::AE,
    Vr::AS,
    Vr::AT,
    Vr::CS,
    Vr::DA,
    Vr::DS,
    Vr::DT,
    Vr::FD,
    Vr::FL,
    Vr::IS,
    Vr::LO,
    Vr::LT,
    Vr::OB,
    Vr::OF,
    Vr::OW,
    Vr::PN,
    Vr::SH,
    Vr::SL,
    Vr::SS,
    Vr::ST,
    Vr::TM,
    Vr::UC,
    Vr::UI,
    Vr::UL,
    Vr::UN,
    Vr::UR,
    Vr::US,
    Vr::UT,
    Vr::LO,
    Vr::UN,
    Vr::ST,
];
const SYNTAXES: [(Encoding, &str); 3] = [
    (Encoding::ExplicitLe, "1.2.840.10008.1.2.1"),
    (Encoding::ImplicitLe, "1.2.840.10008.1.2"),
    (Encoding::ExplicitBe, "1.2.840.10008.1.2.2"),
];

/// Draws a file and cleans it by the profile that the bytes name.
pub fn run(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let profile = usize::from(draw.byte());
    let file = file(&mut draw);
    let engines = engines();
    drop(clean(&engines[profile % engines.len()], &file));
}

/// Bytes that are used up; zeros behind their end.
struct Draw<'b>(&'b [u8]);

impl Draw<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn some(&mut self, most: usize) -> Vec<u8> {
        let n = usize::from(self.byte()).min(most).min(self.0.len());
        let (some, rest) = self.0.split_at(n);
        self.0 = rest;
        some.to_vec()
    }
}

/// A whole file of Part 10.
pub fn file_of(bytes: &[u8]) -> Vec<u8> {
    let mut draw = Draw(bytes);
    draw.byte();
    file(&mut draw)
}

fn file(draw: &mut Draw<'_>) -> Vec<u8> {
    let (encoding, syntax) = SYNTAXES[usize::from(draw.byte()) % SYNTAXES.len()];
    let mut meta = Vec::new();
    let le = Encoding::ExplicitLe;
    for (tag, value) in [
        (Tag(2, 2), "1.2.840.10008.5.1.4.1.1.2"),
        (Tag(2, 3), "1.2.999.4.1"),
        (Tag(2, 0x10), syntax),
    ] {
        meta.extend(encode(le, tag, Vr::UI, &pad(Vr::UI, value.into())).expect("short"));
    }
    let mut out = vec![0u8; 128];
    out.extend(b"DICM");
    let length = u32::try_from(meta.len()).expect("short");
    out.extend(encode(le, Tag(2, 0), Vr::UL, &length.to_le_bytes()).expect("short"));
    out.extend(meta);
    let mut elements: Vec<(Tag, Vec<u8>)> = [
        (Tag(8, 0x16), Vr::UI, "1.2.840.10008.5.1.4.1.1.2"),
        (Tag(8, 0x18), Vr::UI, "1.2.999.4.1"),
        (Tag(8, 0x60), Vr::CS, "CT"),
        (Tag(0x10, 0x10), Vr::PN, NAME),
        (Tag(0x10, 0x20), Vr::LO, NUMBER),
        (Tag(0x20, 0x0D), Vr::UI, "1.2.999.4.2"),
    ]
    .into_iter()
    .filter_map(|(tag, vr, value)| Some((tag, encode(encoding, tag, vr, &pad(vr, value.into()))?)))
    .collect();
    elements.extend(item(draw, encoding, 0));
    elements.sort_by_key(|(tag, _)| *tag);
    out.extend(elements.into_iter().flat_map(|(_, bytes)| bytes));
    out
}

/// Data elements of one item. The depth is bounded by a handful, so that this may call itself.
fn item(draw: &mut Draw<'_>, encoding: Encoding, depth: usize) -> Vec<(Tag, Vec<u8>)> {
    let mut elements = Vec::new();
    for _ in 0..draw.byte() % 12 {
        let tag = tag(draw);
        if tag.group() < 8 || tag.group() >= 0xFFF0 {
            continue;
        }
        let kind = draw.byte();
        let encoded = if kind.is_multiple_of(5) && depth < 4 {
            sequence(draw, encoding, depth, tag, kind & 0x40 != 0)
        } else {
            let vr = VRS[usize::from(kind / 5) % VRS.len()];
            encode(encoding, tag, vr, &pad(vr, value(draw)))
        };
        if let Some(encoded) = encoded {
            elements.push((tag, encoded));
        }
    }
    elements.sort_by_key(|(tag, _)| *tag);
    elements
}

/// A listed attribute, one of any number, or a private one.
fn tag(draw: &mut Draw<'_>) -> Tag {
    match draw.byte() % 4 {
        0 | 1 => {
            let rows = e1_1::single_rows();
            rows[usize::from(draw.word()) % rows.len()].tag
        }
        2 => Tag(draw.word(), draw.word()),
        _ => {
            let group = 0x0009 + 2 * u16::from(draw.byte() % 16);
            let element = if draw.byte().is_multiple_of(3) {
                0x0010
            } else {
                0x1000 | u16::from(draw.byte())
            };
            Tag(group, element)
        }
    }
}

/// A value: bytes, or words of which some name the patient.
fn value(draw: &mut Draw<'_>) -> Vec<u8> {
    let (family, given) = NAME.split_once('^').expect("two parts");
    match draw.byte() % 8 {
        0 => draw.some(64),
        1 => NAME.into(),
        2 => NUMBER.into(),
        3 => [draw.some(16), family.into(), draw.some(16)].concat(),
        4 => format!("{given} {family}").into_bytes(),
        5 => [
            draw.some(16),
            b" ".to_vec(),
            NUMBER.into(),
            b" ".to_vec(),
            draw.some(16),
        ]
        .concat(),
        6 => NAME.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => format!("{}\\{family}", String::from_utf8_lossy(&draw.some(16))).into_bytes(),
    }
}

fn sequence(
    draw: &mut Draw<'_>,
    encoding: Encoding,
    depth: usize,
    tag: Tag,
    defined: bool,
) -> Option<Vec<u8>> {
    const UNDEFINED: u32 = 0xFFFF_FFFF;
    let header = |tag: Tag, length: u32| {
        [
            encoding.bytes16(tag.group()).to_vec(),
            encoding.bytes16(tag.element()).to_vec(),
            encoding.bytes32(length).to_vec(),
        ]
        .concat()
    };
    let mut items = Vec::new();
    for _ in 0..draw.byte() % 3 {
        let inside: Vec<u8> = item(draw, encoding, depth + 1)
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect();
        let length = u32::try_from(inside.len()).ok()?;
        items.extend(header(
            Tag(0xFFFE, 0xE000),
            if defined { length } else { UNDEFINED },
        ));
        items.extend(inside);
        if !defined {
            items.extend(header(Tag(0xFFFE, 0xE00D), 0));
        }
    }
    if !defined {
        items.extend(header(Tag(0xFFFE, 0xE0DD), 0));
    }
    let length = u32::try_from(items.len()).ok()?;
    let mut out = encode_header(
        encoding,
        tag,
        Vr::SQ,
        if defined { length } else { UNDEFINED },
    )?;
    out.extend(items);
    Some(out)
}

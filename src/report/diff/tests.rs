use std::io::Write;

use super::*;
use crate::dicom::element::{Encoding, encode};
use crate::dicom::source::BytesSource;
use crate::dicom::{Tag, Vr};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

type Elements<'e> = &'e [(u32, Vr, &'e [u8])];

fn bytes(encoding: Encoding, elements: Elements<'_>) -> Vec<u8> {
    let tag = |n: u32| {
        let [a, b, c, d] = n.to_be_bytes();
        Tag(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
    };
    let all = elements
        .iter()
        .map(|(n, vr, value)| encode(encoding, tag(*n), *vr, value).unwrap());
    all.collect::<Vec<_>>().concat()
}

fn file(syntax: &str, data_set: &[u8]) -> Vec<u8> {
    let padded = format!("{syntax}{}", "\0".repeat(syntax.len() % 2));
    let mut out = vec![0; 128];
    out.extend_from_slice(b"DICM");
    let syntax = bytes(
        Encoding::ExplicitLe,
        &[(0x0002_0010, Vr::UI, padded.as_bytes())],
    );
    let length = u32::try_from(syntax.len()).unwrap().to_le_bytes();
    out.extend(bytes(
        Encoding::ExplicitLe,
        &[(0x0002_0000, Vr::UL, &length)],
    ));
    out.extend(syntax);
    out.extend_from_slice(data_set);
    out
}

fn le(elements: Elements<'_>) -> Vec<u8> {
    file(EXPLICIT, &bytes(Encoding::ExplicitLe, elements))
}

fn compared(a: Vec<u8>, b: Vec<u8>, values: bool) -> Result<(Vec<Difference>, Sums), DiffError> {
    let how = How {
        limits: Limits::default(),
        values,
        spill: std::env::temp_dir(),
    };
    let mut found = Vec::new();
    let sums = diff(&BytesSource(a), &BytesSource(b), &how, |difference| {
        found.push(difference.clone());
        Ok(())
    })?;
    Ok((found, sums))
}

fn lines(a: Vec<u8>, b: Vec<u8>) -> Vec<String> {
    let (found, _) = compared(a, b, false).unwrap();
    found
        .iter()
        .filter(|one| !one.path.starts_with("(0002,"))
        .map(Difference::to_text)
        .collect()
}

fn lines_with_values(a: Vec<u8>, b: Vec<u8>) -> Vec<String> {
    let (found, _) = compared(a, b, true).unwrap();
    found.iter().map(Difference::to_text).collect()
}

#[test]
fn each_kind_of_difference_is_told_by_its_place_and_no_value() {
    let a = le(&[
        (0x0008_0020, Vr::DA, b"20240101"),
        (0x0008_1030, Vr::LO, b"same"),
        (0x0010_0010, Vr::PN, b"DOE^JANE"),
        (0x0010_0040, Vr::CS, b"F "),
        (0x0018_9074, Vr::DT, b"20240101"),
    ]);
    let b = le(&[
        (0x0008_0020, Vr::DA, b"20200202"),
        (0x0008_1030, Vr::LO, b"same"),
        (0x0010_0040, Vr::CS, b""),
        (0x0012_0062, Vr::CS, b"YES "),
        (0x0018_9074, Vr::DA, b"20240101"),
    ]);
    assert_eq!(
        lines(a.clone(), b.clone()),
        [
            "~ (0008,0020) DA StudyDate <8 bytes> -> <8 bytes>",
            "- (0010,0010) PN PatientName <8 bytes>",
            "~ (0010,0040) CS PatientSex <2 bytes> -> <empty>",
            "+ (0012,0062) CS PatientIdentityRemoved <4 bytes>",
            "~ (0018,9074) DT -> DA FrameAcquisitionDateTime <8 bytes>",
        ]
    );
    let (found, sums) = compared(a.clone(), b, false).unwrap();
    assert_eq!(sums.to_text(), "1 removed, 1 added, 3 changed, 3 the same");
    let json = serde_json::to_string(&found).unwrap();
    assert!(!json.contains("DOE") && !json.contains("2024"), "{json}");
    assert_eq!(
        serde_json::to_string(&found[0]).unwrap(),
        r#"{"kind":"changed","path":"(0008,0020)","keyword":"StudyDate","differs":["value"],"a":{"vr":"DA","bytes":8},"b":{"vr":"DA","bytes":8}}"#
    );
    let (found, sums) = compared(a.clone(), a, false).unwrap();
    assert!(found.is_empty() && sums.is_same());
    assert_eq!(sums.to_text(), "nothing differs, 7 the same");
}

#[test]
fn values_are_shown_where_asked_for_escaped_and_cut() {
    let long = "x".repeat(2000);
    let a = le(&[
        (0x0008_1030, Vr::LO, b"a\x1b[2Jb"),
        (0x0008_103E, Vr::LO, b"one"),
        (0x0010_4000, Vr::LT, long.as_bytes()),
        (0x0028_0010, Vr::US, &[0, 2]),
        (0x0029_1010, Vr::OB, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ]);
    let b = le(&[(0x0008_103E, Vr::LO, b"two ")]);
    let cut = format!(
        "- (0010,4000) LT PatientComments \"{}\"... <2,000 bytes>",
        "x".repeat(80)
    );
    assert_eq!(
        lines_with_values(a, b),
        [
            "- (0008,1030) LO StudyDescription \"a\\u{1b}[2Jb\"",
            "~ (0008,103E) LO SeriesDescription \"one\" -> \"two\"",
            &cut,
            "- (0028,0010) US Rows 512",
            "- (0029,1010) OB 01 02 03 04 05 06 07 08... <10 bytes>",
        ]
    );
}

#[test]
fn padding_character_sets_and_byte_orders_are_no_difference() {
    let latin = le(&[
        (0x0008_0005, Vr::CS, b"ISO_IR 100"),
        (0x0010_0010, Vr::PN, b"M\xFCller "),
        (0x0018_0050, Vr::DS, b"1.5 "),
    ]);
    let utf8 = le(&[
        (0x0008_0005, Vr::CS, b"ISO_IR 192"),
        (0x0010_0010, Vr::PN, "Müller".as_bytes()),
        (0x0018_0050, Vr::DS, b"1.5"),
    ]);
    assert_eq!(
        lines(latin.clone(), utf8),
        ["~ (0008,0005) CS SpecificCharacterSet <10 bytes> -> <10 bytes>"]
    );
    // the same bytes in another character set are another text
    let greek = le(&[
        (0x0008_0005, Vr::CS, b"ISO_IR 126"),
        (0x0010_0010, Vr::PN, b"M\xFCller "),
        (0x0018_0050, Vr::DS, b"1.5 "),
    ]);
    assert_eq!(lines(latin, greek).len(), 2);

    let numbers = |encoding: Encoding| {
        let (one, two) = (encoding.bytes16(512), encoding.bytes32(70_000));
        let double: [u8; 8] = match encoding {
            Encoding::ExplicitBe => 2.5f64.to_be_bytes(),
            Encoding::ExplicitLe | Encoding::ImplicitLe => 2.5f64.to_le_bytes(),
        };
        let pixels: Vec<u8> = (1..60_000).flat_map(|n| encoding.bytes16(n)).collect();
        bytes(
            encoding,
            &[
                (0x0018_6022, Vr::SL, &two),
                (0x0018_9073, Vr::FD, &double),
                (0x0028_0010, Vr::US, &one),
                (0x7FE0_0010, Vr::OW, &pixels),
            ],
        )
    };
    let forms = [
        file(EXPLICIT, &numbers(Encoding::ExplicitLe)),
        file(IMPLICIT, &numbers(Encoding::ImplicitLe)),
        file(BIG, &numbers(Encoding::ExplicitBe)),
        {
            let mut packed =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&numbers(Encoding::ExplicitLe)).unwrap();
            file(DEFLATED, &packed.finish().unwrap())
        },
    ];
    for a in &forms {
        for b in &forms {
            assert_eq!(lines(a.clone(), b.clone()), Vec::<String>::new());
        }
    }
    let mut other = numbers(Encoding::ExplicitBe);
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(lines(forms[0].clone(), file(BIG, &other)).len(), 1);
}

#[test]
fn private_data_elements_are_the_same_in_another_block_and_duplicates_are_paired_in_order() {
    let a = le(&[
        (0x0029_0010, Vr::LO, b"ACME"),
        (0x0029_0011, Vr::LO, b"OTHER "),
        (0x0029_1001, Vr::LO, b"of acme "),
        (0x0029_1101, Vr::LO, b"of other"),
    ]);
    let b = le(&[
        (0x0029_0010, Vr::LO, b"OTHER "),
        (0x0029_0022, Vr::LO, b"ACME"),
        (0x0029_1001, Vr::LO, b"of other"),
        (0x0029_2201, Vr::LO, b"of acme "),
    ]);
    assert_eq!(lines(a.clone(), b), Vec::<String>::new());
    let swapped = le(&[
        (0x0029_0010, Vr::LO, b"OTHER "),
        (0x0029_0011, Vr::LO, b"ACME"),
        (0x0029_1001, Vr::LO, b"of acme "),
        (0x0029_1101, Vr::LO, b"of other"),
    ]);
    assert_eq!(
        lines(a, swapped),
        [
            "~ (0029,1001) LO <8 bytes> -> <8 bytes>",
            "~ (0029,1101) LO <8 bytes> -> <8 bytes>"
        ]
    );
    let twice = le(&[
        (0x0010_0010, Vr::PN, b"ONE "),
        (0x0010_0010, Vr::PN, b"TWO "),
    ]);
    let once = le(&[(0x0010_0010, Vr::PN, b"ONE ")]);
    assert_eq!(
        lines(twice, once),
        ["- (0010,0010) PN PatientName <4 bytes>"]
    );
}

#[test]
fn items_are_gone_into_at_every_depth_and_counted() {
    let le_bytes = |elements: Elements<'_>| bytes(Encoding::ExplicitLe, elements);
    let item = |inside: &[u8]| {
        let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
        [&[0xFE, 0xFF, 0, 0xE0][..], &length, inside].concat()
    };
    // a private sequence inside an item, in a block that moves
    let private = |creator: u32, sequence: u32, value: &[u8]| {
        let inside = item(&le_bytes(&[(0x0010_0020, Vr::LO, value)]));
        le_bytes(&[(creator, Vr::LO, b"ACME"), (sequence, Vr::SQ, &inside)])
    };
    let one = item(&private(0x0029_0010, 0x0029_1033, b"P1"));
    let moved = item(&private(0x0029_00AA, 0x0029_AA33, b"P2"));
    let a = le(&[(0x0040_A730, Vr::SQ, &[one.clone(), one].concat())]);
    let b = le(&[(0x0040_A730, Vr::SQ, &moved)]);
    assert_eq!(
        lines(a, b),
        [
            "~ (0040,A730) SQ ContentSequence <2 items> -> <1 item>",
            "~ (0040,A730)[0].(0029,xx33)[0].(0010,0020) LO PatientID <2 bytes> -> <2 bytes>",
            "- (0040,A730)[1].(0029,0010) LO <4 bytes>",
            "- (0040,A730)[1].(0029,1033) SQ <1 item>",
            "- (0040,A730)[1].(0029,xx33)[0].(0010,0020) LO PatientID <2 bytes>",
        ]
    );
}

#[test]
fn order_and_length_forms_are_no_difference_and_the_preamble_is() {
    let sorted = le(&[
        (0x0008_0020, Vr::DA, b"20240101"),
        (0x0010_0020, Vr::LO, b"P1"),
    ]);
    let turned = le(&[
        (0x0010_0020, Vr::LO, b"P1"),
        (0x0008_0020, Vr::DA, b"20240101"),
    ]);
    assert_eq!(lines(sorted.clone(), turned), Vec::<String>::new());
    let mut with_words = sorted.clone();
    with_words[..4].copy_from_slice(b"JANE");
    assert_eq!(lines(with_words, sorted), ["- preamble <128 bytes>"]);
}

#[test]
fn encapsulated_data_are_compared_fragment_by_fragment() {
    let encapsulated = |fragments: &[&[u8]]| {
        let mut out = b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF".to_vec();
        for fragment in fragments {
            out.extend_from_slice(&[0xFE, 0xFF, 0, 0xE0]);
            out.extend_from_slice(&u32::try_from(fragment.len()).unwrap().to_le_bytes());
            out.extend_from_slice(fragment);
        }
        out.extend_from_slice(b"\xFE\xFF\xDD\xE0\0\0\0\0");
        file("1.2.840.10008.1.2.4.50", &out)
    };
    let one = encapsulated(&[b"", b"abcd"]);
    assert_eq!(lines(one.clone(), one.clone()), Vec::<String>::new());
    assert_eq!(
        lines(one.clone(), encapsulated(&[b"", b"ab", b"cd"])),
        ["~ (7FE0,0010) OB PixelData <2 fragments, 4 bytes> -> <3 fragments, 4 bytes>"]
    );
    assert_eq!(lines(one, encapsulated(&[b"", b"abce"])).len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_refused_by_its_name() {
    let good = le(&[(0x0010_0020, Vr::LO, b"P1")]);
    let mut cut = le(&[
        (0x0008_0020, Vr::DA, b"20240101"),
        (0x0010_0020, Vr::LO, b"P1"),
    ]);
    cut.truncate(cut.len() - 1);
    assert!(matches!(
        compared(good.clone(), cut.clone(), false),
        Err(DiffError::Read(Which::B, ReadError::Damaged { .. }))
    ));
    assert!(matches!(
        compared(cut, good.clone(), false),
        Err(DiffError::Read(Which::A, _))
    ));
    assert!(matches!(
        compared(good, b"no DICOM at all".to_vec(), false),
        Err(DiffError::Read(Which::B, ReadError::NotDicom))
    ));
}

#[test]
fn long_texts_are_compared_without_their_padding() {
    let long = |end: &[u8]| {
        let text = [vec![b'x'; 3 << 20], end.to_vec()].concat();
        le(&[(0x0040_A160, Vr::UT, &text)])
    };
    assert_eq!(lines(long(b"ab"), long(b"ab ")), Vec::<String>::new());
    assert_eq!(lines(long(b"ab"), long(b"ac")).len(), 1);
}

use std::fs::File;

use super::*;
use crate::dicom::element::{Encoding, encode};
use crate::dicom::source::FileSource;
use crate::dicom::value::pad;
use crate::dicom::{Tag, Vr};
use crate::identity::key::Key;
use crate::identity::pseudonym::Pseudonyms;
use crate::plan::{Detail, Engine};
use crate::profile::{Overrides, load};

const NAME: &str = "QUILLONBERG^EBBA";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

fn engine() -> Engine {
    let rules = load("basic", &Overrides::default()).unwrap();
    let pseudonyms = Pseudonyms::new(&Key::from_bytes([7; 32]), "");
    Engine::new(rules, pseudonyms, Limits::default())
}

fn element(tag: Tag, vr: Vr, value: &[u8]) -> Vec<u8> {
    encode(Encoding::ExplicitLe, tag, vr, &pad(vr, value.to_vec())).unwrap()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    let mut out = out.finish().unwrap();
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

/// A file of a patient with one row of so many pixels.
fn file(syntax: &str, pixels: usize) -> Vec<u8> {
    let mut meta = element(Tag(2, 2), Vr::UI, b"1.2.840.10008.5.1.4.1.1.2");
    meta.extend(element(Tag(2, 3), Vr::UI, b"1.2.999.7.1"));
    meta.extend(element(Tag(2, 0x10), Vr::UI, syntax.as_bytes()));
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    let length = u32::try_from(meta.len()).unwrap().to_le_bytes();
    out.extend(element(Tag(2, 0), Vr::UL, &length));
    out.extend(meta);
    let mut data_set = Vec::new();
    for (tag, vr, value) in [
        (
            Tag(8, 0x16),
            Vr::UI,
            b"1.2.840.10008.5.1.4.1.1.2".as_slice(),
        ),
        (Tag(8, 0x18), Vr::UI, b"1.2.999.7.1"),
        (Tag(8, 0x60), Vr::CS, b"CT"),
        (Tag(0x10, 0x10), Vr::PN, NAME.as_bytes()),
        (Tag(0x10, 0x20), Vr::LO, b"QX-0815-77"),
    ] {
        data_set.extend(element(tag, vr, value));
    }
    for (tag, value) in [
        (2, 1),
        (0x10, 1),
        (0x11, pixels),
        (0x100, 8),
        (0x101, 8),
        (0x102, 7),
        (0x103, 0),
    ] {
        let value = u16::try_from(value).unwrap_or(1);
        data_set.extend(element(Tag(0x28, tag), Vr::US, &value.to_le_bytes()));
    }
    let values: Vec<u8> = (0..pixels)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    data_set.extend(element(Tag(0x7FE0, 0x10), Vr::OB, &values));
    match syntax {
        DEFLATED => out.extend(deflated(&data_set)),
        _ => out.extend(data_set),
    }
    out
}

/// What a run would write of a file: bytes, and what the last look has to know.
fn cleaned(syntax: &str) -> (Plan, Written, Vec<u8>) {
    let bytes = BytesSource(file(syntax, 100));
    let plan = engine().plan(&bytes, Detail::Edits).unwrap();
    let mut out = Vec::new();
    let written = apply(&plan, &bytes, &Limits::default(), &mut out).unwrap();
    (plan, written, out)
}

fn look(plan: &Plan, written: &Written, out: &[u8]) -> Result<(), LookError> {
    last_look(plan, written, &BytesSource(out), &Limits::default())
}

#[test]
fn the_last_look_finds_a_name_wherever_it_stands() {
    let (plan, written, out) = cleaned(EXPLICIT);
    look(&plan, &written, &out).unwrap();
    // in front of the data set
    let mut front = out.clone();
    front[10..16].copy_from_slice(b"kQuill");
    look(&plan, &written, &front).unwrap();
    front[10..21].copy_from_slice(b"Quillonberg");
    assert!(matches!(
        look(&plan, &written, &front),
        Err(LookError::Identifier { at: 10 })
    ));
    // behind it, at every place of the pieces that it is read in
    for before in [
        0usize,
        CHUNK - 30,
        CHUNK - 12,
        CHUNK - 11,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK - 5,
    ] {
        let mut value = vec![b' '; before];
        value.extend(b"quillonberg");
        let mut long = out.clone();
        long.extend(element(Tag(0x7FE1, 0x1010), Vr::UT, &value));
        let expected =
            u64::try_from(long.len() - pad(Vr::UT, value.clone()).len() + before).unwrap();
        match look(&plan, &written, &long) {
            Err(LookError::Identifier { at }) => assert_eq!(at, expected),
            other => panic!("{before}: {other:?}"),
        }
    }
}

#[test]
fn the_last_look_reads_deflated_outputs_and_refuses_what_does_not_parse() {
    let (plan, written, out) = cleaned(DEFLATED);
    look(&plan, &written, &out).unwrap();
    let head = out[..usize::try_from(written.head).unwrap()].to_vec();
    let mut named = head.clone();
    named.extend(deflated(&element(
        Tag(0x10, 0x4000),
        Vr::LT,
        b"for Quillonberg",
    )));
    let length = |n| Written {
        passed_over: Vec::new(),
        inflated: Some(n),
        ..written.clone()
    };
    let found = look(&plan, &length(24), &named);
    assert!(
        matches!(found, Err(LookError::Identifier { at: 12 })),
        "{found:?}"
    );
    // the stream has more than was put into it, or less
    let mut other = head.clone();
    other.extend(deflated(
        &element(Tag(0x10, 0x4000), Vr::LT, b"nothing ").repeat(2),
    ));
    assert!(look(&plan, &length(32), &other).is_ok());
    for n in [0, 16, 31, 33] {
        let found = look(&plan, &length(n), &other);
        assert!(
            matches!(found, Err(LookError::Unreadable(_))),
            "{n}: {found:?}"
        );
    }
    let mut broken = head;
    broken.extend(deflated(
        &element(Tag(0x10, 0x4000), Vr::LT, b"nothing")[..9],
    ));
    assert!(matches!(
        look(&plan, &written, &broken),
        Err(LookError::Unreadable(_))
    ));
    let (plan, written, out) = cleaned(EXPLICIT);
    assert!(matches!(
        look(&plan, &written, &out[..out.len() - 3]),
        Err(LookError::Unreadable(_))
    ));
}

#[test]
fn what_is_passed_over_are_the_programs_own_bytes_and_pixels() {
    let (plan, written, out) = cleaned(EXPLICIT);
    let data_set = &out[usize::try_from(written.head).unwrap()..];
    let over: Vec<&[u8]> = written
        .passed_over
        .iter()
        .map(|(start, end)| {
            &data_set[usize::try_from(*start).unwrap()..usize::try_from(*end).unwrap()]
        })
        .collect();
    assert!(over.windows(2).all(|two| two[0].as_ptr() < two[1].as_ptr()));
    let code = plan.names.patient.as_bytes();
    assert!(
        over.iter()
            .any(|span| span.windows(code.len()).any(|part| part == code)),
        "the code of the patient"
    );
    let pixels: Vec<u8> = (0..100).collect();
    assert!(over.contains(&pixels.as_slice()), "the pixels");
    assert!(
        !over.iter().any(|span| span.starts_with(b"CT")),
        "what is the file's own"
    );
}

#[test]
fn a_file_is_written_as_memory_is_in_short_and_in_long_spans() {
    for (syntax, pixels) in [
        (EXPLICIT, 100),
        (EXPLICIT, 700_000),
        (DEFLATED, 400_000),
        (DEFLATED, 3_000_000),
    ] {
        let bytes = file(syntax, pixels);
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(&bytes).unwrap();
        let source = FileSource::new(input).unwrap();
        let plan = engine().plan(&source, Detail::Edits).unwrap();
        let expected = to_bytes(&plan, &BytesSource(&bytes), &Limits::default()).unwrap();
        let output = tempfile::tempfile().unwrap();
        let mut sink = FileSink::new(&output);
        let written = apply(&plan, &source, &Limits::default(), &mut sink).unwrap();
        let digest = sink.digest().unwrap();
        let written_bytes = read_all(&output);
        assert!(written_bytes == expected, "{syntax} {pixels}");
        assert_eq!(written_bytes.len() % 2, 0);
        assert_eq!(digest, blake3::hash(&expected).to_hex().to_string());
        last_look(
            &plan,
            &written,
            &FileSource::new(output).unwrap(),
            &Limits::default(),
        )
        .unwrap();
    }
}

#[test]
fn bytes_come_in_the_order_in_which_they_were_written_and_the_buffer_stays_small() {
    let output = tempfile::tempfile().unwrap();
    let mut sink = FileSink::new(&output);
    let mut expected = Vec::new();
    let lengths = [
        3,
        PIECE,
        5,
        PIECE - 5,
        1,
        PIECE + 1,
        2 * PIECE,
        PIECE - 1,
        2,
        0,
    ];
    for (round, n) in lengths.into_iter().enumerate() {
        let piece = vec![u8::try_from(round).unwrap(); n];
        if round % 2 == 0 {
            sink.write_all(&piece).unwrap();
        } else {
            let source = BytesSource([b"in front".as_slice(), &piece].concat());
            sink.take_from(&source, 8, piece.len() as u64).unwrap();
        }
        assert_eq!(sink.buffer.len(), PIECE);
        expected.extend(piece);
    }
    let digest = sink.digest().unwrap();
    assert!(read_all(&output) == expected);
    assert_eq!(digest, blake3::hash(&expected).to_hex().to_string());
}

#[test]
fn a_file_that_is_not_as_long_as_what_was_written_has_no_digest() {
    for length in [0, 9, 11] {
        let output = tempfile::tempfile().unwrap();
        let mut sink = FileSink::new(&output);
        sink.write_all(&[7; 10]).unwrap();
        sink.flush().unwrap();
        output.set_len(length).unwrap();
        assert!(sink.digest().is_err(), "{length}");
    }
}

#[test]
fn a_write_that_fails_is_an_error_in_whichever_piece_it_fails() {
    let file_of = |pixels| {
        let bytes = file(EXPLICIT, pixels);
        let plan = engine().plan(&BytesSource(&bytes), Detail::Edits).unwrap();
        (bytes, plan)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    tempfile::NamedTempFile::new_in(folder.path())
        .unwrap()
        .persist(&path)
        .unwrap();
    for pixels in [100, 700_000] {
        let (bytes, plan) = file_of(pixels);
        // not open for writing
        let output = File::open(&path).unwrap();
        let mut sink = FileSink::new(&output);
        let copied = apply(&plan, &BytesSource(&bytes), &Limits::default(), &mut sink);
        assert!(matches!(copied, Err(ApplyError::Io(_))), "{pixels}");
    }
}

#[test]
fn a_deflated_stream_has_an_even_length_in_however_many_pieces_it_is_given() {
    for n in (300_000..300_032u32).step_by(2) {
        let bytes: Vec<u8> = (0..n)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let mut out = Vec::new();
        let mut deflating = Deflating::new(&mut out);
        for piece in bytes.chunks(70_000) {
            deflating.write_all(piece).unwrap();
        }
        assert_eq!(deflating.finish().unwrap(), u64::from(n));
        assert_eq!(out.len() % 2, 0, "{n}");
        let out = BytesSource(out);
        let inflated = InflatedSource::new(&out, 0, &Limits::default()).unwrap();
        let mut back = vec![0; bytes.len()];
        inflated.read_exact_at(&mut back, 0).unwrap();
        assert!(back == bytes && inflated.len() == u64::from(n));
    }
}

fn read_all(file: &File) -> Vec<u8> {
    let source = FileSource::new(file.try_clone().unwrap()).unwrap();
    let mut bytes = vec![0; usize::try_from(source.len()).unwrap()];
    source.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

#[test]
fn a_source_that_ends_too_early_is_an_error() {
    let bytes = file(EXPLICIT, 700_000);
    let plan = engine().plan(&BytesSource(&bytes), Detail::Edits).unwrap();
    for length in [bytes.len() - 1, bytes.len() - 500_000] {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(&bytes[..length]).unwrap();
        struct Longer(FileSource, u64);
        impl ReadAt for Longer {
            fn len(&self) -> u64 {
                self.1
            }
            fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
                self.0.read_at(buf, at)
            }
        }
        let said = u64::try_from(bytes.len()).unwrap();
        let source = Longer(FileSource::new(input).unwrap(), said);
        let output = tempfile::tempfile().unwrap();
        let copied = apply(
            &plan,
            &source,
            &Limits::default(),
            &mut FileSink::new(&output),
        );
        assert!(matches!(copied, Err(ApplyError::Io(_))), "{length}");
    }
}

//! Small files that want much memory or time.

use std::io::Write;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use flate2::write::DeflateEncoder;
use flate2::{Compression, FlushCompress};

use super::bytes::{DEFLATED, EXPLICIT, Form, LE, deflate, meta, part10};
use super::case::Expect::{Either, Refuse};
use super::case::{Case, List, image, image_in};

const MIB: usize = 1 << 20;

pub fn cases() -> Vec<Case> {
    let mut list = List::new("bombs", 9);
    deflated(&mut list);
    numbers(&mut list);
    list.cases
}

/// A stream of `first` and then so many MiB of zeros.
fn stream_of_zeros(first: &[u8], mib: usize) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(first).unwrap();
    out.flush().unwrap();
    let mut stream = out.get_ref().clone();
    stream.extend(block_of_zeros().repeat(mib));
    stream.extend([3, 0]);
    stream
}

/// One MiB of zeros that can stand anywhere in a stream: it refers to nothing in front of it, and ends at a byte.
fn block_of_zeros() -> Vec<u8> {
    let mut compress = flate2::Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(MIB / 64);
    let zeros = vec![0; MIB];
    compress
        .compress_vec(&zeros, &mut out, FlushCompress::Full)
        .unwrap();
    out
}

fn deflated(list: &mut List) {
    for (name, mib, expect) in [("32-mib", 32usize, Either), ("600-mib", 600, Refuse)] {
        list.add(format!("deflated-pixels-of-{name}"), expect, |c| {
            let stated = u32::try_from(mib * MIB).unwrap();
            let header = LE.declared(tags::PIXEL_DATA, "OW", b"", stated);
            let data_set = image(c).raw(tags::PIXEL_DATA, header);
            part10(&meta(DEFLATED), &stream_of_zeros(&data_set.bytes(), mib))
        });
    }
    list.add("deflated-text-of-100-mib", Either, |c| {
        let stated = u32::try_from(100 * MIB).unwrap();
        let header = LE.declared(tags::TEXT_VALUE, "UT", b"", stated);
        let data_set = image(c).without(tags::PIXEL_DATA).bytes();
        let first = [data_set, header].concat();
        part10(&meta(DEFLATED), &stream_of_zeros(&first, 100))
    });
    list.add("deflated-zeros-behind", Either, |c| {
        let data_set = image(c).bytes();
        part10(&meta(DEFLATED), &stream_of_zeros(&data_set, 200))
    });
    list.add("deflated-rubbish", Refuse, |_| {
        let rubbish: Vec<u8> = (0..400u32)
            .map(|n| (n * 73 + 41).to_le_bytes()[0])
            .collect();
        part10(&meta(DEFLATED), &rubbish)
    });
    list.add("deflated-zlib", Either, |c| {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        out.write_all(&image(c).bytes()).unwrap();
        part10(&meta(DEFLATED), &out.finish().unwrap())
    });
    list.add("deflated-gzip", Either, |c| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(&image(c).bytes()).unwrap();
        part10(&meta(DEFLATED), &out.finish().unwrap())
    });
    list.add("deflated-twice", Either, |c| {
        part10(&meta(DEFLATED), &deflate(&deflate(&image(c).bytes())))
    });
    list.add("two-deflated-streams", Either, |c| {
        let second = deflate(&image(c).bytes());
        let streams = [deflate(&image(c).bytes()), second].concat();
        part10(&meta(DEFLATED), &streams)
    });
    list.add("deflated-implicit", Either, |c| {
        let data_set = image_in(Form::Implicit, c).bytes();
        part10(&meta(DEFLATED), &deflate(&data_set))
    });
    list.add("deflated-file-in-a-file", Either, |c| {
        part10(&meta(DEFLATED), &deflate(&image(c).file()))
    });
    list.add("deflated-nothing", Either, |_| {
        part10(&meta(DEFLATED), &deflate(b""))
    });
}

fn numbers(list: &mut List) {
    list.add("2-million-empty-elements", Either, |c| {
        let element = LE.element(Tag(0x7FE1, 0x1001), "SH", b"");
        let data_set = [image(c).bytes(), element.repeat(2_000_000)].concat();
        part10(&meta(DEFLATED), &deflate(&data_set))
    });
    list.add("names-in-50000-elements", Either, |c| {
        let token = c.direct("PatientName again and again");
        let data_set = image(c).with(tags::PATIENT_NAME, "PN", &token).bytes();
        let element = LE.element(tags::IMAGE_COMMENTS, "LT", &token);
        part10(
            &meta(EXPLICIT),
            &[data_set, element.repeat(50_000)].concat(),
        )
    });
    list.add("20000-names-of-people", Either, |c| {
        let names = (0..20_000).flat_map(|n| {
            let name = format!("VEXQNAME{n:05}^ANNA");
            LE.element(tags::OTHER_PATIENT_NAMES, "PN", name)
        });
        let names: Vec<u8> = names.collect();
        let text = "VEXQNAME 1 and so on ".repeat(3000);
        let text = LE.element(tags::TEXT_VALUE, "UT", text);
        part10(&meta(EXPLICIT), &[image(c).bytes(), names, text].concat())
    });
    list.image("text-of-20-mib", Either, |data_set, c| {
        let token = c.text("at the end of a long text");
        let value = "clinical words, ".repeat(20 * MIB / 16) + &token;
        data_set.with(tags::TEXT_VALUE, "UT", value)
    });
    list.image("text-of-digits-and-separators", Either, |data_set, _| {
        data_set.with(tags::TEXT_VALUE, "UT", "1-2 3.4/5:".repeat(60_000))
    });
    list.image("text-of-one-letter", Either, |data_set, _| {
        data_set.with(tags::TEXT_VALUE, "UT", "a".repeat(1_000_000))
    });
}

//! Pixel Data: what codecs let stand beside a picture, offset tables, and pictures of the wrong size.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{
    EXPLICIT, HTJ2K, IMPLICIT, ITEM, JPEG, JPEG_2000, JPEG_LS, JPEG_XL, LE, MPEG_2, MPEG_4, RLE,
    SEQUENCE_END, UNDEFINED, encapsulated, length, meta, part10,
};
use super::case::Expect::{Clean, Either, Refuse};
use super::case::{Canaries, Case, List, image};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("pixels", 8);
    jpeg_segments(&mut list);
    other_codecs(&mut list);
    offset_tables(&mut list);
    fragments(&mut list);
    sizes(&mut list);
    second_pictures(&mut list);
    list.cases
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let stated = u16::try_from(content.len() + 2).unwrap();
    [&[0xFF, marker][..], &stated.to_be_bytes(), content].concat()
}

/// A JPEG picture of one component with further segments in front of its frame (ISO/IEC 10918-1 annex B).
pub fn jpeg(further: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    for (marker, content) in further {
        out.extend(segment(*marker, content));
    }
    out.extend(segment(0xC0, &[8, 0, 4, 0, 4, 1, 1, 0x11, 0]));
    out.extend(segment(0xDA, &[1, 1, 0, 0, 63, 0]));
    out.extend([0x12, 0xFF, 0x00, 0x34, 0x56]);
    out.extend([0xFF, 0xD9]);
    out
}

fn jpeg_segments(list: &mut List) {
    for (name, marker, begin) in [
        ("comment", 0xFE, &b""[..]),
        ("exif", 0xE1, b"Exif\0\0"),
        ("xmp", 0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        ("app0", 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        ("app2-icc", 0xE2, b"ICC_PROFILE\0\x01\x01"),
        ("app13", 0xED, b"Photoshop 3.0\0"),
        ("app14", 0xEE, b"Adobe\0\x64\0\0\0\0\0"),
        ("app15", 0xEF, b""),
        ("jpg-extension", 0xF0, b""),
    ] {
        list.add(format!("jpeg-{name}"), Either, |c| {
            let content = [begin, c.pixels("a segment of a JPEG picture").as_bytes()].concat();
            image(c).encapsulated(JPEG, &[jpeg(&[(marker, &content)])])
        });
    }
    list.add("jpeg-comment-in-second-fragment", Either, |c| {
        let token = c.pixels("COM of the second frame");
        let second = jpeg(&[(0xFE, token.as_bytes())]);
        let data_set = image(c).with(tags::NUMBER_OF_FRAMES, "IS", "2");
        data_set.encapsulated(JPEG, &[jpeg(&[]), second])
    });
    list.add("jpeg-comment-over-two-fragments", Either, |c| {
        let token = c.pixels("COM over two fragments");
        let picture = jpeg(&[(0xFE, token.as_bytes())]);
        let (first, second) = picture.split_at(12);
        image(c).encapsulated(JPEG, &[first.to_vec(), second.to_vec()])
    });
    list.add("jpeg-comment-longer-than-picture", Either, |c| {
        let token = c.pixels("COM whose length lies");
        let mut picture = jpeg(&[(0xFE, token.as_bytes())]);
        picture[4..6].copy_from_slice(&[0xFF, 0xFF]);
        image(c).encapsulated(JPEG, &[picture])
    });
    list.add("jpeg-bytes-behind-end", Either, |c| {
        let mut picture = jpeg(&[]);
        picture.extend(c.pixels("behind EOI").bytes());
        image(c).encapsulated(JPEG, &[picture])
    });
    list.add("jpeg-picture-behind-end", Either, |c| {
        let token = c.pixels("a thumbnail behind EOI");
        let second = jpeg(&[(0xFE, token.as_bytes())]);
        image(c).encapsulated(JPEG, &[[jpeg(&[]), second].concat()])
    });
    list.add("jpeg-bytes-before-begin", Either, |c| {
        let picture = [c.pixels("before SOI").into_bytes(), jpeg(&[])].concat();
        image(c).encapsulated(JPEG, &[picture])
    });
    list.add("jpeg-bytes-between-segments", Either, |c| {
        let mut picture = jpeg(&[]);
        picture.splice(2..2, c.pixels("between segments").bytes());
        image(c).encapsulated(JPEG, &[picture])
    });
    list.add("jpeg-without-end", Either, |c| {
        let token = c.pixels("a comment, no EOI");
        let mut picture = jpeg(&[(0xFE, token.as_bytes())]);
        picture.truncate(picture.len() - 2);
        image(c).encapsulated(JPEG, &[picture])
    });
    list.add("text-for-jpeg", Either, |c| {
        let text = c.pixels("a fragment that is no picture").into_bytes();
        image(c).encapsulated(JPEG, &[text])
    });
}

/// A JPEG 2000 codestream with further segments in its main header (ISO/IEC 15444-1 annex A).
fn jpeg_2000(further: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = vec![0xFF, 0x4F];
    let mut size = vec![0, 0, 0, 0, 0, 4, 0, 0, 0, 4];
    size.resize(34, 0);
    size.extend([0, 1, 7, 1, 1]);
    out.extend(segment(0x51, &size));
    out.extend(segment(0x52, &[0, 0, 0, 1, 0, 1, 4, 4, 0, 0]));
    for (marker, content) in further {
        out.extend(segment(*marker, content));
    }
    out.extend(segment(0x90, &[0, 0, 0, 0, 0, 0, 0, 1]));
    out.extend([0xFF, 0x93, 1, 2, 3, 4, 0xFF, 0xD9]);
    out
}

fn other_codecs(list: &mut List) {
    for (name, syntax) in [("jpeg-2000", JPEG_2000), ("htj2k", HTJ2K)] {
        list.add(format!("{name}-comment"), Either, |c| {
            let content = [b"\0\x01", c.pixels("COM").as_bytes()].concat();
            image(c).encapsulated(syntax, &[jpeg_2000(&[(0x64, &content)])])
        });
        list.add(format!("{name}-bytes-behind-end"), Either, |c| {
            let mut picture = jpeg_2000(&[]);
            picture.extend(c.pixels("behind EOC").bytes());
            image(c).encapsulated(syntax, &[picture])
        });
        list.add(format!("{name}-boxes"), Either, |c| {
            let token = c.pixels("an XML box of a JP2 file");
            let stated = (8 + length(token.as_bytes())).to_be_bytes();
            let boxes = [&stated[..], b"xml ", token.as_bytes()].concat();
            image(c).encapsulated(syntax, &[[boxes, jpeg_2000(&[])].concat()])
        });
        list.add(format!("{name}-unknown-segment"), Either, |c| {
            let token = c.pixels("an unknown segment");
            image(c).encapsulated(syntax, &[jpeg_2000(&[(0x7A, token.as_bytes())])])
        });
    }
    list.add("jpeg-2000-comment-in-a-tile", Either, |c| {
        let token = c.pixels("COM of a tile part");
        let comment = segment(0x64, &[b"\0\x01", token.as_bytes()].concat());
        let mut picture = jpeg_2000(&[]);
        let at = picture.len() - 8;
        picture.splice(at..at, comment);
        image(c).encapsulated(JPEG_2000, &[picture])
    });
    for (name, marker) in [("comment", 0xFE), ("app8", 0xE8), ("app1", 0xE1)] {
        list.add(format!("jpeg-ls-{name}"), Either, |c| {
            let token = c.pixels("a segment of a JPEG-LS picture");
            let mut picture = jpeg(&[(marker, token.as_bytes())]);
            let frame = picture.windows(2).position(|two| two == [0xFF, 0xC0]);
            picture[frame.unwrap() + 1] = 0xF7;
            image(c).encapsulated(JPEG_LS, &[picture])
        });
    }
    rle(list);
    video(list);
    list.add("jpeg-xl-box", Either, |c| {
        let token = c.pixels("a box of a JPEG XL file");
        let boxes = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14Exif".to_vec();
        image(c).encapsulated(JPEG_XL, &[[boxes, token.into_bytes()].concat()])
    });
}

/// One RLE segment (PS3.5 annex G) that begins at `offset`, of 16 literal bytes.
fn rle_frame(segments: u32, offset: u32) -> Vec<u8> {
    let mut out = segments.to_le_bytes().to_vec();
    out.extend(offset.to_le_bytes());
    out.resize(64, 0);
    out.resize(usize::try_from(offset).unwrap().max(64), 0);
    out.push(15);
    out.extend([9; 16]);
    out.push(128);
    out
}

fn rle(list: &mut List) {
    list.add("rle-text-in-header", Either, |c| {
        let mut frame = rle_frame(1, 64);
        frame[40..52].copy_from_slice(c.pixels("unused offsets").as_bytes());
        image(c).encapsulated(RLE, &[frame])
    });
    list.add("rle-text-before-segment", Either, |c| {
        let mut frame = rle_frame(1, 80);
        frame[64..76].copy_from_slice(c.pixels("before the first segment").as_bytes());
        image(c).encapsulated(RLE, &[frame])
    });
    list.add("rle-text-behind-segment", Either, |c| {
        let mut frame = rle_frame(1, 64);
        frame.extend(c.pixels("behind the last segment").bytes());
        image(c).encapsulated(RLE, &[frame])
    });
    for (name, segments, offset) in [("16-segments", 16, 64), ("offset-beyond-end", 1, 4000)] {
        list.add(format!("rle-{name}"), Either, |c| {
            let mut frame = rle_frame(segments, offset.min(64));
            frame[4..8].copy_from_slice(&offset.to_le_bytes());
            image(c).encapsulated(RLE, &[frame])
        });
    }
    list.add("rle-cut-header", Either, |c| {
        let text = c.pixels("a cut header of RLE").into_bytes();
        image(c).encapsulated(RLE, &[text])
    });
}

fn video(list: &mut List) {
    list.add("mpeg-4-user-data", Either, |c| {
        let token = c.pixels("a udta box");
        let stated = (8 + length(token.as_bytes())).to_be_bytes();
        let boxes = [&stated[..], b"udta", token.as_bytes()].concat();
        image(c).encapsulated(MPEG_4, &[boxes])
    });
    list.add("mpeg-2-user-data", Either, |c| {
        let token = c.pixels("user data of MPEG-2");
        let stream = [b"\0\0\x01\xb2", token.as_bytes(), b"\0\0\x01\xb7"].concat();
        image(c).encapsulated(MPEG_2, &[stream])
    });
}

fn with_table(c: &mut Canaries, table: &[u8]) -> Vec<u8> {
    let value = encapsulated(table, &[jpeg(&[])]);
    image(c).raw(tags::PIXEL_DATA, value).file_in(JPEG)
}

fn offset_tables(list: &mut List) {
    list.add("offset-table-is-text", Either, |c| {
        let token = c.pixels("the offset table");
        with_table(c, token.as_bytes())
    });
    list.add("offset-table-of-5-bytes", Either, |c| {
        with_table(c, b"\0\0\0\0\0")
    });
    list.add("offsets-beyond-end", Either, |c| with_table(c, &[0xFF; 8]));
    list.add("offset-table-with-text-behind-offsets", Either, |c| {
        let token = c.pixels("behind the first offset");
        with_table(c, &[&[0; 4], token.as_bytes()].concat())
    });
    for (name, offsets, lengths) in [
        ("as-text", false, false),
        ("offsets-true-lengths-as-text", true, false),
        ("both-true-and-more", true, true),
    ] {
        list.add(format!("extended-offsets-{name}"), Either, |c| {
            let stated = u64::from(length(&jpeg(&[]))).next_multiple_of(2);
            let mut table = if offsets { vec![0; 8] } else { Vec::new() };
            let mut sizes = if lengths {
                stated.to_le_bytes().to_vec()
            } else {
                Vec::new()
            };
            table.extend(c.text("ExtendedOffsetTable").bytes());
            sizes.extend(c.text("ExtendedOffsetTableLengths").bytes());
            image(c)
                .with(tags::EXTENDED_OFFSET_TABLE, "OV", table)
                .with(tags::EXTENDED_OFFSET_TABLE_LENGTHS, "OV", sizes)
                .encapsulated(JPEG, &[jpeg(&[])])
        });
    }
    list.image(
        "extended-offsets-of-native-pixels",
        Either,
        |data_set, c| {
            let token = c.text("ExtendedOffsetTable");
            data_set.with(tags::EXTENDED_OFFSET_TABLE, "OV", token + "....")
        },
    );
}

fn fragments(list: &mut List) {
    for (name, table, stated) in [
        ("offset-table-beyond-end", true, 0xFFFF_FFF0),
        ("fragment-beyond-end", false, 0xFFFF_FFF0),
        ("fragment-undefined", false, UNDEFINED),
        ("offset-table-undefined", true, UNDEFINED),
    ] {
        list.add(name, Refuse, |c| {
            let first = if table { Vec::new() } else { LE.item(b"") };
            let value = [first, LE.marker(ITEM, stated), b"xx".to_vec()].concat();
            let element = LE.declared(tags::PIXEL_DATA, "OB", value, UNDEFINED);
            image(c).raw(tags::PIXEL_DATA, element).file_in(JPEG)
        });
    }
    list.add("no-items", Either, |c| {
        let value = LE.marker(SEQUENCE_END, 0);
        let element = LE.declared(tags::PIXEL_DATA, "OB", value, UNDEFINED);
        image(c).raw(tags::PIXEL_DATA, element).file_in(JPEG)
    });
    list.add("offset-table-only", Either, |c| {
        image(c).encapsulated(JPEG, &[])
    });
    list.add("odd-fragment", Either, |c| {
        let fragment = LE.item(&jpeg(&[])[..15]);
        let value = [LE.item(b""), fragment, LE.marker(SEQUENCE_END, 0)].concat();
        let element = LE.declared(tags::PIXEL_DATA, "OB", value, UNDEFINED);
        image(c).raw(tags::PIXEL_DATA, element).file_in(JPEG)
    });
    list.add("sequence-in-pixel-data", Either, |c| {
        let name = LE.element(
            tags::PATIENT_NAME,
            "PN",
            c.direct("in an item of Pixel Data"),
        );
        let value = [LE.item(b""), LE.open_item(name), LE.marker(SEQUENCE_END, 0)].concat();
        let element = LE.declared(tags::PIXEL_DATA, "OB", value, UNDEFINED);
        image(c).raw(tags::PIXEL_DATA, element).file_in(JPEG)
    });
    for (name, syntax) in [("explicit", EXPLICIT), ("implicit-said", IMPLICIT)] {
        list.add(format!("encapsulated-in-{name}"), Either, |c| {
            let token = c.pixels("COM where nothing may be encapsulated");
            image(c).encapsulated(syntax, &[jpeg(&[(0xFE, token.as_bytes())])])
        });
    }
    list.add("native-in-jpeg", Either, |c| image(c).file_in(JPEG));
    list.add("6000-fragments", Either, |c| {
        image(c).encapsulated(JPEG, &vec![b"\xff\xd8".to_vec(); 6000])
    });
    list.add("comment-behind-pixel-data", Either, |c| {
        let token = c.pixels("behind encapsulated pixels");
        let mut data_set = image(c)
            .raw(tags::PIXEL_DATA, encapsulated(b"", &[jpeg(&[])]))
            .bytes();
        data_set.extend(token.bytes());
        part10(&meta(JPEG), &data_set)
    });
}

fn sizes(list: &mut List) {
    list.image("more-than-rows-and-columns", Either, |data_set, c| {
        let value = [&[7; 16], c.pixels("behind the picture").as_bytes()].concat();
        data_set.with(tags::PIXEL_DATA, "OW", value)
    });
    list.image("less-than-rows-and-columns", Either, |data_set, _| {
        data_set.with(tags::PIXEL_DATA, "OW", [7; 6])
    });
    list.image("65535-rows-and-columns", Either, |data_set, _| {
        data_set
            .number(tags::ROWS, 65_535)
            .number(tags::COLUMNS, 65_535)
            .with(tags::NUMBER_OF_FRAMES, "IS", "2147483647")
    });
    list.image("no-rows", Either, |data_set, _| {
        data_set.without(tags::ROWS)
    });
    for frames in ["-1", "0", "VEXQ", "99999999999999999999", "1\\2"] {
        list.image(format!("frames-{frames}"), Either, |data_set, _| {
            data_set.with(tags::NUMBER_OF_FRAMES, "IS", frames)
        });
    }
    list.image("one-bit-pixels", Either, |data_set, c| {
        let value = [&[7; 2], c.pixels("behind one-bit pixels").as_bytes()].concat();
        data_set
            .number(tags::BITS_ALLOCATED, 1)
            .with(tags::PIXEL_DATA, "OB", value)
    });
    list.image("empty-pixel-data", Clean, |data_set, _| {
        data_set.with(tags::PIXEL_DATA, "OW", b"")
    });
}

fn second_pictures(list: &mut List) {
    list.image("two-pixel-data", Either, |data_set, c| {
        let second = LE.element(tags::PIXEL_DATA, "OW", c.pixels("the second PixelData"));
        data_set.also(tags::PIXEL_DATA, second)
    });
    list.image("float-and-integer-pixels", Either, |data_set, _| {
        data_set.with(tags::FLOAT_PIXEL_DATA, "OF", [1; 16]).with(
            tags::DOUBLE_FLOAT_PIXEL_DATA,
            "OD",
            [1; 16],
        )
    });
    list.image("icon-with-a-comment", Either, |data_set, c| {
        let token = c.pixels("COM of an icon");
        let icon = encapsulated(b"", &[jpeg(&[(0xFE, token.as_bytes())])]);
        let tag = tags::ICON_IMAGE_SEQUENCE;
        data_set.raw(tag, LE.sequence(tag, &[icon]))
    });
    list.image("overlay-in-unused-bits", Either, |data_set, c| {
        data_set
            .number(Tag(0x6000, 0x0010), 4)
            .number(Tag(0x6000, 0x0100), 16)
            .with(Tag(0x6000, 0x1500), "LO", c.text("OverlayLabel"))
    });
    list.owned("palette-data-is-text", Either, |data_set, token| {
        data_set
            .with(
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                "US",
                [4, 0, 0, 0, 8, 0],
            )
            .with(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, "LT", token)
    });
    list.image("lut-explanation", Clean, |data_set, c| {
        let token = c.text("LUTExplanation");
        data_set.nested(
            tags::MODALITY_LUT_SEQUENCE,
            Tag(0x0040, 0x9998),
            "LO",
            token,
        )
    });
}

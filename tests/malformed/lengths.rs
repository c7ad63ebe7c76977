//! Lengths that lie: far beyond the end, undefined where they may not be, odd, or too short for the VR.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{Form, LE, SEQUENCE_END, UNDEFINED, part10};
use super::case::Expect::{Clean, Either, Refuse};
use super::case::{Case, List, image, image_in};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("lengths", 3);
    beyond_the_end(&mut list);
    undefined(&mut list);
    odd(&mut list);
    unfit_for_the_vr(&mut list);
    group_lengths(&mut list);
    list.cases
}

fn beyond_the_end(list: &mut List) {
    for (vr, stated) in [
        ("OB", 0xFFFF_FFFE),
        ("OW", 0x7FFF_FFFF),
        ("OF", 0x4000_0000),
        ("OD", 0x8000_0000),
        ("OL", 0x7FFF_FFF8),
        ("OV", 0x1000_0000),
        ("UT", 0xFFFF_FFF0),
        ("UC", 0x0FFF_FFFF),
        ("UR", 0x00FF_FFFF),
        ("SQ", 0xFFFF_FFF0),
        ("UN", 0x8000_0000),
        ("SV", 0x7000_0000),
        ("LO", 0xFFFF),
        ("PN", 0xFFFE),
        ("US", 0x7FFF),
    ] {
        list.image(format!("beyond-{vr}"), Refuse, |data_set, c| {
            let tag = Tag(0x7FE1, 0x1001);
            let token = c.text("a value");
            data_set.raw(tag, LE.declared(tag, vr, token, stated))
        });
    }
    for form in [Form::Implicit, Form::Big] {
        list.add(format!("beyond-{form:?}"), Refuse, |c| {
            let tag = Tag(0x7FE1, 0x1001);
            let token = c.text("a value");
            let element = form.declared(tag, "UT", token, 0x7FFF_FFFF);
            image_in(form, c).raw(tag, element).file()
        });
    }
    list.image("pixel-data-one-byte-short", Refuse, |data_set, _| {
        let value = LE.declared(tags::PIXEL_DATA, "OW", [7; 15], 16);
        data_set.raw(tags::PIXEL_DATA, value)
    });
    list.image("length-in-the-other-order", Refuse, |data_set, c| {
        let token = c.text("OtherPatientNames");
        let stated = u32::from(12u16.swap_bytes());
        let element = LE.declared(tags::OTHER_PATIENT_NAMES, "PN", token, stated);
        data_set.raw(tags::OTHER_PATIENT_NAMES, element)
    });
}

fn undefined(list: &mut List) {
    for vr in ["UT", "UC", "UR", "OF", "OD", "OL", "OV", "SV", "UV"] {
        list.image(format!("undefined-{vr}"), Refuse, |data_set, c| {
            let tag = tags::TEXT_VALUE;
            let value = [c.text("TextValue").into_bytes(), LE.marker(SEQUENCE_END, 0)].concat();
            data_set.raw(tag, LE.declared(tag, vr, value, UNDEFINED))
        });
    }
    list.add("undefined-implicit-text", Either, |c| {
        let form = Form::Implicit;
        let tag = tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION;
        let token = c.text("ScheduledProcedureStepDescription");
        let value = [token.into_bytes(), form.marker(SEQUENCE_END, 0)].concat();
        let element = form.declared(tag, "LO", value, UNDEFINED);
        image_in(form, c).raw(tag, element).file()
    });
    list.add("undefined-implicit-text-with-items", Either, |c| {
        let form = Form::Implicit;
        let name = form.element(tags::PATIENT_NAME, "PN", c.direct("PatientName in a text"));
        let tag = tags::PATIENT_COMMENTS;
        image_in(form, c)
            .raw(tag, form.sequence(tag, &[name]))
            .file()
    });
    list.image(
        "undefined-bytes-that-are-no-pixels",
        Either,
        |data_set, c| {
            let tag = tags::ENCAPSULATED_DOCUMENT;
            let token = c.text("EncapsulatedDocument");
            let value = [LE.item(b""), LE.item(token), LE.marker(SEQUENCE_END, 0)].concat();
            data_set.raw(tag, LE.declared(tag, "OB", value, UNDEFINED))
        },
    );
}

fn odd(list: &mut List) {
    for (vr, tag) in [
        ("LO", Tag(0x0010, 0x1000)),
        ("PN", tags::OTHER_PATIENT_NAMES),
        ("SH", tags::STATION_NAME),
        ("LT", tags::PATIENT_COMMENTS),
        ("OB", tags::ENCAPSULATED_DOCUMENT),
        ("UN", Tag(0x0029, 0x1001)),
        ("UT", Tag(0x4008, 0x010B)),
    ] {
        for form in [Form::Explicit, Form::Implicit] {
            list.add(format!("odd-{vr}-{form:?}"), Either, |c| {
                let value = c.text("a value of odd length") + "x";
                let element = form.declared(tag, vr, value, 13);
                image_in(form, c).raw(tag, element).file()
            });
        }
    }
    list.image("odd-pixel-data", Either, |data_set, _| {
        let value = LE.declared(tags::PIXEL_DATA, "OB", [7; 17], 17);
        data_set.raw(tags::PIXEL_DATA, value)
    });
    list.image("odd-item", Either, |data_set, c| {
        let value = c.text("in an odd item") + "x";
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        let inner = LE.declared(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, "LO", value, 13);
        data_set.raw(tag, LE.defined_sequence(tag, &[inner]))
    });
}

fn unfit_for_the_vr(list: &mut List) {
    for (name, tag, vr, value) in [
        (
            "us-1-byte",
            tags::SMALLEST_IMAGE_PIXEL_VALUE,
            "US",
            &[1][..],
        ),
        (
            "us-3-bytes",
            tags::LARGEST_IMAGE_PIXEL_VALUE,
            "US",
            &[1, 2, 3],
        ),
        ("us-none", tags::PIXEL_REPRESENTATION, "US", &[]),
        ("rows-none", tags::ROWS, "US", &[]),
        ("rows-1-byte", tags::ROWS, "US", &[4]),
        ("rows-4-bytes", tags::ROWS, "US", &[4, 0, 4, 0]),
        ("rows-as-text", tags::ROWS, "IS", b"4 "),
        ("bits-none", tags::BITS_ALLOCATED, "US", &[]),
        ("bits-zero", tags::BITS_ALLOCATED, "US", &[0, 0]),
        ("fd-7-bytes", tags::RECONSTRUCTION_ANGLE, "FD", &[0; 7]),
        (
            "at-3-bytes",
            tags::FRAME_INCREMENT_POINTER,
            "AT",
            &[0x18, 0, 0x63],
        ),
        (
            "ul-2-bytes",
            tags::REFERENCED_SAMPLE_POSITIONS,
            "UL",
            &[1, 0],
        ),
    ] {
        list.image(name, Either, |data_set, _| {
            let stated = u32::try_from(value.len()).unwrap();
            data_set.raw(tag, LE.declared(tag, vr, value, stated))
        });
    }
    list.image(
        "signed-value-without-representation",
        Either,
        |data_set, _| {
            data_set.with(tags::PIXEL_REPRESENTATION, "US", b"").with(
                tags::SMALLEST_IMAGE_PIXEL_VALUE,
                "SS",
                [1, 0],
            )
        },
    );
}

fn group_lengths(list: &mut List) {
    for (name, stated) in [("small", 4u32), ("zero", 0), ("undefined", UNDEFINED)] {
        list.image(format!("group-length-{name}"), Either, |data_set, _| {
            data_set
                .with(Tag(0x0008, 0), "UL", stated.to_le_bytes())
                .with(Tag(0x0010, 0), "UL", stated.to_le_bytes())
        });
    }
    list.image("group-length-as-text", Clean, |data_set, c| {
        let token = c.text("(0010,0000)");
        data_set.with(Tag(0x0010, 0), "LO", token)
    });
    list.add("length-to-end", Clean, |c| {
        let data_set = image(c).with(Tag(0x0008, 1), "UL", 12u32.to_le_bytes());
        part10(
            &super::bytes::meta(super::bytes::EXPLICIT),
            &data_set.bytes(),
        )
    });
}

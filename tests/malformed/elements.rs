//! Data elements that are not what their tag, their VR or their place says.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{EXPLICIT, Form, LE, length, meta, part10};
use super::case::Expect::{Clean, Either};
use super::case::{Case, List, image, image_in};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("elements", 5);
    false_vrs(&mut list);
    no_vrs(&mut list);
    twice(&mut list);
    out_of_place(&mut list);
    odd_values(&mut list);
    list.cases
}

/// What names the person goes by its tag, whatever VR it says it has.
fn false_vrs(list: &mut List) {
    for vr in [
        "UN", "OB", "OW", "LT", "UT", "UC", "AE", "UI", "DA", "TM", "DS", "IS", "CS", "US", "FD",
        "AT", "ST", "SH", "UR", "OF",
    ] {
        list.image(format!("name-as-{vr}"), Either, |data_set, c| {
            let token = c.direct("PatientName of another VR");
            data_set.with(tags::PATIENT_NAME, vr, token)
        });
    }
    for (vr, tag) in [
        ("US", tags::PATIENT_ID),
        ("UN", tags::PATIENT_ID),
        ("OB", tags::PATIENT_ADDRESS),
        ("FL", tags::PATIENT_COMMENTS),
        ("UN", tags::STUDY_DESCRIPTION),
        ("UN", tags::PATIENT_BIRTH_DATE),
        ("LO", tags::STUDY_INSTANCE_UID),
    ] {
        list.image(format!("{tag}-as-{vr}"), Either, |data_set, c| {
            let token = c.text("a value of another VR");
            data_set.with(tag, vr, token)
        });
    }
    for (vr, tag) in [
        ("LO", tags::ROWS),
        ("UT", tags::PIXEL_DATA),
        ("OB", tags::SPECIFIC_CHARACTER_SET),
        ("UT", tags::SPECTROSCOPY_DATA),
        ("UN", tags::MODALITY),
    ] {
        list.owned(format!("id-in-{tag}-as-{vr}"), Either, |data_set, id| {
            data_set.with(tag, vr, id)
        });
    }
    list.image("name-as-sequence", Either, |data_set, c| {
        let token = c.direct("PatientName inside PatientName");
        data_set.nested(tags::PATIENT_NAME, tags::PATIENT_NAME, "PN", token)
    });
    list.image("sequence-as-text", Either, |data_set, c| {
        let token = c.text("a sequence that is text");
        data_set.with(tags::REQUEST_ATTRIBUTES_SEQUENCE, "LT", token)
    });
}

fn no_vrs(list: &mut List) {
    for (name, vr) in [
        ("zz", b"ZZ"),
        ("nul", b"\0\0"),
        ("marks", b"??"),
        ("lower", b"pn"),
        ("high", b"\xff\xfe"),
        ("spaces", b"  "),
    ] {
        list.image(format!("vr-{name}"), Either, |data_set, c| {
            let token = c.direct("PatientName without VR");
            let mut element = LE.element(tags::PATIENT_NAME, "PN", token);
            element[4..6].copy_from_slice(vr);
            data_set.raw(tags::PATIENT_NAME, element)
        });
    }
    list.image("one-implicit-among-explicit", Either, |data_set, c| {
        let token = c.direct("PatientName, implicit");
        let element = Form::Implicit.element(tags::PATIENT_NAME, "PN", token);
        data_set.raw(tags::PATIENT_NAME, element)
    });
    list.add("one-explicit-among-implicit", Either, |c| {
        let token = c.direct("PatientName, explicit");
        let element = LE.element(tags::PATIENT_NAME, "PN", token);
        let data_set = image_in(Form::Implicit, c);
        data_set.raw(tags::PATIENT_NAME, element).file()
    });
    list.image("explicit-item-in-big-endian", Either, |data_set, c| {
        let token = c.text("an element of the other order");
        let element = Form::Big.element(tags::OTHER_PATIENT_NAMES, "PN", token);
        data_set.raw(tags::OTHER_PATIENT_NAMES, element)
    });
    list.image("reserved-bytes", Clean, |data_set, c| {
        c.given("QX\u{4}\0\0\0abcd", "reserved bytes of a header");
        let mut element = LE.element(tags::PIXEL_PADDING_VALUE, "OB", b"abcd");
        element[6..8].copy_from_slice(b"QX");
        data_set.raw(Tag(0x0028, 0x1201), element)
    });
}

fn twice(list: &mut List) {
    for (name, tag, vr) in [
        ("name", tags::PATIENT_NAME, "PN"),
        ("id", tags::PATIENT_ID, "LO"),
        ("sop-instance", tags::SOP_INSTANCE_UID, "UI"),
        ("comments", tags::IMAGE_COMMENTS, "LT"),
    ] {
        list.image(format!("{name}-twice"), Either, |data_set, c| {
            let (first, second) = (c.text("the first of two"), c.text("the second of two"));
            data_set
                .with(tag, vr, first)
                .also(tag, LE.element(tag, vr, second))
        });
    }
    list.image("name-twice-in-an-item", Either, |data_set, c| {
        let first = LE.element(tags::PATIENT_NAME, "PN", c.direct("the first of two"));
        let second = LE.element(tags::PATIENT_NAME, "PN", c.direct("the second of two"));
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        data_set.raw(tag, LE.sequence(tag, &[[first, second].concat()]))
    });
    list.image("sequence-twice", Either, |data_set, c| {
        let tag = tags::REFERENCED_STUDY_SEQUENCE;
        let element = tags::REFERENCED_SOP_INSTANCE_UID;
        let second = LE.element(element, "UI", c.uid("in the second of two"));
        data_set
            .nested(tag, element, "UI", c.uid("in the first of two"))
            .also(tag, LE.sequence(tag, &[second]))
    });
    list.image("creator-twice", Either, |data_set, c| {
        let creator = Tag(0x0029, 0x0010);
        let token = c.text("a private value");
        data_set
            .with(creator, "LO", "SIEMENS CSA HEADER")
            .also(creator, LE.element(creator, "LO", "ACME"))
            .with(Tag(0x0029, 0x1008), "LO", token)
    });
    list.image("charset-twice", Either, |data_set, c| {
        let tag = tags::SPECIFIC_CHARACTER_SET;
        let token = c.direct("OtherPatientNames");
        data_set
            .with(tag, "CS", "ISO_IR 100")
            .also(tag, LE.element(tag, "CS", "ISO_IR 192"))
            .with(tags::OTHER_PATIENT_NAMES, "PN", token)
    });
    list.owned("patient-identity-removed-already", Clean, |data_set, id| {
        data_set
            .with(tags::PATIENT_IDENTITY_REMOVED, "CS", "YES")
            .with(tags::DEIDENTIFICATION_METHOD, "LO", id)
    });
}

fn out_of_place(list: &mut List) {
    list.add("behind-pixel-data", Either, |c| {
        let name = LE.element(tags::PATIENT_NAME, "PN", c.direct("PatientName behind it"));
        let comments = LE.element(tags::PATIENT_COMMENTS, "LT", c.text("comments behind it"));
        let data_set = [image(c).bytes(), name, comments].concat();
        part10(&meta(EXPLICIT), &data_set)
    });
    list.add("reverse-order", Either, |c| {
        let data_set = image(c).without(tags::PIXEL_DATA).reversed();
        part10(&meta(EXPLICIT), &data_set)
    });
    list.add("pixel-data-first", Either, |c| {
        part10(&meta(EXPLICIT), &image(c).reversed())
    });
    for (name, tag, vr) in [
        ("group-0002", tags::SOURCE_APPLICATION_ENTITY_TITLE, "AE"),
        ("group-0000", tags::MOVE_DESTINATION, "AE"),
        ("group-0001", Tag(0x0001, 0x1001), "LO"),
        ("group-0003", Tag(0x0003, 0x1001), "LO"),
        ("group-0004", tags::FILE_SET_ID, "CS"),
        ("group-0005", Tag(0x0005, 0x1001), "LO"),
        ("group-0006", Tag(0x0006, 0x0010), "LO"),
        ("group-0007", Tag(0x0007, 0x1001), "LO"),
        ("group-ffff", Tag(0xFFFF, 0x1001), "LO"),
        ("ffff-ffff", Tag(0xFFFF, 0xFFFF), "LO"),
        ("fffe-1234", Tag(0xFFFE, 0x1234), "LO"),
        ("fffe-0000", Tag(0xFFFE, 0x0000), "LO"),
        ("fffc-fffc", tags::DATA_SET_TRAILING_PADDING, "OB"),
        ("fffd-1001", Tag(0xFFFD, 0x1001), "LO"),
    ] {
        for form in [Form::Explicit, Form::Implicit, Form::Big] {
            list.add(format!("{name}-{form:?}"), Either, |c| {
                let token = c.text("where nothing of an instance stands");
                image_in(form, c).with(tag, vr, token).file()
            });
        }
    }
    list.add("whole-command-set-in-front", Either, |c| {
        let command = [
            LE.element(tags::AFFECTED_SOP_CLASS_UID, "UI", super::bytes::CT_IMAGE),
            LE.element(tags::COMMAND_FIELD, "US", [1, 0]),
            LE.element(tags::MOVE_DESTINATION, "AE", c.text("MoveDestination")),
        ];
        let command = command.concat();
        let head = LE.element(Tag(0, 0), "UL", length(&command).to_le_bytes());
        part10(&meta(EXPLICIT), &[head, command, image(c).bytes()].concat())
    });
}

fn odd_values(list: &mut List) {
    for (name, tag, vr) in [
        ("series-date", tags::SERIES_DATE, "DA"),
        ("study-time", tags::STUDY_TIME, "TM"),
        ("acquisition-datetime", tags::ACQUISITION_DATE_TIME, "DT"),
        ("patient-age", tags::PATIENT_AGE, "AS"),
        ("patient-weight", tags::PATIENT_WEIGHT, "DS"),
        ("frame-of-reference", tags::FRAME_OF_REFERENCE_UID, "UI"),
        ("patient-sex", tags::PATIENT_SEX, "CS"),
    ] {
        list.image(format!("text-in-{name}"), Clean, |data_set, c| {
            let token = c.text("a text where another form has to stand");
            data_set.with(tag, vr, token)
        });
    }
    for (name, tag, vr) in [
        ("instance-number", tags::INSTANCE_NUMBER, "IS"),
        ("slice-thickness", tags::SLICE_THICKNESS, "DS"),
        ("sop-class", tags::SOP_CLASS_UID, "UI"),
        ("modality", tags::MODALITY, "CS"),
        ("image-type", tags::IMAGE_TYPE, "CS"),
        ("url", tags::RETRIEVE_URL, "UR"),
        ("pixel-url", Tag(0x0028, 0x7FE0), "UR"),
        ("entity", tags::UNIVERSAL_ENTITY_ID, "UT"),
        ("version", tags::SOFTWARE_VERSIONS, "LO"),
        ("pixel-spacing", tags::PIXEL_SPACING, "DS"),
    ] {
        list.owned(format!("id-in-{name}"), Either, |data_set, id| {
            data_set.with(tag, vr, id)
        });
    }
    list.image("date-with-dots-and-more", Clean, |data_set, c| {
        let value = "1943.02.17".to_owned() + &c.text("behind a date");
        data_set.with(tags::ACQUISITION_DATE, "DA", value)
    });
    list.image("integer-overflow", Clean, |data_set, _| {
        data_set.with(tags::INSTANCE_NUMBER, "IS", "9".repeat(20))
    });
    list.image("uid-of-130-characters", Clean, |data_set, c| {
        let value = c.uid("FrameOfReferenceUID") + &".1".repeat(60);
        data_set.with(tags::FRAME_OF_REFERENCE_UID, "UI", value)
    });
    list.image("no-ids", Clean, |data_set, _| {
        data_set
            .with(tags::PATIENT_ID, "LO", "")
            .with(tags::SOP_INSTANCE_UID, "UI", "")
    });
    list.image("no-uids-at-all", Either, |data_set, _| {
        data_set
            .without(tags::SOP_CLASS_UID)
            .without(tags::SOP_INSTANCE_UID)
            .without(tags::STUDY_INSTANCE_UID)
    });
    list.add("patient-id-of-65000-characters", Either, |c| {
        let token = c.direct("PatientID, often").repeat(5400);
        let data_set = image_in(Form::Implicit, c);
        data_set.with(tags::PATIENT_ID, "LO", token).file()
    });
    list.image("text-behind-nul", Clean, |data_set, c| {
        let value = "Thorax\0".to_owned() + &c.text("ProtocolName behind NUL");
        data_set.with(tags::PROTOCOL_NAME, "LO", value)
    });
    list.image("text-behind-nul-in-kept-code", Clean, |data_set, c| {
        let value = "M\0".to_owned() + &c.text("PatientSex behind NUL");
        data_set.with(tags::PATIENT_SEX, "CS", value)
    });
    list.image("control-characters", Clean, |data_set, c| {
        let token = c.direct("OtherPatientNames between controls");
        let value = format!("\x1b]0;{token}\x07\x1b[2J");
        data_set.with(tags::OTHER_PATIENT_NAMES, "PN", value)
    });
    list.image("30000-empty-values", Either, |data_set, _| {
        data_set.with(tags::IMAGE_TYPE, "CS", "\\".repeat(30_000))
    });
    list.image("20000-dates", Either, |data_set, _| {
        let dates = vec!["19970421"; 7000].join("\\");
        data_set.with(tags::DATE_OF_LAST_CALIBRATION, "DA", dates)
    });
}
